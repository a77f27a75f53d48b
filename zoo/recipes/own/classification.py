"""A recipe for the user's images: ``zoo train ARCH --data PATH``, ``zoo finetune WEIGHTS``.

``PATH`` is a folder per class or a CSV. The defaults need no tuning: the number of steps follows
from the number of images, the run stops when the score on dev no longer improves, and the best
weights on dev are kept. Notes: course 3, week 2, "Transfer learning".
Proof: tests/recipes/own/test_classification.py, tests/cli/test_finetune.py.
"""

from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import torch

from zoo import cards, registry
from zoo.data.image.augment import Augment, chain, flip, shift
from zoo.data.image.images import ImageSplits, joined
from zoo.data.image.preprocess import ImageFrontEnd, default_front_end
from zoo.data.own import LICENCE
from zoo.data.own.classification import list_data, to_measure
from zoo.data.own.image_list import kinds_of
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import loop_options, run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.own.gradual import with_gradual_unfreezing
from zoo.recipes.own.image_reading import READING, reading_of
from zoo.tasks.classification import ClassificationTask

BATCH, EPOCHS = 32, 20


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a folder of images per class, or on a table.

    Args:
        texts: fields to change, those of ``READING`` among them.
    """
    front_end = default_front_end(registry.entry(arch).input_shape)
    recipe, fields = _recipe(arch, arch, data, front_end, {}, texts)
    return recipe.override(**fields)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights with a new head for the classes of a folder or a table.

    Only the head is trained in the first tenth of the run; every block is after a third of it, the
    earlier ones with lower learning rates.

    Args:
        texts: fields to change, those of ``READING`` among them.

    Raises:
        BadInput: for fields that do not suit the network, such as too many frozen blocks.
    """
    card = cards.card(weights)
    front_end = ImageFrontEnd.from_card(card.front_end)
    recipe, fields = _recipe(card.name, card.arch, data, front_end, dict(card.arguments), texts)
    recipe = replace(recipe, start=weights, lr=0.002)
    return with_gradual_unfreezing(recipe, fields, head_only=0.1, unfreeze_by=1 / 3)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on a folder or a CSV with the card's classes."""
    front_end = ImageFrontEnd.from_card(card.front_end)
    listed, parts, told = to_measure(
        data, front_end, tuple(card.classes), wanted.needed, skip_bad=wanted.skip_bad
    )
    choice = wanted.choose(data, {name: part.digests() for name, part in parts.items()})
    part = joined(list(parts.values())).pick(torch.tensor(choice.chosen))
    notices = (choice.read(kinds_of({choice.split: part})), *listed.notices, *told)
    splits = ImageSplits(
        listed.name, LICENCE, part, part, part, front_end, notices=notices, only=choice.split
    )
    model, _ = load()
    return Measurable(ClassificationTask(model, splits), choice)


def _recipe(
    name: str,
    arch: str,
    data: Path,
    front_end: ImageFrontEnd,
    arguments: dict[str, Any],
    texts: dict[str, str],
) -> tuple[FitRecipe, dict[str, str]]:
    """The recipe, and the fields that are to be changed in it.

    Args:
        name: of what reads images as ``front_end`` does.
    """
    skip_bad, texts = skipping(texts)
    listing = list_data(data, skip_bad=skip_bad)
    classes = listing.classes
    if len(classes) < 2:
        raise BadInput(
            f"{data} has one class only, {classes[0]}; expected two or more, a folder for each"
        )
    reading = reading_of(name, front_end, listing.files(), texts)
    listing = replace(listing, notices=(*listing.notices, reading.notice))
    front_end = reading.front_end
    steps = run_length(EPOCHS * listing.size // BATCH, texts, minimum=500, maximum=10_000)
    augment = _augmentation(front_end, flips=front_end.channels == 3 and not reading.adapted)
    recipe = FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments={**arguments, "num_classes": len(classes)},
        data=partial(listing.read, front_end),
        task=partial(ClassificationTask, augment=augment, balance=True),
        optimizer=ADAMW,
        lr=0.002,
        schedule=one_cycle(rise=0.2),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "balanced_error", channels_last="auto"),
        claim=Claim("error", paper=None, within=0.0, source="your data"),
    )
    builder = signature(registry.entry(arch).build).parameters
    fields = {k: v for k, v in texts.items() if k not in READING or k in builder}
    return recipe, fields | ({"in_chans": "3"} if reading.adapted else {})


def _augmentation(front_end: ImageFrontEnd, *, flips: bool) -> Augment:
    """Shifts by up to a tenth of the image; flips too, but not of what may be writing."""
    shifts = shift(max(min(front_end.size) // 10, 1))
    return chain(shifts, flip()) if flips else shifts
