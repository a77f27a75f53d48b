"""Strings of spoken digits: the Free Spoken Digit Dataset, 3,000 recordings of six people at 8 kHz.

github.com/Jakobovski/free-spoken-digit-dataset, doi:10.5281/zenodo.1342401. A file is named
DIGIT_SPEAKER_INDEX.wav, one word each. The usual split tests on the indices 0 to 4; dev is 5 to 7
here. Recordings of one person are spoken one after another, with short silences, as strings of one
to five digits: what is recognised is "seven nine one", without being told where a digit begins.
Dev and test strings are fixed, and use each recording ROUNDS times; training draws new ones.
With ``left_out`` a person is heard in neither train nor dev, and is all of the test set.
Proof: tests/datasets/test_fsdd.py.
"""

import zipfile
from pathlib import Path

from torch import Tensor

from zoo import reading
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import read
from zoo.data.audio.utterances import Utterances, UtteranceSplits, runs_by_speaker, utterance_splits
from zoo.data.root import data_folder
from zoo.engine.seed import generator
from zoo.errors import BadFile, Missing, unknown

ADDRESS = "https://github.com/Jakobovski/free-spoken-digit-dataset"
LICENCE = "CC BY-SA 4.0"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
TEST, DEV = range(5), range(5, 8)  # the indices
RATE = 8000
EACH = 50  # recordings of a word by a speaker
LONGEST, PAUSE, ROUNDS = 5, 0.3, 4  # digits in a string, seconds between them, uses of a recording
FRONT_END = LogMel(  # 25 ms, 10 ms
    RATE, win_length=200, hop_length=80, n_fft=256, f_min=60.0, levelling="utterance"
)


def fsdd(left_out: str | None = None) -> UtteranceSplits:
    """2,520 recordings to train on; dev and test strings of 720 and 1,200 words.

    Args:
        left_out: a speaker to test on, of whom nothing else is heard.

    Raises:
        Missing: if the archive is not in the data folder; the message says where to get it.
        BadFile: if it is damaged.
        UnknownName: for a speaker that is none of the six.
    """
    if left_out is not None and left_out not in SPEAKERS:
        raise unknown("speaker", left_out, SPEAKERS)
    clips, indices = recordings(data_folder() / "fsdd")
    numbered = list(enumerate(zip(indices, clips.speakers, strict=True)))
    if left_out:
        test = [i for i, (_, speaker) in numbered if speaker == left_out]
    else:
        test = [i for i, (index, _) in numbered if index in TEST]
    known = [i for i, (_, speaker) in numbered if speaker != left_out]
    dev = [i for i in known if indices[i] in DEV]
    train = [i for i in known if indices[i] not in TEST and indices[i] not in DEV]
    parts = {
        "train": clips.pick(train),
        "dev": strings(clips.pick(dev), ROUNDS),
        "test": strings(clips.pick(test), 1 if left_out else ROUNDS),
    }
    name = f"spoken digits without {left_out}" if left_out else "strings of spoken digits"
    return utterance_splits(f"FSDD, {name}", LICENCE, parts, FRONT_END)


def strings(clips: Utterances, rounds: int) -> Utterances:
    """Fixed strings of one speaker each that use every recording ``rounds`` times."""
    runs = [run for r in range(rounds) for run in runs_by_speaker(clips.speakers, LONGEST, 0, r)]
    return clips.concatenated(runs, PAUSE, generator(0, "pauses"))


def recordings(folder: Path) -> tuple[Utterances, list[int]]:
    """All recordings with the word that each says, and their indices."""
    path = folder / "recordings.zip"
    if not path.is_file():
        raise Missing(
            f"no recordings.zip in {folder}: get {ADDRESS}, zip its folder recordings, put it there"
        )
    clips, indices = unpack(path)  # everybody zips differently: what counts is what is inside
    if len(clips) != EACH * len(WORDS) * len(SPEAKERS):
        expected = EACH * len(WORDS) * len(SPEAKERS)
        raise BadFile(f"{path} holds {len(clips)} recordings, expected {expected}; fetch it again")
    return clips, indices


def unpack(path: Path) -> tuple[Utterances, list[int]]:
    """The recordings in an archive, in the order of their names."""
    waves, texts, speakers, indices = [], [], [], []
    try:
        with reading.zip_archive(path, "a data set", reading.DATA) as packed:
            wanted = (n for n in packed.namelist() if n.endswith(".wav"))
            names = sorted(n for n in wanted if not Path(n).name.startswith("."))  # macOS's own
            for name in names:
                digit, speaker, index = Path(name).stem.split("_")
                waves.append(_samples(packed.read(name), name))
                texts.append(WORDS[int(digit)])
                speakers.append(speaker)
                indices.append(int(index))
    except BadFile:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, IndexError) as error:
        raise BadFile(f"{path} is damaged: {error}; fetch it again") from error
    if not waves:
        raise BadFile(f"{path} holds no .wav file; expected recordings/7_theo_0.wav and others")
    return Utterances.from_waves(waves, texts, speakers, RATE), indices


def _samples(data: bytes, name: str) -> Tensor:
    try:
        samples, rate = read(data)
    except BadFile as error:
        raise ValueError(f"{name}: {error}") from error
    if rate != RATE:
        raise ValueError(f"{name} has {rate} Hz, not {RATE}")
    return samples
