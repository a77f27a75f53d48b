"""Crops of blood smears with one white blood cell, one platelet, or neither: for localization.

Cut from BCCD (zoo/datasets/bccd.py), whose splits by photograph these are. A photograph is made
240 x 180 and windows of 96 x 96 are drawn in it with a fixed seed. One scale for all: windows that
follow the size of the object would betray its class by their blur. A window holds exactly one
whole cell and touches no other one of the two classes; one that touches none, not by a pixel, has
no object. White cells wider than a window are left out. Red cells are everywhere and are ground.
Proof: tests/datasets/test_bccd_crops.py.
"""

from typing import Any

import torch
from torch import Tensor

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages
from zoo.data.image.located_images import NOTHING, LocatedImages, LocatedSplits
from zoo.datasets.bccd import LICENCE, bccd
from zoo.engine.seed import generator

SMALL = (180, 240)  # of a photograph of 480 x 640: 3/8
WINDOW = 96  # pixels of a small one; 256 of a photograph
CLASSES = ("WBC", "Platelets")
EACH = {"train": 12, "dev": 4, "test": 4}  # windows for each cell, and for each photograph none
TRIES = 60  # places that are drawn for one window


def bccd_crops() -> LocatedSplits:
    """4,232 / 621 / 532 windows.

    Raises:
        Missing, BadFile: as ``bccd``.
    """
    whole = bccd(SMALL)
    parts: dict[str, Any] = {
        name: crops(part, name, EACH[name]) for name, part in whole.parts().items()
    }
    front_end = BoxFrontEnd((WINDOW, WINDOW), "letterbox", (0.5,) * 3, (0.25,) * 3)
    return LocatedSplits("BCCD crops", LICENCE, front_end=front_end, **parts)


def crops(photographs: BoxedImages, name: str, each: int) -> LocatedImages:
    """So many windows of every cell, and as many without one from every photograph, if they exist.

    Args:
        name: of the split; where windows lie depends on it and on the photograph's number.
    """
    of_class = [photographs.classes.index(one) for one in CLASSES]
    pixels, points, labels = [], [], []
    for number, (image, objects) in enumerate(
        zip(photographs.pixels, photographs.objects, strict=True)
    ):
        wanted = torch.isin(objects.labels, torch.tensor(of_class))
        boxes, kinds = objects.boxes[wanted], objects.labels[wanted].tolist()
        draw = generator("BCCD crops", name, number)
        for box, kind in zip(boxes, kinds, strict=True):
            others = boxes[(boxes != box).any(1)]
            for at in _windows(image, box, others, each, draw):
                pixels.append(_cut(image, at))
                points.append(box.view(2, 2) - at)
                labels.append(of_class.index(kind))
        for at in _windows(image, None, boxes, each, draw):
            pixels.append(_cut(image, at))
            points.append(torch.zeros(2, 2))
            labels.append(NOTHING)
    return LocatedImages(torch.stack(pixels), torch.stack(points), torch.tensor(labels), CLASSES)


def _windows(
    image: Tensor, box: Tensor | None, others: Tensor, each: int, draw: torch.Generator
) -> list[Tensor]:
    """Up to ``each`` corners (2,) of windows around ``box`` that touch none of the others.

    Every place where the box is whole in the window is as likely.
    """
    most = torch.tensor([image.shape[2] - WINDOW, image.shape[1] - WINDOW])
    low, high = torch.zeros(2).long(), most
    if box is not None:
        low = (box[2:].ceil().long() - WINDOW).clamp_min(0)
        high = box[:2].floor().long().minimum(most)
    if (high < low).any():
        return []
    drawn = torch.rand(TRIES, 2, generator=draw) * (high - low + 1)
    places = (drawn.long() + low).unique(dim=0)
    places = places[torch.randperm(len(places), generator=draw)]
    overlap = (places[:, None] < others[None, :, 2:]) & (
        others[None, :, :2] < places[:, None] + WINDOW
    )
    return list(places[~overlap.all(2).any(1)][:each])


def _cut(image: Tensor, at: Tensor) -> Tensor:
    left, top = at.tolist()
    return image[:, top : top + WINDOW, left : left + WINDOW]
