"""Errors of ``deep_speech.fsdd`` and ``trigger_word.alexa`` on their test sound, softer and softer.

Recordings are scaled and rounded to 16 bits, as a file holds them: below -50 dB little more than
silence is left of the softest speakers. ``not rounded`` is the same without: what levelling does.
Best-path decoding; the detector at its card's threshold, words at 10 dB over background. No peer.
Proof: tests/bench/test_loudness.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.data.audio.trigger_recordings import Sounds
from zoo.data.audio.trigger_streams import Bank, keyword_streams
from zoo.data.audio.utterances import FULL, Utterances
from zoo.datasets.alexa import alexa
from zoo.datasets.fsdd import RATE, fsdd
from zoo.engine.seed import generator
from zoo.loading import load
from zoo.metrics.trigger_word_events import Point, sweep
from zoo.metrics.wer import word_errors
from zoo.tasks.trigger_word import SNR
from zoo.tasks.trigger_word_evaluation import NEGATIVE

ROUNDS = 1  # the sounds are deterministic
HEAD = ("weights", "level, dB", "words", "wrong", "errors, %", "false alarms per hour")
LEVELS = (0, -10, -20, -30, -40, -50)  # dB of the test set's level
CHUNK = 8  # streams that are heard at once
Recognise = Callable[[list[Tensor]], list[str]]
Hear = Callable[[Tensor], list[Tensor]]  # streams (N, n) to the probabilities (T',) of each


@dataclass(frozen=True)
class Row:
    """One level, the number of words, of those wrong or missed, and false alarms per hour."""

    weights: str
    level: str
    words: int
    wrong: int
    alarms: float | None = None

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        alarms = "-" if self.alarms is None else f"{self.alarms:.2f}"
        rate = f"{100 * self.wrong / self.words:.2f}"
        return (self.weights, self.level, f"{self.words:,}", f"{self.wrong:,}", rate, alarms)


def run(rounds: int, *, hours: float = 0.5) -> Iterator[Row]:
    """Measure all rows.

    Args:
        rounds: not used: the sounds are deterministic.
        hours: of sound without the word, at each level.
    """
    recogniser = load("deep_speech.fsdd", device="cpu")
    yield from speech(
        fsdd().test, lambda waves: [one.text for one in recogniser([(w, RATE) for w in waves])]
    )
    detector = load("trigger_word.alexa", device="cpu")

    def hear(waves: Tensor) -> list[Tensor]:
        rate = detector.front_end.sample_rate  # type: ignore[attr-defined]
        return [one.probabilities for one in detector([(wave, rate) for wave in waves])]

    step, threshold = detector.step, detector.threshold  # type: ignore[attr-defined]
    yield from trigger_word(alexa().test, hear, step, threshold, hours)


def softer(wave: Tensor, decibels: float, *, rounded: bool = True) -> Tensor:
    """A wave (..., n) that is so many dB louder, as samples of 16 bits."""
    scaled = wave * 10 ** (decibels / 20)
    return (scaled * FULL).round() / FULL if rounded else scaled


def speech(part: Utterances, recognise: Recognise) -> Iterator[Row]:
    """The word errors of ``part`` at each level, then at the softest without rounding."""
    waves = [part.wave(i) for i in range(len(part))]
    for level in LEVELS:
        heard = recognise([softer(wave, level) for wave in waves])
        yield _row(f"{level}", part, heard)
    heard = recognise([softer(wave, LEVELS[-1], rounded=False) for wave in waves])
    yield _row(f"{LEVELS[-1]}, not rounded", part, heard)


def _row(level: str, part: Utterances, heard: list[str]) -> Row:
    errors = word_errors(part.texts, heard)
    return Row("deep_speech.fsdd", level, errors.length, errors.total)


def trigger_word(
    part: Sounds, hear: Hear, step: float, threshold: float, hours: float
) -> Iterator[Row]:
    """Misses and false alarms at each level."""
    bank = Bank(part)
    spoken = keyword_streams(bank, SNR, 1, generator("bench loudness", "spoken"))
    count, draw = round(hours * 3600 / NEGATIVE.seconds), generator("bench loudness", "negative")
    negative = bank.streams(NEGATIVE, count, draw).waves
    ends = [*spoken.ends, *([] for _ in negative)]

    def point(decibels: float, rounded: bool) -> Point:
        found = list[Tensor]()
        for streams in (spoken.waves, negative):
            for waves in streams.split(CHUNK):
                found += hear(softer(waves, decibels, rounded=rounded))
        return sweep(found, ends, step, thresholds=torch.tensor([threshold]))[0]

    for level in LEVELS:
        one = point(level, True)
        yield Row("trigger_word.alexa", f"{level}", one.words, one.missed, one.per_hour)
