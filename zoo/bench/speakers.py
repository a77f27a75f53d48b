"""Spoken digits of a voice that was not heard: each speaker in turn is left out of training.

A run is kept in runs/RECIPE as ``zoo train`` keeps it, so that the table goes on where it was
stopped, and a speaker who is done is only measured again.
Proof: tests/bench/test_speakers.py.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from zoo.datasets.fsdd import SPEAKERS
from zoo.recipes.recipe import FitRecipe, get_recipe
from zoo.reproduce.train import train

HEAD = ("speaker left out", "words", "word errors, %", "character errors, %", "heard: dev, %")


@dataclass(frozen=True)
class Row:
    """What a network that never heard ``speaker`` makes of all that they said."""

    speaker: str
    words: int
    wer: float
    cer: float
    dev: float  # word errors on recordings that were not heard of speakers that were

    def cells(self) -> list[str]:
        """The row as text."""
        rates = (f"{rate:.2f}" for rate in (self.wer, self.cer, self.dev))
        return [f"`{self.speaker}`", f"{self.words:,}", *rates]


def run(rounds: int) -> list[Row]:
    """One row a speaker, in their order, and the mean.

    Args:
        rounds: not used: a run is its own repetition.
    """
    rows = [
        measure(who, get_recipe(f"deep_speech.fsdd_without_{who}"), Path("runs"))
        for who in SPEAKERS
    ]
    return [*rows, mean(rows)]


def measure(speaker: str, recipe: FitRecipe, runs: Path) -> Row:
    """Train, or go on, then test."""
    result = train(recipe, runs / recipe.name, torch.device("cpu"), show=True)
    test, words = result.test, sum(len(t.split()) for t in result.task.data.test.texts)  # type: ignore
    return Row(speaker, words, test["wer"], test["cer"], result.dev["wer"])


def mean(rows: list[Row]) -> Row:
    """Over the speakers, each of whom said as much."""
    n = len(rows)
    sums = (sum(getattr(row, name) for row in rows) / n for name in ("wer", "cer", "dev"))
    return Row("mean", sum(row.words for row in rows), *sums)
