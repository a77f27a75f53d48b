"""A recipe for the user's images of identities: ``zoo train facenet_small --data FOLDER``.

``FOLDER`` has a folder for each identity, or is a CSV. The defaults need no tuning: the number of
steps follows from the number of images, the run stops when the score on dev no longer improves, and
the best weights on dev are kept. Notes: course 4, week 4, "Face Recognition".
Proof: tests/recipes/own/test_verification.py.
"""

from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, registry
from zoo.data.image.augment import Augment, affine, chain, flip
from zoo.data.image.augment_colour import colour
from zoo.data.image.identities.decision import Decision
from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.images import joined
from zoo.data.image.preprocess import ImageFrontEnd, default_front_end
from zoo.data.own import LICENCE
from zoo.data.own.folded_pairs import NAME, list_pairs
from zoo.data.own.identity_parts import divided, identities, own_identities
from zoo.data.own.verification import list_data, to_measure
from zoo.engine.schedule import one_cycle
from zoo.pretrained.create import from_card
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Choice, Measurable, Wanted
from zoo.recipes.own.common import loop_options, run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.own.gradual import with_gradual_unfreezing
from zoo.recipes.own.image_reading import READING, reading_of
from zoo.tasks.verification import VerificationTask

IMAGES, BATCH, EPOCHS = 4, 80, 100  # an epoch shows each identity once


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a folder of images per identity, or on a table.

    Args:
        texts: fields to change, those of ``READING`` among them.
    """
    front_end = default_front_end(registry.entry(arch).input_shape)
    recipe, fields = _recipe(arch, arch, data, front_end, {}, texts)
    return recipe.override(**fields)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights on other identities; the network stays as it is.

    Only the last block is trained in the first tenth of the run; every block is after a third of
    it, the earlier ones with lower learning rates.

    Args:
        texts: fields to change, those of ``READING`` among them.

    Raises:
        BadInput: for fields that do not suit the network, such as too many frozen blocks.
    """
    card = cards.card(weights)
    front_end = ImageFrontEnd.from_card(card.front_end)
    recipe, fields = _recipe(card.name, card.arch, data, front_end, dict(card.arguments), texts)
    recipe = replace(recipe, start=weights, lr=0.0005, make_model=_as_it_is)
    return with_gradual_unfreezing(recipe, fields, head_only=0.1, unfreeze_by=1 / 3)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on a folder or a CSV, whoever the identities are.

    A folder with LFW's pairs.txt in it is measured by those pairs, in their folds.
    """
    front_end = ImageFrontEnd.from_card(card.front_end)
    if (data / NAME).is_file():
        return _of_pairs(card, load, data, front_end, wanted)
    listed, parts, told = to_measure(data, front_end, wanted.needed, skip_bad=wanted.skip_bad)
    choice = wanted.choose(data, {name: part.digests() for name, part in parts.items()})
    part = own_identities(joined(list(parts.values())).pick(torch.tensor(choice.chosen)))
    notices = (choice.read(identities({choice.split: part})), *listed.notices, *told)
    splits = IdentitySplits(
        listed.name, LICENCE, part, part, part, front_end, notices=notices, only=choice.split
    )
    return _measurable(card, load, splits, choice)


def _of_pairs(
    card: cards.Card, load: Load, data: Path, front_end: ImageFrontEnd, wanted: Wanted
) -> Measurable:
    """Weights on pairs in folds: all of them are the part "test"."""
    part, folded, notices = list_pairs(data).read(front_end)
    choice = wanted.choose(data, {"test": part.digests()})
    splits = IdentitySplits(
        *(data.resolve().name, LICENCE, part, part, part, front_end),
        pairs={"test": folded},
        notices=notices,
        only=choice.split,
    )
    return _measurable(card, load, splits, choice)


def _measurable(card: cards.Card, load: Load, splits: IdentitySplits, choice: Choice) -> Measurable:
    scale = _network(card.arch, card.arguments).scale
    decision = Decision.from_card(card.decoder, scale, card.name)
    model, _ = load()
    return Measurable(VerificationTask(model, splits, decoder=decision), choice)


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
    reading = reading_of(name, front_end, listing.files(), texts)
    listing = replace(listing, notices=(*listing.notices, reading.notice))
    front_end = reading.front_end
    builder = signature(registry.entry(arch).build).parameters
    known = {"in_chans": front_end.channels, "image_size": front_end.input_shape[1]}
    arguments = {**arguments, **{k: v for k, v in known.items() if k in builder}}
    steps = run_length(EPOCHS * listing.size // BATCH, texts, minimum=500, maximum=10_000)
    recipe = FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments=arguments,
        data=partial(divided, listing, front_end),
        task=partial(VerificationTask, images=IMAGES, augment=_augmentation(front_end)),
        optimizer=ADAMW,
        lr=0.001,
        schedule=one_cycle(rise=0.2),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "eer", channels_last="auto"),
        claim=Claim("eer", paper=None, within=0.0, source="your data"),
    )
    return recipe, {k: v for k, v in texts.items() if k not in READING}


def _augmentation(front_end: ImageFrontEnd) -> Augment:
    """Small moves and changes of light; mirrors too, but not of drawings, which have a side."""
    parts = [affine(degrees=8, scale=0.08, shear=0.05, move=0.05)]
    if front_end.ink is None:
        parts += [flip(), colour(0.2, 0.2, 0)]
    return chain(*parts)


def _as_it_is(recipe: FitRecipe) -> nn.Module:
    """The network of ``recipe.start``, with its head: it knows no identities."""
    return from_card(cards.card(str(recipe.start)), **recipe.arguments)


def _network(arch: str, arguments: dict[str, Any]) -> Any:
    """The architecture without weights."""
    with torch.device("meta"):
        return registry.build(arch, **arguments)
