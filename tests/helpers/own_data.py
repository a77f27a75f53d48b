"""A user's data of every task, made in a moment, and the fields of short runs."""

import random
from pathlib import Path

from PIL import Image

from tests.data.audio.test_trigger_recordings import sound
from tests.data.own.test_trigger_word import own_folder
from tests.helpers.speech import manifest
from tests.helpers.tagging import sentences as tagged
from zoo.data.audio.read import write

TRIGGER = ["batch_size=2", "seconds=1.5", "negative_hours=0.017", "repeats=1"]
SMALL = {  # a task -> an architecture, and the fields with which it is trained in a moment
    "classification": ("mlp", ["steps=2", "image_size=8", "hidden_sizes=8"]),
    "text_classification": ("sentiment", ["steps=2"]),
    "tagging": ("tagger", ["steps=2"]),
    "language_model": ("lstm", ["steps=2", "hidden_size=8", "embedding_dim=8"]),
    "speech_recognition": (
        "deep_speech",
        ["steps=2", "channels=2", "hidden_size=8", "num_layers=1"],
    ),
    "trigger_word": (
        "trigger_word",
        ["steps=2", *TRIGGER, "channels=8", "hidden_size=8"],
    ),
    "word_vectors": ("word2vec", ["epochs=2", "embedding_dim=4", "min_count=1", "sample=1"]),
}
TUNED = {  # a task whose weights are fine-tuned -> fields
    "classification": ["steps=3"],
    "text_classification": ["steps=3"],
    "tagging": ["steps=3"],
    "language_model": ["steps=3"],
    "speech_recognition": ["steps=3"],
    "trigger_word": ["steps=3", *TRIGGER],
}
TEXT = "the a king queen ship sails rules sees land sea old small under over"


def pictures(folder: Path, counts: dict[str, int], *, seed: int = 0) -> Path:
    """Pictures of noise, none like another, ``counts`` of each class."""
    draw = random.Random(f"{seed} {sorted(counts)}")
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for n in range(count):
            noise = Image.frombytes("L", (8, 8), draw.randbytes(64))
            noise.save(folder / name / f"{n:03}.png")
    return folder


def opinions(count: int, *, seed: int = 0) -> list[tuple[str, str]]:
    """Different sentences and their labels; the first word of some is a dash."""
    draw = random.Random(seed)
    words = {"good": "fine lovely warm bright", "bad": "dull cold empty grey"}
    made: dict[str, str] = {}
    while len(made) < count:
        label = draw.choice(("good", "bad"))
        chosen = [draw.choice(words[label].split()) for _ in range(draw.randint(4, 7))]
        made["-- " * (len(made) % 2) + " ".join(chosen)] = label
    return list(made.items())


def table(path: Path, rows: list[tuple[str, ...]], header: str = "text,label") -> Path:
    """A CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")
    return path


def conll(path: Path, count: int, seed: int = 0) -> Path:
    """A CoNLL file of so many sentences."""
    made = tagged(count, seed)
    lines = ["\n".join(map("\t".join, zip(*item, strict=True))) for item in made]
    path.write_text("\n\n".join(lines) + "\n")
    return path


def prose(count: int = 60, seed: int = 0) -> str:
    """Lines of words, none like another."""
    draw = random.Random(seed)
    words = TEXT.split()
    return "".join(f"{' '.join(draw.choices(words, k=9))}\n" for _ in range(count))


def made(task: str, folder: Path) -> Path:
    """Data of ``task`` in ``folder``: the path for ``--data``."""
    folder.mkdir(parents=True, exist_ok=True)
    if task == "classification":
        return pictures(folder / "my cells", {"red": 20, "blue": 20})
    if task == "text_classification":
        return table(folder / "my films.csv", [tuple(row) for row in opinions(40)])
    if task == "tagging":
        return conll(folder / "my names.conll", 40)
    if task == "speech_recognition":
        return manifest(folder / "my clips", count=20)
    if task == "trigger_word":
        place = own_folder(folder / "my word")
        for n, file in enumerate(sorted((place / "other").iterdir())):
            write(file, sound("", 0.5, 0.03 * n + 0.05).wave, 16_000)  # no two clips are alike
        return place
    text = folder / "my text.txt"
    text.write_text(prose())
    return text
