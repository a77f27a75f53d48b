"""A recipe for the user's boxes: ``zoo train ARCH --data PATH``, ``zoo finetune WEIGHTS``.

``PATH`` is a folder with boxes in VOC's, COCO's or YOLO's form (zoo/data/own/detection.py). The
defaults need no tuning: size and shape of the input follow from the images, the anchors of a
network that has some from the boxes of train, the number of steps from the number of images; the
run stops when the score on dev no longer improves, the best weights on dev are kept, and the
threshold with the highest F1 on dev goes into the card. Notes: course 4, week 3.
Proof: tests/recipes/own/test_detection.py.
"""

from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import torch

from zoo import cards, registry
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedSplits, joined
from zoo.data.image.boxes.threshold import from_card, overlap_from_card
from zoo.data.own import LICENCE
from zoo.data.own.boxes.box_list import BoxList
from zoo.data.own.boxes.counts import kinds_of
from zoo.data.own.boxes.fit_anchors import anchors_of
from zoo.data.own.detection import list_data, to_measure
from zoo.engine.schedule import cosine, warm_up
from zoo.errors import BadInput
from zoo.losses import yolov3
from zoo.pretrained.optimize import has_bfloat16
from zoo.recipes.common import box_changes
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.box_reading import FIELDS, reading_of
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import loop_options, run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.own.gradual import with_gradual_unfreezing
from zoo.tasks.detection import DetectionTask

BATCH, EPOCHS = 8, 40
RATE, MOMENTUM = 0.001, 0.03  # of batch norm; Darknet's 0.01 lags behind in a short run
TUNED: dict[str, tuple[float, dict[str, Any]]] = {  # from scratch, by loss: a rate, task's fields
    # of half yolov3_tiny on BCCD's val, 300 steps from train: 74.0 % mAP (VOC10); with the usual
    # rate and Darknet's ignore of 0.7 56.4; with momentum 0.1 74.0
    "yolov3": (0.002, {"objective": partial(yolov3.Objective, ignore=0.5)}),
}


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on the user's boxes.

    Args:
        texts: fields to change, those of ``FIELDS`` among them.
    """
    recipe, fields = _recipe(arch, data, BoxFrontEnd(_usual_size(arch)), {}, texts)
    return recipe.override(**fields)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights with new last layers for the classes of the user's boxes.

    Only they are trained in the first tenth of the run; every block is after a third of it, the
    earlier ones with lower learning rates.

    Args:
        texts: fields to change, those of ``FIELDS`` among them.

    Raises:
        BadInput: for fields that do not suit the network, such as too many frozen blocks.
    """
    card = cards.card(weights)
    front_end, _ = from_card(card.front_end, card.name)
    front_end = replace(front_end, size=_usual_size(card.arch))  # its weights take any
    recipe, fields = _recipe(card.arch, data, front_end, dict(card.arguments), texts)
    recipe = replace(recipe, start=weights, lr=RATE)
    return with_gradual_unfreezing(recipe, fields, head_only=0.1, unfreeze_by=1 / 3)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on the user's boxes of the card's classes."""
    front_end, threshold = from_card(card.front_end, card.name)
    listed, parts, told = to_measure(
        data, front_end, tuple(card.classes), wanted.needed, skip_bad=wanted.skip_bad
    )
    choice = wanted.choose(data, {name: part.digests() for name, part in parts.items()})
    part = joined(list(parts.values())).pick(torch.tensor(choice.chosen))
    notices = (choice.read(kinds_of({choice.split: part})), *listed.notices, *told)
    splits = BoxedSplits(
        listed.name, LICENCE, part, part, part, front_end, notices=notices, only=choice.split
    )
    model, _ = load()
    overlap = overlap_from_card(card.front_end, card.name)
    task = DetectionTask(model, splits, threshold=threshold, overlap=overlap)
    return Measurable(task, choice)


def _recipe(
    arch: str,
    data: Path,
    front_end: BoxFrontEnd,
    arguments: dict[str, Any],
    texts: dict[str, str],
) -> tuple[FitRecipe, dict[str, str]]:
    """The recipe, and the fields that are to be changed in it.

    Args:
        front_end: what the network or the weights read.
        arguments: of the network.
    """
    skip_bad, texts = skipping(texts)
    listing = list_data(data, skip_bad=skip_bad)
    listing.refuse_faults()  # before anything is made of the boxes
    if not listing.classes:
        raise BadInput(f"{data} has no box to train with; expected some")
    arguments = {**arguments, "num_classes": len(listing.classes)}
    with torch.device("meta"):
        network: Any = registry.build(arch, **arguments)
    pictures = [one for part in listing.parts.values() for one in part]
    front_end, told = reading_of(pictures, front_end, network.stride, texts)
    rate, tuned = TUNED.get(network.objective, (RATE, {}))
    anchors, said = _anchors(arch, network, listing, front_end)
    if anchors and "masks" in arguments:  # those of the published YOLOv3-tiny leave out an anchor
        anchors["masks"] = signature(registry.entry(arch).build).parameters["masks"].default
    listing = replace(listing, notices=(*listing.notices, told, *said))
    steps = run_length(EPOCHS * len(pictures) // BATCH, texts, minimum=400, maximum=10_000)
    recipe = FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments=arguments | anchors,
        data=partial(listing.read, front_end),
        task=partial(DetectionTask, augment=box_changes.usual(), norm_momentum=MOMENTUM, **tuned),
        optimizer=ADAMW,
        lr=rate,
        schedule=warm_up(over=50, then=cosine(floor=0.02)),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(
            steps,
            "map_voc10",
            better="higher",
            clip=100.0,
            ema=0.998,
            precision=_precision(),
            channels_last=True,  # not "auto": rounding decides what an R-CNN samples
        ),
        claim=Claim("map_voc10", paper=None, within=0.0, source="your data"),
    )
    return recipe, {name: text for name, text in texts.items() if name not in FIELDS}


def _usual_size(arch: str) -> tuple[int, int]:
    """Height and width of what the network reads as published."""
    _, height, width = registry.entry(arch).input_shape
    return height, width


def _anchors(
    arch: str, network: Any, listing: BoxList, front_end: BoxFrontEnd
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The argument ``anchors`` for a network that has it, from the boxes of train; and a line."""
    parameter = signature(registry.entry(arch).build).parameters.get("anchors")
    if parameter is None:
        return {}, ()
    count = len(parameter.default)
    train = listing.parted().parts["train"]
    fit = "stretch" if front_end.fit == "stretch" else "letterbox"
    try:
        found = anchors_of(train, count, front_end.size, fit=fit)
    except BadInput:
        return {}, (f"{arch} keeps its {count} anchors: train has fewer sizes of boxes",)
    unit = network.anchor_unit
    sizes = tuple((round(w / unit, 3), round(h / unit, 3)) for w, h in found.sizes)
    mean = f"mean IoU {found.mean_iou:.2f} with the boxes of train"
    return {"anchors": sizes}, (f"{count} anchors from your boxes, {mean}",)


def _precision() -> str:
    """Mixed precision where the processor multiplies in bfloat16: twice as fast there."""
    example = torch.zeros(1, device="cuda") if torch.cuda.is_available() else None
    return "bfloat16" if has_bfloat16(example) else "float32"
