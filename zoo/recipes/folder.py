"""A recipe for pictures of your own: ``zoo train ARCH --data FOLDER``, ``zoo finetune WEIGHTS``."""

from functools import partial
from pathlib import Path
from typing import Any

import torch

from zoo import cards, registry
from zoo.data.folder import class_names, picture_folder
from zoo.data.front_end import PictureFrontEnd
from zoo.engine.rounds import Extras
from zoo.engine.schedule import one_cycle
from zoo.recipes.recipe import Claim, Recipe
from zoo.tasks.classify import Classify


def folder_recipe(arch: str, folder: Path, texts: dict[str, str]) -> Recipe:
    """Train ``arch`` from fresh weights on a folder with one folder of pictures per class.

    Args:
        texts: fields to change; ``in_chans=3`` reads colour, ``size`` sets height and width.
    """
    channels, height, width = registry.entry(arch).input_shape
    channels = int(texts["in_chans"]) if texts.get("in_chans", "").isdigit() else channels
    size = (int(texts["size"]),) * 2 if texts.get("size", "").isdigit() else (height, width)
    front_end = PictureFrontEnd(size, mean=(0.5,) * channels, std=(0.5,) * channels)
    return _recipe(arch, folder, front_end, {}).override(**texts)


def finetune_recipe(weights: str, folder: Path, texts: dict[str, str]) -> Recipe:
    """Go on from shipped weights, with a new head for the folder's classes."""
    card = cards.card(weights)
    front_end = PictureFrontEnd.from_card(card.front_end)
    fresh = _recipe(card.arch, folder, front_end, dict(card.arguments), start=weights, lr=0.001)
    return fresh.override(**texts)


def _recipe(
    arch: str, folder: Path, front_end: PictureFrontEnd, arguments: dict[str, Any], **others: Any
) -> Recipe:
    tag = "".join(c if c.isalnum() else "-" for c in folder.resolve().name) or "own"
    settings: dict[str, Any] = {"lr": 0.002, **others}
    return Recipe(
        name=f"{arch}.{tag}",
        arch=arch,
        arguments={**arguments, "num_classes": len(class_names(folder))},
        data=partial(picture_folder, folder, front_end),
        task=Classify,
        optimizer=partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01),
        schedule=one_cycle(rise=0.2),
        batch_size=32,
        steps=600,
        seeds=1,
        extras=Extras(evaluate_every=60, log_every=20),
        claim=Claim("error", paper=None, within=0.0, source="your own data"),
        **settings,
    )
