"""Word errors of ``deep_speech.fsdd`` with silence around and noise over the test recordings.

The test recordings unchanged, with silence before and after, and with pink noise at several
signal-to-noise ratios; then noise alone, where every word is an insertion. The shipped weights
with best-path decoding; there is no peer.
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
from zoo.loading import load
from zoo.metrics.wer import word_errors

ROUNDS = 1  # the sounds are deterministic
HEAD = ("input", "words", "words wrong", "word errors, %")
AROUND = 0.5  # seconds before and after
SNRS = (20, 15, 10, 5, 0)  # dB
SLOPES, LEVELS, SECONDS = (0.0, 1.0, 2.0), range(-70, 0, 10), 2  # noise alone; levels in dBFS
Recognise = Callable[[list[Tensor]], list[str]]


@dataclass(frozen=True)
class Row:
    """A kind of sound, the number of words in it, and the number of word errors."""

    what: str
    words: int
    wrong: int

    def cells(self) -> tuple[str, ...]:
        """Text for a table; without words the rate is undefined."""
        rate = f"{100 * self.wrong / self.words:.2f}" if self.words else "-"
        return (self.what, f"{self.words:,}", f"{self.wrong:,}", rate)


def run(rounds: int) -> Iterator[Row]:
    """Measure all rows.

    Args:
        rounds: not used: the sounds are deterministic.
    """
    recogniser = load("deep_speech.fsdd", device="cpu")
    return rows(fsdd().test, lambda waves: [x.text for x in recogniser([(w, RATE) for w in waves])])


def rows(part: Utterances, recognise: Recognise) -> Iterator[Row]:
    """The utterances of ``part`` under increasingly hard conditions, then noise without speech."""
    waves = [part.wave(i) for i in range(len(part))]
    padded = [torch.nn.functional.pad(wave, [round(AROUND * RATE)] * 2) for wave in waves]
    yield _row("as in the test set", recognise(waves), part.texts)
    yield _row(f"{AROUND} s of silence around", recognise(padded), part.texts)
    for snr in SNRS:
        draw = generator("bench noise", snr)
        noisy = [mix(wave, coloured(wave.shape, 1.0, draw), snr) for wave in padded]
        yield _row(f"the same, pink noise at {snr} dB", recognise(noisy), part.texts)
    draw = generator("bench noise", "alone")
    noise = [
        coloured((SECONDS * RATE,), slope, draw) * 10 ** (level / 20)
        for slope in SLOPES
        for level in LEVELS
    ]
    yield _row(
        f"{SECONDS} s of noise alone, {len(noise)} times", recognise(noise), [""] * len(noise)
    )


def _row(what: str, hypotheses: list[str], texts: tuple[str, ...] | list[str]) -> Row:
    errors = word_errors(texts, hypotheses)
    return Row(what, errors.length, errors.total)
