"""``zoo reproduce``: every seed of a recipe, then the card and the pictures that go with it."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from zoo.cards import Card
from zoo.recipes.recipe import Recipe
from zoo.reproduce.card import write_card
from zoo.reproduce.train import Result, train
from zoo.viz.curves import learning_curve
from zoo.viz.mistakes import mistakes_sheet, save_picture


def reproduce(
    recipe: Recipe,
    seeds: list[int],
    folder: Path,
    device: torch.device,
    *,
    show: bool = True,
    anyway: bool = False,
) -> Card:
    """Train ``recipe`` with each seed and write what came of it.

    ``folder`` gets a folder per seed (log, checkpoints), NAME.json and NAME.safetensors,
    curve.png (dev scores), mistakes.png and example.png (of the test set).
    """
    results: list[Result] = []
    for seed in seeds:
        if show:
            print(f"{recipe.name}: seed {seed}, {recipe.steps} steps", file=sys.stderr)
        place = folder / f"seed-{seed}"
        run = train(replace(recipe, seed=seed), place, device, show=show, anyway=anyway)
        results.append(run)
    card = write_card(recipe, seeds, results, folder)
    metric = recipe.claim.metric
    curves = {f"seed {seed}": r.rows for seed, r in zip(seeds, results, strict=True)}
    learning_curve(curves, folder / "curve.png", metric=metric, paper=recipe.claim.paper)
    task: Any = results[0].task
    mistakes_sheet(task.mistakes("test"), folder / "mistakes.png", title=recipe.name)
    save_picture(task.data.test.pixels[0].cpu(), folder / "example.png")
    return card
