"""Word errors of ``deep_speech.fsdd`` with silence and noise around and over its test strings.

The test strings as they are, with silence before and after, and with pink noise at several
signal-to-noise ratios; then noise alone, where every word is an insertion. The shipped weights,
best path; there is no peer.
Proof: tests/bench/test_noise.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.data.audio.augment import coloured, mix
from zoo.data.audio.utterances import Utterances
from zoo.datasets.fsdd import RATE, fsdd
from zoo.engine.seed import generator
from zoo.metrics.wer import word_errors
from zoo.predict import load

ROUNDS = 1  # the sounds are the same each time
HEAD = ("input", "words", "words wrong", "word errors, %")
AROUND = 0.5  # seconds before and after
SNRS = (20, 15, 10, 5, 0)  # dB
SLOPES, LEVELS, SECONDS = (0.0, 1.0, 2.0), range(-70, 0, 10), 2  # noise alone; dB of full scale
Recognise = Callable[[list[Tensor]], list[str]]


@dataclass(frozen=True)
class Row:
    """Some sounds, the number of words in them, and the number of word errors."""

    what: str
    words: int
    wrong: int

    def cells(self) -> tuple[str, ...]:
        """Text for a table; without words there is no rate."""
        rate = f"{100 * self.wrong / self.words:.2f}" if self.words else "-"
        return (self.what, f"{self.words:,}", f"{self.wrong:,}", rate)


def run(rounds: int) -> Iterator[Row]:
    """All rows.

    Args:
        rounds: not used: the sounds are the same each time.
    """
    recogniser = load("deep_speech.fsdd", device="cpu")
    return rows(fsdd().test, lambda waves: [answer.text for answer in recogniser(waves)])


def rows(part: Utterances, recognise: Recognise) -> Iterator[Row]:
    """The strings of ``part`` under harder and harder conditions, then noise without speech."""
    cut = [part.wave(i) for i in range(len(part))]
    wide = [torch.nn.functional.pad(wave, [round(AROUND * RATE)] * 2) for wave in cut]
    yield _row("as in the test set", recognise(cut), part.texts)
    yield _row(f"{AROUND} s of silence around", recognise(wide), part.texts)
    for snr in SNRS:
        draw = generator("bench noise", snr)
        noisy = [mix(wave, coloured(wave.shape, 1.0, draw), snr) for wave in wide]
        yield _row(f"the same, pink noise at {snr} dB", recognise(noisy), part.texts)
    draw = generator("bench noise", "alone")
    alone = [
        coloured((SECONDS * RATE,), slope, draw) * 10 ** (level / 20)
        for slope in SLOPES
        for level in LEVELS
    ]
    yield _row(
        f"{SECONDS} s of noise alone, {len(alone)} times", recognise(alone), [""] * len(alone)
    )


def _row(what: str, hypotheses: list[str], texts: tuple[str, ...] | list[str]) -> Row:
    errors = word_errors(texts, hypotheses)
    return Row(what, errors.length, errors.total)
