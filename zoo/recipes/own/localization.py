"""A recipe for the user's images with one object at most: ``zoo train localizer --data PATH``.

``PATH`` is what a detector takes, with one box at most in each image, or a CSV
(zoo/data/own/located/table.py); of landmarks a CSV. The defaults need no tuning: the number of
steps follows from the number of images, the run stops when the score on dev no longer improves, and
the best weights on dev are kept. Notes: course 4, week 3, "Object localization" and "Landmark
detection".
Proof: tests/recipes/own/test_localization.py.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from zoo import cards, registry
from zoo.data.image.augment_colour import colour
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_augment import (
    LocatedAugment,
    in_turn,
    mirrored,
    of_pixels,
    shifted_and_scaled,
)
from zoo.data.image.located_images import LocatedImages, LocatedSplits
from zoo.data.own import LICENCE
from zoo.data.own.localization import list_data, to_measure
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.metrics.localization import MEASURES
from zoo.options import convert
from zoo.pretrained.create import from_card
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import loop_options, run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.own.gradual import with_gradual_unfreezing
from zoo.tasks.localization import LocalizationTask

BATCH, EPOCHS = 32, 40
WEIGHT = 50.0  # of the squared error, which is small where all is measured in parts of the image


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a table of images with boxes or points.

    Args:
        texts: fields to change.
    """
    size = registry.entry(arch).input_shape[1]
    if "image_size" in texts:
        size = int(convert("image_size", texts["image_size"], int))
    if size < 1:
        raise BadInput(f"image_size must be at least 1 pixel, got {size}")
    front_end = BoxFrontEnd((size, size), "letterbox", (0.5,) * 3, (0.25,) * 3)
    recipe, texts = _recipe(arch, data, front_end, {"image_size": size}, texts)
    return recipe.override(**texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights; the head for classes, or for other points, is new.

    Only the head is trained in the first tenth of the run; every block is after a third of it, the
    earlier ones with lower learning rates.

    Raises:
        BadInput: for fields that do not suit the network, such as too many frozen blocks.
    """
    card = cards.card(weights)
    front_end = BoxFrontEnd.from_card(card.front_end)
    recipe, texts = _recipe(card.arch, data, front_end, dict(card.arguments), texts)
    recipe = replace(recipe, start=weights, lr=0.001, make_model=_with_other_names)
    return with_gradual_unfreezing(recipe, texts, head_only=0.1, unfreeze_by=1 / 3)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on a table with the card's classes, or points."""
    front_end = BoxFrontEnd.from_card(card.front_end)
    listed, parts, told = to_measure(
        data,
        front_end,
        tuple(card.classes),
        wanted.needed,
        boxes=_finds_boxes(card.arch, card.arguments),
        skip_bad=wanted.skip_bad,
    )
    choice = wanted.choose(data, {name: part.digests() for name, part in parts.items()})
    part = _joined(list(parts.values())).pick(torch.tensor(choice.chosen))
    read = choice.read(listed.kinds_of({choice.split: part}))
    notices = (read, *listed.notices, *told)
    splits = LocatedSplits(
        listed.name, LICENCE, part, part, part, front_end, notices=notices, only=choice.split
    )
    model, _ = load()
    return Measurable(LocalizationTask(model, splits), choice)


def _recipe(
    arch: str, data: Path, front_end: BoxFrontEnd, arguments: dict[str, Any], texts: dict[str, str]
) -> tuple[FitRecipe, dict[str, str]]:
    """The recipe, and the fields that are to be changed in it."""
    skip_bad, texts = skipping(texts)
    network = _network(arch, arguments)
    boxes = network.finds == "box"
    listing = list_data(data, boxes=boxes, skip_bad=skip_bad)
    score, better = next(iter(MEASURES[network.finds].SCORES.items()))
    steps = run_length(EPOCHS * listing.size // BATCH, texts, minimum=500, maximum=10_000)
    recipe = FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments={**arguments, network.counted_by: len(listing.classes)},
        data=partial(listing.read, front_end),
        task=partial(LocalizationTask, augment=_augmentation(boxes), where_weight=WEIGHT),
        optimizer=ADAMW,
        lr=0.002,
        schedule=one_cycle(rise=0.2),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, score, better, channels_last="auto"),
        claim=Claim(
            score,
            paper=None,
            within=0.0,
            source="your data",
            unit=LocalizationTask.units.get(score, ""),
            better=better,
        ),
    )
    return recipe, texts


def _network(arch: str, arguments: dict[str, Any]) -> Any:
    """The architecture without weights: what it finds, and what counts its names."""
    with torch.device("meta"):
        return registry.build(arch, **arguments)


def _finds_boxes(arch: str, arguments: dict[str, Any]) -> bool:
    return bool(_network(arch, arguments).finds == "box")


def _augmentation(boxes: bool) -> LocatedAugment:
    """Small moves and changes of colour; mirrors too, but not of points, which may have a side."""
    parts: list[Callable[..., Any]] = [shifted_and_scaled(), of_pixels(colour(0.2, 0.2, 0.2))]
    return in_turn(*([mirrored()] if boxes else []), *parts)


def _with_other_names(recipe: FitRecipe) -> Any:
    """The network of ``recipe.start`` with outputs for the names of the user's data."""
    card = cards.card(str(recipe.start))
    counted_by = _network(card.arch, card.arguments).counted_by
    kept = {k: v for k, v in recipe.arguments.items() if k != counted_by}
    model: Any = from_card(card, **kept)
    model.reset_classifier(recipe.arguments[counted_by])
    return model


def _joined(parts: list[LocatedImages]) -> LocatedImages:
    """Images of the same shape and names, one set after the other."""
    return LocatedImages(
        torch.cat([part.pixels for part in parts]),
        torch.cat([part.points for part in parts]),
        torch.cat([part.labels for part in parts]),
        parts[0].classes,
        tuple(file for part in parts for file in part.files),
    )
