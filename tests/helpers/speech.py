"""Speech that tests make: words that are chords, spoken by voices of their own pitch."""

import json

import torch

from zoo.data.audio.read import write

RATE = 8000
PITCHES = {"ab": (500, 900), "ba": (900, 500), "cd": (1500, 2500)}


def say(text, voice=1.0, seed=0, rate=RATE):
    """A wave (n,): a tone of 0.1 s for each letter of each word, silence between."""
    draw = torch.Generator().manual_seed(seed)
    t = torch.arange(rate // 10) / rate
    parts = []
    for word in text.split():
        parts.append(torch.zeros(rate // 20))
        parts += [0.3 * torch.sin(2 * torch.pi * pitch * voice * t) for pitch in PITCHES[word]]
    wave = torch.cat([*parts, torch.zeros(rate // 20)])
    return wave + 0.001 * torch.randn(len(wave), generator=draw)


def texts(count, seed=0):
    """Texts of one to three words."""
    draw = torch.Generator().manual_seed(seed)
    words, found = list(PITCHES), []
    for _ in range(count):
        size = int(torch.randint(1, 4, (1,), generator=draw))
        found.append(
            " ".join(words[int(torch.randint(3, (1,), generator=draw))] for _ in range(size))
        )
    return found


def manifest(folder, name="all.jsonl", count=12, speakers=3, seed=0, rate=RATE):
    """Recordings and their manifest; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for n, text in enumerate(texts(count, seed)):
        file = f"{name.partition('.')[0]}_{n}.wav"
        wave = say(text, 1 + 0.02 * (n % max(speakers, 1)), n, rate)
        write(folder / file, wave, rate)
        record = {"audio_filepath": file, "duration": len(wave) / rate, "text": text}
        lines.append({**record, "speaker": f"s{n % speakers}"} if speakers else record)
    (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder / name
