"""``zoo reproduce``: every seed of a recipe, then the card and the pictures that go with it."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from zoo.cards import Card
from zoo.recipes.recipe import FitRecipe
from zoo.reproduce.card import write_card
from zoo.reproduce.result import Result
from zoo.reproduce.train import train
from zoo.viz.curves import learning_curve


def reproduce(
    recipe: FitRecipe,
    seeds: list[int],
    folder: Path,
    device: torch.device,
    *,
    show: bool = True,
    anyway: bool = False,
) -> tuple[Card, str]:
    """Train ``recipe`` with each seed and write what came of it.

    ``folder`` gets a folder per seed (log, checkpoints), NAME.json and NAME.safetensors,
    curve.png (dev scores), and what the task has to show of the test set.

    Returns:
        The card, and an input to try the weights with.
    """
    results: list[Result] = []
    for seed in seeds:
        if show:
            print(f"{recipe.name}: seed {seed}, {recipe.steps} steps", file=sys.stderr)
        place = folder / f"seed-{seed}"
        run = train(replace(recipe, seed=seed), place, device, show=show, anyway=anyway)
        results.append(run)
    card = write_card(recipe, seeds, results, folder)
    curves = {f"seed {seed}": r.rows for seed, r in zip(seeds, results, strict=True)}
    learning_curve(curves, folder / "curve.png", of=card)
    task: Any = results[0].task
    task.report(folder, recipe.name)
    return card, task.example(folder)
