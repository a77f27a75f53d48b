"""A recipe for the user's photographs: ``zoo train vgg_perceptual --data PHOTOS``.

The features of EfficientNet-Lite0 (extra ``distil``) are learned from photographs without labels.
The defaults need no tuning: the number of steps follows from the number of photographs, the run
stops when the score on dev no longer improves, and the best weights on dev are kept.
Proof: tests/recipes/own/test_image_features.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import nn

from zoo import cards
from zoo.data.image.augment_colour import channel_gains
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs, PhotographSplits
from zoo.data.own import LICENCE
from zoo.data.own.image_features import list_data, to_measure
from zoo.data.own.told import counted
from zoo.engine.schedule import linear, warm_up
from zoo.pretrained.create import from_card
from zoo.pretrained.efficientnet_lite import lite0_features
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import loop_options, run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.vgg_perceptual import PAIRS
from zoo.tasks.image_features import ImageFeaturesTask

BATCH, EPOCHS = 8, 200


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a folder of photographs.

    Args:
        texts: fields to change.
    """
    return _recipe(arch, data, PhotographFrontEnd(), texts, lr=0.003)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train weights further on a folder of photographs; all of the network learns."""
    card = cards.card(weights)
    front_end = PhotographFrontEnd.from_card(card.front_end)
    recipe = _recipe(card.arch, data, front_end, texts, lr=0.001)
    return replace(recipe, start=weights, make_model=_started)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that measures weights on a folder of photographs.

    The linear maps of the score are fitted on the photographs that are measured, for there may be
    no others: the number is none of the run's own, and a notice says so.
    """
    front_end = PhotographFrontEnd.from_card(card.front_end)
    listed, parts, told = to_measure(data, front_end, wanted.needed, skip_bad=wanted.skip_bad)
    choice = wanted.choose(data, {name: part.digests() for name, part in parts.items()})
    part = joined(parts).pick(choice.chosen)
    read = choice.read(counted(len(part), "photographs"))
    fitted = "the linear maps of the score are fitted on these photographs too, which flatters it"
    splits = PhotographSplits(
        listed.name,
        LICENCE,
        *(part,) * 3,
        front_end=front_end,
        notices=(read, *listed.notices, *told, fitted),
        only=choice.split,
    )
    task = ImageFeaturesTask(load()[0], splits, teacher=lite0_features, pairs=PAIRS)
    return Measurable(task, choice._replace(as_recorded=False))


def joined(parts: Mapping[str, Photographs]) -> Photographs:
    """All photographs of several parts."""
    all_of = list(parts.values())
    return Photographs(
        tuple(one for part in all_of for one in part.images),
        tuple(name for part in all_of for name in part.names),
        tuple(name for part in all_of for name in part.files),
    )


def _recipe(
    arch: str, data: Path, front_end: PhotographFrontEnd, texts: dict[str, str], lr: float
) -> FitRecipe:
    skip_bad, texts = skipping(texts)
    listing = list_data(data, skip_bad=skip_bad)
    steps = run_length(EPOCHS * listing.size // BATCH, texts, minimum=500, maximum=5000)
    recipe = FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        data=partial(listing.read, front_end),
        task=partial(
            ImageFeaturesTask, teacher=lite0_features, pairs=PAIRS, augment=channel_gains()
        ),
        optimizer=ADAMW,
        lr=lr,
        schedule=warm_up(over=max(steps // 20, 1), then=linear()),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "unexplained_variance", channels_last=True),
        claim=Claim("unexplained_variance", paper=None, within=0.0, source="your data", unit=""),
    )
    return recipe.override(**texts)


def _started(recipe: FitRecipe) -> nn.Module:
    """The network of ``recipe.start``, as it is."""
    return from_card(cards.card(str(recipe.start)))
