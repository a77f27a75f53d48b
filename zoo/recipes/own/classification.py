"""A recipe for pictures of your own: ``zoo train ARCH --data PATH``, ``zoo finetune WEIGHTS``.

``PATH`` is a folder per class or a CSV. The numbers here are chosen so that nothing has to be set:
the run is as long as the set is large, it stops when the dev set no longer gains, and what is kept
is what was best there. Notes: course 3, week 2, "Transfer learning".
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
from zoo.data.image.preprocess import PictureFrontEnd
from zoo.data.own.classification import own_classes, own_data, own_size
from zoo.engine.finetune import Tuning
from zoo.engine.loop import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.recipes.override import convert
from zoo.recipes.recipe import Claim, FitRecipe
from zoo.tasks.classification import ClassificationTask

BATCH = 32
PASSES = 20  # over the set, if that is neither very few steps nor very many
FEWEST, MOST = 500, 10_000  # steps
ROUNDS = 20  # evaluations on dev in a run
PATIENCE = ROUNDS // 2  # evaluations without gain, after which the run is over
LOWEST = 0.1  # rate of the first block when fine-tuning, as a part of the head's


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from fresh weights on a folder of pictures per class, or on a CSV.

    Args:
        texts: fields to change; ``in_chans=3`` reads colour, ``image_size`` sets height and width.
    """
    channels, height, width = registry.entry(arch).input_shape
    front_end = PictureFrontEnd((height, width), mean=(0.5,) * channels, std=(0.5,) * channels)
    recipe = _recipe(arch, data, _adapted(front_end, texts), {}, texts)
    own = signature(registry.entry(arch).build).parameters
    return recipe.override(**{k: v for k, v in texts.items() if k != "image_size" or k in own})


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Go on from weights, with a new head for the classes of a folder or a CSV.

    The head learns alone for a tenth of the run; by a third of it every block does, the earlier
    ones more slowly.

    Args:
        texts: fields to change; ``in_chans=3`` reads colour and adapts the first layer.

    Raises:
        BadInput: for more frozen blocks than the network has, and the like.
    """
    card = cards.card(weights)
    channels = {k: v for k, v in texts.items() if k == "in_chans"}
    front_end = _adapted(PictureFrontEnd.from_card(card.front_end), channels)
    recipe = _recipe(card.arch, data, front_end, dict(card.arguments), texts)
    gradual = Tuning(alone=0.1, unfreeze=1 / 3)
    recipe = replace(recipe, start=weights, lr=0.002, tuning=gradual).override(**texts)
    blocks, tuning = count_blocks(recipe), recipe.tuning or gradual
    if "decay" not in texts:
        tuning = replace(tuning, decay=round(LOWEST ** (1 / max(blocks - 1, 1)), 6))
    tuning.check(blocks)
    return replace(recipe, tuning=tuning)


def count_blocks(recipe: FitRecipe) -> int:
    """How many blocks with parameters its network has; no weights are made."""
    with torch.device("meta"):
        network: Any = registry.build(recipe.arch, **recipe.arguments)
    return sum(1 for block in network.blocks() if list(block.parameters()))


def _adapted(front_end: PictureFrontEnd, texts: dict[str, str]) -> PictureFrontEnd:
    """The front end for other channels (levels averaged over the old ones) or another size."""
    if "in_chans" in texts:
        channels = convert("in_chans", texts["in_chans"], int)
        if channels not in (1, 3):
            raise BadInput(f"in_chans must be 1 or 3: pictures are grey or colour, got {channels}")
        mean, std = (sum(v) / len(v) for v in (front_end.mean, front_end.std))
        front_end = replace(front_end, mean=(mean,) * channels, std=(std,) * channels)
    if "image_size" in texts:
        size = convert("image_size", texts["image_size"], int)
        if size < 1:
            raise BadInput(f"image_size must be at least 1 pixel, got {size}")
        front_end = replace(front_end, size=(size, size))
    return front_end


def _recipe(
    arch: str,
    data: Path,
    front_end: PictureFrontEnd,
    arguments: dict[str, Any],
    texts: dict[str, str],
) -> FitRecipe:
    classes = own_classes(data)
    if len(classes) < 2:
        raise BadInput(f"{data} has one class only, {classes[0]}; expected two or more")
    steps = min(max(PASSES * own_size(data) // BATCH, FEWEST), MOST)
    if "steps" in texts:  # the rounds follow
        steps = convert("steps", texts["steps"], int)
    name = data.stem if data.suffix == ".csv" else data.resolve().name
    tag = "".join(c if c.isalnum() else "-" for c in name) or "own"
    return FitRecipe(
        name=f"{arch}.{tag}",
        arch=arch,
        arguments={**arguments, "num_classes": len(classes)},
        data=partial(own_data, data, front_end),
        task=partial(ClassificationTask, augment=_changes(front_end), balance=True),
        optimizer=partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01),
        lr=0.002,
        schedule=one_cycle(rise=0.2),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        extras=Extras(
            channels_last="auto",
            evaluate_every=max(steps // ROUNDS, 1),
            log_every=max(steps // (3 * ROUNDS), 1),
            patience=PATIENCE,
            watch="balanced_error",
        ),
        claim=Claim("error", paper=None, within=0.0, source="your own data"),
    )


def _changes(front_end: PictureFrontEnd) -> Augment:
    """Moved by up to a tenth of the picture; in colour, mirrored too. Grey ones may be writing."""
    move = shift(max(min(front_end.size) // 10, 1))
    return chain(move, flip()) if front_end.channels == 3 else move
