"""A recipe for pictures of your own: ``zoo train ARCH --data FOLDER``, ``zoo finetune WEIGHTS``."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from zoo import cards, registry
from zoo.data.folder import class_names, picture_folder
from zoo.data.front_end import PictureFrontEnd
from zoo.engine.rounds import Extras
from zoo.engine.schedule import one_cycle
from zoo.recipes.override import convert
from zoo.recipes.recipe import Claim, Recipe
from zoo.tasks.classify import Classify


def folder_recipe(arch: str, folder: Path, texts: dict[str, str]) -> Recipe:
    """Train ``arch`` from fresh weights on a folder with one folder of pictures per class.

    Args:
        texts: fields to change; ``in_chans=3`` reads colour, ``size`` sets height and width.
    """
    channels, height, width = registry.entry(arch).input_shape
    front_end = PictureFrontEnd((height, width), mean=(0.5,) * channels, std=(0.5,) * channels)
    return _recipe(arch, folder, _adapted(front_end, texts), {}).override(**texts)


def finetune_recipe(weights: str, folder: Path, texts: dict[str, str]) -> Recipe:
    """Go on from shipped weights, with a new head for the folder's classes.

    Args:
        texts: fields to change; ``in_chans=3`` reads colour and adapts the first layer.
    """
    card = cards.card(weights)
    channels = {k: v for k, v in texts.items() if k == "in_chans"}
    front_end = _adapted(PictureFrontEnd.from_card(card.front_end), channels)
    fresh = _recipe(card.arch, folder, front_end, dict(card.arguments), start=weights, lr=0.001)
    return fresh.override(**texts)


def _adapted(front_end: PictureFrontEnd, texts: dict[str, str]) -> PictureFrontEnd:
    """The front end for other channels (levels averaged over the old ones) or another size."""
    if "in_chans" in texts:
        channels = convert("in_chans", texts["in_chans"], int)
        mean, std = (sum(v) / len(v) for v in (front_end.mean, front_end.std))
        front_end = replace(front_end, mean=(mean,) * channels, std=(std,) * channels)
    if "size" in texts:
        size = convert("size", texts["size"], int)
        front_end = replace(front_end, size=(size, size))
    return front_end


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
        extras=Extras(channels_last="auto", evaluate_every=60, log_every=20),
        claim=Claim("error", paper=None, within=0.0, source="your own data"),
        **settings,
    )
