"""Recordings of a word, of other words and of background, and how they are divided into splits.

No clip is in two splits. Words are divided into blocks of the order of their names, because
neighbours often come from one speaker; clips may be left out at the borders of the blocks. Other
words are divided alike, each kind of them (a folder) by itself. Background is divided by whole
files, or where there are fewer than three, each file is cut in three.
Proof: tests/data/audio/test_trigger_recordings.py.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from zoo.data.audio.endpoints import speech_ends
from zoo.data.audio.read import read
from zoo.data.examples import Digests, Examples, digest
from zoo.errors import BadFile

RATE = 16_000
SHARES = {"train": 0.65, "dev": 0.15, "test": 0.20}


class Clip(NamedTuple):
    """A recording; of words also where they are."""

    name: str
    wave: Tensor  # (n,) at RATE
    start: int  # first sample of the speech
    end: int  # one after its last


@dataclass(frozen=True, eq=False)
class Sounds:
    """One split: its length is the number of words."""

    words: tuple[Clip, ...]
    others: tuple[Clip, ...]
    background: tuple[Clip, ...]
    extra_others: tuple[Clip, ...] = ()  # other words of another data set, in training only

    def __len__(self) -> int:
        return len(self.words)

    def digests(self) -> list[Digests]:
        """Of the samples of each clip: words, other words, background."""
        clips = (*self.words, *self.others, *self.background, *self.extra_others)
        return [(digest((clip.wave * 32767).short().numpy().tobytes()),) for clip in clips]


def joined(parts: Sequence[Sounds]) -> Sounds:
    """All clips of some parts."""
    return Sounds(
        tuple(clip for part in parts for clip in part.words),
        tuple(clip for part in parts for clip in part.others),
        tuple(clip for part in parts for clip in part.background),
        tuple(clip for part in parts for clip in part.extra_others),
    )


@dataclass(frozen=True, eq=False)
class TriggerSplits:
    """Clips of a keyword ready for a task; ``test`` is looked at once, at the end."""

    name: str
    licence: str
    word: str
    train: Sounds
    dev: Sounds
    test: Sounds
    split: str = ""  # how it was divided, for the card
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def parts(self) -> dict[str, Sounds]:
        """Name to split; the length of one is its number of words."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The word, and how much there is besides it in each split."""
        parts = self.parts().items()
        seconds = {name: sum(len(c.wave) for c in part.background) / RATE for name, part in parts}
        return {
            "word": self.word,
            "others": {name: len(part.others) for name, part in parts},
            "background": {name: f"{length:.0f} s" for name, length in seconds.items()},
        }

    def digest(self) -> str:
        """A sha256 of what training depends on: train and dev."""
        sha = hashlib.sha256(self.word.encode())
        for part in (self.train, self.dev):
            for clip in (*part.words, *part.others, *part.background, *part.extra_others):
                sha.update(f"{clip.name} {clip.start} {clip.end} {len(clip.wave)}".encode())
                sha.update(clip.wave.numpy().tobytes())
        return sha.hexdigest()


def split_clips(
    name: str,
    licence: str,
    word: str,
    words: Sequence[Clip],
    others: Sequence[Clip],
    background: Sequence[Clip],
    border: int = 0,
    notices: tuple[str, ...] = (),
) -> TriggerSplits:
    """Train, dev and test of clips that come in the order of their names."""
    kinds: dict[str, list[Clip]] = {}
    for clip in others:
        kinds.setdefault(clip.name.rpartition("/")[0], []).append(clip)
    cut = split_ranges(len(words), border)
    backgrounds = split_background(background)
    parts = {}
    for part in SHARES:
        chosen = (kind[slice(*split_ranges(len(kind))[part])] for kind in kinds.values())
        parts[part] = Sounds(
            tuple(words[slice(*cut[part])]),
            tuple(clip for clips in chosen for clip in clips),
            tuple(backgrounds[part]),
        )
    made = TriggerSplits(name, licence, word, **parts, split="", notices=notices, only="")
    return replace(made, split=_description(parts))


def _description(parts: dict[str, Sounds]) -> str:
    """What a card says of the split."""
    words = "; ".join(
        f"{name}: {part.words[0].name} to {part.words[-1].name} ({len(part.words)} clips), "
        f"{len(part.others)} of other words, background "
        f"{', '.join(clip.name for clip in part.background)}"
        for name, part in parts.items()
        if part.words
    )
    return f"No clip is in two splits; words are divided in the order of their names. {words}."


def split_ranges(count: int, border: int = 0) -> dict[str, tuple[int, int]]:
    """First and one after the last of ``count`` clips for each split.

    >>> split_ranges(315, border=5)
    {'train': (0, 200), 'dev': (205, 247), 'test': (252, 315)}
    """
    dev, test = (max(round(count * SHARES[name]), 1) for name in ("dev", "test"))
    second = count - test
    first = second - dev
    return {
        "train": (0, max(first - border, 0)),
        "dev": (first, second - border),
        "test": (second, count),
    }


def split_background(background: Sequence[Clip]) -> dict[str, list[Clip]]:
    """Background files to splits: the longest first, each to the split that lacks most.

    Of one or two files each is cut in three instead, a part for each split.
    """
    dealt: dict[str, list[Clip]] = {name: [] for name in SHARES}
    if len(background) < len(SHARES):
        for clip in background:
            ends = [0, *(round(len(clip.wave) * share) for share in (0.6, 0.8)), len(clip.wave)]
            for number, name in enumerate(SHARES):
                wave = clip.wave[ends[number] : ends[number + 1]]
                dealt[name].append(Clip(f"{clip.name}, part {number + 1}", wave, 0, len(wave)))
        return dealt
    total = sum(len(clip.wave) for clip in background)
    lack = {name: share * total for name, share in SHARES.items()}
    for clip in sorted(background, key=lambda clip: (-len(clip.wave), clip.name)):
        empty = [name for name in SHARES if not dealt[name]]  # each gets one before any a second
        name = max(empty or SHARES, key=lambda part: lack[part])
        dealt[name].append(clip)
        lack[name] -= len(clip.wave)
    return dealt


def read_clip(name: str, source: Path | bytes) -> Clip:
    """A recording of a word, and where in it the speech is.

    Raises:
        BadFile: if it cannot be read, or has no samples.
    """
    wave = read_background(name, source).wave
    if not len(wave):
        raise BadFile(f"{name} has no samples; remove it")
    return Clip(name, wave, *speech_ends(wave, RATE))


def read_background(name: str, source: Path | bytes) -> Clip:
    """A recording of background, all of it."""
    wave = read(source, RATE)[0]
    return Clip(name, wave, 0, len(wave))
