"""A network that paints as one picture: ``zoo train fast_style --data PHOTOS style=STYLE.jpg``.

Any folder of photographs will do. Fields of this task besides the usual ones: ``style``, the
picture; ``style_size``, pixels of its longer side, which says how large the strokes are;
``features``, the network that compares (``vgg_perceptual`` comes with the zoo, ``vgg19`` is a
download). The defaults need no tuning. ``zoo finetune fast_style.the_scream`` starts from a network
that paints already, which is quicker.
Proof: tests/recipes/own/test_style_transfer.py.
"""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import nn

from zoo import cards
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import PhotographSplits
from zoo.data.image.styled_photographs import SIDE, StyledPhotographs, read_style
from zoo.data.own import LICENCE
from zoo.data.own.style_transfer import list_data, own_data, to_measure
from zoo.data.own.told import counted
from zoo.engine.schedule import linear, warm_up
from zoo.errors import BadInput
from zoo.options import convert
from zoo.pretrained.create import from_card
from zoo.pretrained.feature_network import feature_network
from zoo.pretrained.optimize import has_bfloat16
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import OPTIMIZERS
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import loop_options, run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.own.image_features import joined
from zoo.tasks.style_transfer import STYLE_FILE, StyleTransferTask

FEATURES = "vgg_perceptual"
FIELDS = ("style", "style_size", "features")
BATCH, EPOCHS = 2, 40


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch to paint photographs as one picture.

    Args:
        texts: fields to change, those of ``FIELDS`` among them; ``style`` is needed.
    """
    return _recipe(arch, data, PhotographFrontEnd(), texts, lr=0.002)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train weights further, to paint as another picture; all of the network learns."""
    card = cards.card(weights)
    front_end = PhotographFrontEnd.from_card(card.front_end)
    recipe = _recipe(card.arch, data, front_end, texts, lr=0.001)
    return replace(recipe, start=weights, make_model=_started)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that measures weights on a folder of photographs, with the style of their run.

    The unit of the scores are these photographs: the number is none of the run's own, and a notice
    says so.

    Raises:
        BadInput: if the style is not beside the weights.
    """
    front_end = PhotographFrontEnd.from_card(card.front_end)
    path = None if card.folder is None else card.folder / f"{card.name}{STYLE_FILE}"
    if path is None or not path.is_file():
        raise BadInput(
            f"no {card.name}{STYLE_FILE} beside the weights of {card.name}: without the style "
            "nothing can be measured"
        )
    listed, parts, told = to_measure(data, front_end, wanted.needed, skip_bad=wanted.skip_bad)
    choice = wanted.choose(data, {name: part.digests() for name, part in parts.items()})
    part = joined(parts).pick(choice.chosen)
    unit = "the unit of the scores are these photographs as they are"
    notices = (choice.read(counted(len(part), "photographs")), *listed.notices, *told, unit)
    splits = PhotographSplits(
        listed.name, LICENCE, part, part, part, front_end, notices=notices, only=choice.split
    )
    styled = StyledPhotographs(splits, read_style(path, max(_longer(path), 1)), path.stem)
    features = partial(feature_network, name=_features_of(card))
    task = StyleTransferTask(load()[0], styled, features=features)
    return Measurable(task, choice._replace(as_recorded=False))


def _recipe(
    arch: str, data: Path, front_end: PhotographFrontEnd, texts: dict[str, str], lr: float
) -> FitRecipe:
    skip_bad, texts = skipping(texts)
    if "style" not in texts:
        raise BadInput(f"{arch} paints as one picture: give it, style=PICTURE.jpg")
    path = Path(texts["style"])
    style = read_style(path, int(convert("style_size", texts.get("style_size", str(SIDE)), int)))
    listing = list_data(data, skip_bad=skip_bad)
    steps = run_length(EPOCHS * listing.size // BATCH, texts, minimum=1200, maximum=10_000)
    precision = "bfloat16" if has_bfloat16(None) else "float32"
    features = partial(feature_network, name=texts.get("features", FEATURES))
    recipe = FitRecipe(
        name=f"{arch}.{run_name(arch, path).partition('.')[2]}",
        arch=arch,
        data=partial(
            own_data, data, front_end, style=style, style_name=path.name, skip_bad=skip_bad
        ),
        task=partial(StyleTransferTask, features=features, crop=128),
        optimizer=OPTIMIZERS["adam"],
        lr=lr,
        schedule=warm_up(over=max(steps // 20, 1), then=linear()),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=replace(loop_options(steps, "objective", precision=precision), patience=None),
        claim=Claim("style", paper=None, within=0.0, source="your data", unit=""),
    )
    return recipe.override(**{name: text for name, text in texts.items() if name not in FIELDS})


def _started(recipe: FitRecipe) -> nn.Module:
    """The network of ``recipe.start``, as it is."""
    return from_card(cards.card(str(recipe.start)))


def _features_of(card: cards.Card) -> str:
    """The network of features that the weights of a card were trained with."""
    found = re.search(r"name=([\w.]+)", str(card.settings.get("task", {}).get("features", "")))
    return found[1] if found else FEATURES


def _longer(path: Path) -> int:
    """Pixels of the longer side of an image file."""
    from zoo.data.image.read import upright_size

    return max(upright_size(path))
