"""Word errors on an unseen speaker: each speaker of FSDD in turn is left out of training.

Runs are stored in runs/RECIPE as by ``zoo train``, so an interrupted benchmark is resumed and a
finished run is only evaluated.
Proof: tests/bench/test_speakers.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import torch

from zoo.datasets.fsdd import SPEAKERS, fsdd
from zoo.recipes.common.recipe import Recipe, get_recipe

ROUNDS = 1  # runs are deterministic
HEAD = ("speaker left out", "words", "word errors, %", "character errors, %", "seen: dev, %")


@dataclass(frozen=True)
class Row:
    """Errors on all recordings of ``speaker``, who is not in the training set."""

    speaker: str
    words: int
    wer: float
    cer: float
    dev: float  # word errors on unseen recordings of the speakers in the training set

    def cells(self) -> list[str]:
        """Text for a table."""
        rates = (f"{rate:.2f}" for rate in (self.wer, self.cer, self.dev))
        return [self.speaker, f"{self.words:,}", *rates]


def run(rounds: int) -> Iterator[Row]:
    """One row for each speaker, and the mean.

    Args:
        rounds: not used: runs are deterministic.
    """
    rows = []
    for speaker in SPEAKERS:
        recipe = get_recipe(f"deep_speech.fsdd_without_{speaker}")
        rows.append(measure(speaker, recipe, Path("runs")))
        yield rows[-1]
    yield mean(rows)


def measure(speaker: str, recipe: Recipe, runs: Path) -> Row:
    """Train or resume, then evaluate on the held-out speaker."""
    result = recipe.run(runs / recipe.name, torch.device("cpu"), show=True)
    words = sum(len(text.split()) for text in fsdd(left_out=speaker).test.texts)
    return Row(speaker, words, result.test["wer"], result.test["cer"], result.dev["wer"])


def mean(rows: list[Row]) -> Row:
    """The mean over the speakers, who have equally many recordings."""
    rates = [
        fmean(rates) for rates in zip(*((row.wer, row.cer, row.dev) for row in rows), strict=True)
    ]
    return Row("mean", sum(row.words for row in rows), *rates)
