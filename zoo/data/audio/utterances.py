"""Recorded speech with its text, in memory; short recordings can be concatenated.

Sound is kept as 16-bit integers: an hour at 16 kHz is 115 MB. Proof:
tests/data/audio/test_utterances.py.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from zoo.data.audio.log_mel import LogMel
from zoo.data.examples import Digests, Examples, digest
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.seed import generator
from zoo.errors import BadInput

BLANK = "<blank>"  # label 0 of CTC
SPACE = " "
FULL = 32768.0  # the integer that stands for 1.0


@dataclass(frozen=True, eq=False)
class Utterances:
    """N recordings.

    Attributes:
        samples: (S,) int16, of all of them, one after another.
        offsets: (N + 1,) int64: utterance i is ``samples[offsets[i] : offsets[i + 1]]``.
        texts: what is said, N of them.
        speakers: who says it, N names.
        rate: in Hz.
        classes: the labels of CTC: the blank, then characters.
        names: of the files, for messages; () if they have none.
    """

    samples: Tensor
    offsets: Tensor
    texts: tuple[str, ...]
    speakers: tuple[str, ...]
    rate: int
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.texts)
        if self.offsets.shape != (count + 1,) or len(self.speakers) != count:
            got = f"{len(self.offsets)} offsets, {len(self.speakers)} speakers"
            raise ValueError(f"{count} texts but {got}")

    @classmethod
    def from_waves(
        cls, waves: Sequence[Tensor], texts: Sequence[str], speakers: Sequence[str], rate: int
    ) -> "Utterances":
        """Of waves (n,) in [-1, 1]; what is louder is clipped."""
        kept = [(w * FULL).round().clamp(-FULL, FULL - 1).to(torch.int16) for w in waves]
        offsets = torch.tensor([0, *(len(w) for w in kept)]).cumsum(0)
        samples = torch.cat(kept) if kept else torch.zeros(0, dtype=torch.int16)
        return cls(samples, offsets, tuple(texts), tuple(speakers), rate)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def lengths(self) -> Tensor:
        """Samples of each (N,)."""
        return self.offsets.diff()

    @property
    def seconds(self) -> float:
        """Of all of them together."""
        return len(self.samples) / self.rate

    def wave(self, index: int) -> Tensor:
        """One utterance, (n,) in [-1, 1]."""
        return self.samples[int(self.offsets[index]) : int(self.offsets[index + 1])] / FULL

    def digests(self) -> list[Digests]:
        """Of the samples of each."""
        ends = self.offsets.tolist()
        samples = self.samples.numpy()
        return [(digest(samples[a:b].tobytes()),) for a, b in pairwise(ends)]

    def pick(self, index: Sequence[int]) -> "Utterances":
        """The chosen ones, in that order."""
        parts = [self.samples[self.offsets[i] : self.offsets[i + 1]] for i in index]
        lengths = torch.tensor([0, *(len(part) for part in parts)])
        return replace(
            self,
            samples=torch.cat(parts) if parts else self.samples[:0],
            offsets=lengths.cumsum(0),
            texts=tuple(self.texts[i] for i in index),
            speakers=tuple(self.speakers[i] for i in index),
            names=tuple(self.names[i] for i in index) if self.names else (),
        )

    def name(self, index: int) -> str:
        """The file's name, or the number and the text."""
        return self.names[index] if self.names else f"utterance {index} ({self.texts[index]!r})"

    def concatenated(
        self,
        runs: Sequence[Sequence[int]],
        pause: float,
        draws: torch.Generator,
        pad_silence: float = 0.0,
    ) -> "Utterances":
        """Each run of utterances as one; an empty run is silence, and its text is "".

        Args:
            pause: seconds of silence at most between the recordings of a run.
            pad_silence: the same before the first and after the last; none in a third of the cases.
        """
        waves = []
        for run in runs:
            parts = []
            pauses = torch.rand(len(run), generator=draws) * pause
            for i, zeros in zip(run, self._silences(pauses), strict=True):
                parts += [self.wave(i), zeros]
            ends = torch.rand(2, generator=draws) * 1.5 - 0.5 if pad_silence else torch.zeros(2)
            before, after = self._silences(ends.clamp(min=0) * pad_silence)
            waves.append(torch.cat([before, *parts[:-1], after]))
        texts = [SPACE.join(self.texts[i] for i in run) for run in runs]
        speakers = [self.speakers[run[0]] if run else "" for run in runs]
        return replace(
            Utterances.from_waves(waves, texts, speakers, self.rate), classes=self.classes
        )

    def _silences(self, seconds: Tensor) -> list[Tensor]:
        return [torch.zeros(n) for n in (seconds * self.rate).long().tolist()]


def joined(parts: Sequence[Utterances]) -> Utterances:
    """Recordings of the same rate, one set after the other."""
    lengths = torch.cat([part.lengths for part in parts])
    return replace(
        parts[0],
        samples=torch.cat([part.samples for part in parts]),
        offsets=torch.cat([lengths.new_zeros(1), lengths.cumsum(0)]),
        texts=tuple(text for part in parts for text in part.texts),
        speakers=tuple(name for part in parts for name in part.speakers),
        names=tuple(name for part in parts for name in part.names),
    )


def runs_by_speaker(speakers: Sequence[str], longest: int, *address: int | str) -> list[list[int]]:
    """All utterances in random runs of 1 to ``longest``, each of one speaker.

    Args:
        address: of the random draw, such as (seed, epoch).

    >>> sorted(sum(runs_by_speaker(["a", "b", "a", "a"], 2, 0), []))
    [0, 1, 2, 3]
    """
    draws, runs = generator(*address, "runs"), []
    for speaker in sorted(set(speakers)):
        index = torch.tensor([i for i, name in enumerate(speakers) if name == speaker])
        index = index[torch.randperm(len(index), generator=draws)]
        at = 0
        while at < len(index):
            size = int(torch.randint(1, longest + 1, (1,), generator=draws))
            runs.append(index[at : at + size].tolist())
            at += size
    return runs


@dataclass(frozen=True, eq=False)
class UtteranceSplits:
    """Speech ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Utterances
    dev: Utterances
    test: Utterances
    front_end: LogMel
    vocabulary: Vocabulary  # the blank, then characters
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def parts(self) -> dict[str, Utterances]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """Rate, seconds of each part, speakers and characters."""
        seconds = {name: round(part.seconds, 1) for name, part in self.parts().items()}
        return {
            "rate": self.train.rate,
            "seconds": seconds,
            "speakers": sorted({*self.train.speakers, *self.dev.speakers, *self.test.speakers}),
            "characters": "".join(self.vocabulary.words[1:]),
        }

    def digest(self) -> str:
        """A sha256 of what training depends on: sound and texts of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            sha.update(part.samples.numpy().tobytes())
            sha.update(repr((part.offsets.tolist(), part.texts, part.speakers)).encode())
        return sha.hexdigest()


def normalised_text(text: str) -> str:
    """A text as it is learned and compared: lower case, single spaces, Unicode NFC.

    >>> normalised_text("  Seven  NINE ")
    'seven nine'
    """
    return SPACE.join(unicodedata.normalize("NFC", text).lower().split())


def character_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The labels of CTC for some texts: the blank, then their characters in order.

    >>> character_vocabulary(["two", "one"]).words
    ('<blank>', ' ', 'e', 'n', 'o', 't', 'w')

    Raises:
        BadInput: if the texts hold no character.
    """
    letters = {c for text in texts for c in normalised_text(text)}
    if not letters:
        raise BadInput("the texts of the utterances hold no character; what is said in them?")
    return Vocabulary([BLANK, *sorted(letters | {SPACE})])


def utterance_splits(
    name: str,
    licence: str,
    parts: dict[str, Utterances],
    front_end: LogMel,
    vocabulary: Vocabulary | None = None,
    notices: tuple[str, ...] = (),
) -> UtteranceSplits:
    """Splits whose features are normalised by mean and standard deviation of the training part.

    Args:
        parts: train, dev and test.
        front_end: its ``mean`` and ``std`` are set here, unless there is a ``vocabulary``: then
            both are those of the weights to continue from.
    """
    if vocabulary is None:
        vocabulary = character_vocabulary(parts["train"].texts)
        front_end = normalised(parts["train"], front_end)
    labelled = {k: replace(part, classes=vocabulary.words) for k, part in parts.items()}
    return UtteranceSplits(
        name,
        licence,
        **labelled,
        front_end=front_end,
        vocabulary=vocabulary,
        notices=notices,
        only="",
    )


def normalised(part: Utterances, front_end: LogMel) -> LogMel:
    """``front_end`` with the mean and the standard deviation of the values of ``part``.

    One number each for all bands: the normalisation is fixed, so that a part of a wave has the
    features that it has in the wave.
    """
    plain = replace(front_end, mean=0.0, std=1.0)
    count, total, squares = 0, 0.0, 0.0
    for i in range(len(part)):
        values = plain(part.wave(i)).double()
        count += values.numel()
        total += float(values.sum())
        squares += float(values.square().sum())
    if count == 0:
        raise BadInput("no utterance is as long as one window of the features")
    mean = total / count
    std = max(squares / count - mean**2, 1e-12) ** 0.5
    return replace(front_end, mean=round(mean, 6), std=round(std, 6))
