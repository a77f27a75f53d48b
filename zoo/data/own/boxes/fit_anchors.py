"""Anchors for the user's boxes, measured as a network sees them.

Proof: tests/data/own/boxes/test_fit_anchors.py.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.data.own.boxes import Box, Picture, Size
from zoo.data.own.boxes.box_list import list_boxes
from zoo.data.own.boxes.coco_json import WHAT, read_coco_json
from zoo.data.own.told import counted
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput
from zoo.ops.boxes.anchors import anchors, letterboxed

FITS = ("letterbox", "stretch")


@dataclass(frozen=True)
class FittedAnchors:
    """What fits a set.

    Attributes:
        sizes: w h of each anchor in pixels of the input, the smallest area first.
        mean_iou: of the boxes with their best anchor.
        images, boxes: how many were measured.
        notices: what was left out.
    """

    sizes: list[tuple[float, float]]
    mean_iou: float
    images: int
    boxes: int
    notices: tuple[str, ...]


def fit_anchors(
    place: str | Path,
    count: int = 9,
    size: tuple[int, int] = (416, 416),
    *,
    fit: str = "letterbox",
    centre: str = "median",
    seed: int = 0,
) -> FittedAnchors:
    """The anchors of the user's data.

    Args:
        place: as of ``list_boxes``; of a JSON file of COCO the images need not be there.
        size: height and width of the network's input.
        fit: "letterbox" or "stretch", how an image becomes the input.
        centre: "median" or "mean" of a cluster.

    Raises:
        Missing, BadFile: as the reader of ``place``.
        BadInput: if there are fewer different sizes than anchors, or an argument makes no sense.
    """
    if len(size) != 2 or min(size) < 1:
        raise BadInput(f"size must be height and width, 1 pixel or more, got {size}")
    if fit not in FITS:
        raise BadInput(f"fit must be one of {', '.join(FITS)}, got {fit!r}")
    pictures, told = _read(Path(place))
    found = anchors_of(pictures, count, size, fit=fit, centre=centre, seed=seed)
    return replace(found, notices=(*told, *found.notices))


def anchors_of(
    pictures: Sequence[Picture],
    count: int,
    size: tuple[int, int],
    *,
    fit: str = "letterbox",
    centre: str = "median",
    seed: int = 0,
) -> FittedAnchors:
    """The anchors of these images; as ``fit_anchors``."""
    sizes, left_out = sizes_in_input(pictures, size, fit)
    found = anchors(sizes, count, generator(seed, "anchors"), centre=centre)
    rows = [(width, height) for width, height in found.sizes.tolist()]
    return FittedAnchors(rows, found.mean_iou, len(pictures), len(sizes), left_out)


def sizes_in_input(
    pictures: Iterable[Picture], size: tuple[int, int], fit: str
) -> tuple[Tensor, tuple[str, ...]]:
    """Width and height of all boxes in pixels of the input, (n, 2); and what was left out."""
    parts, left_out = [torch.zeros(0, 2, dtype=torch.float64)], {"without area": 0, "of crowds": 0}
    for picture in pictures:
        rows = []
        for box in picture.boxes:
            if box.crowd:
                left_out["of crowds"] += 1
            elif not _has_area(box):
                left_out["without area"] += 1
            else:
                x1, y1, x2, y2 = box.corners
                rows.append((x2 - x1, y2 - y1))
        width, height = picture.size
        sizes = torch.tensor(rows, dtype=torch.float64).reshape(-1, 2)
        if fit == "letterbox":
            parts.append(letterboxed(sizes, (height, width), size))
        else:
            parts.append(sizes * torch.tensor([size[1] / width, size[0] / height]))
    told = (f"left out {counted(n, 'boxes')} {what}" for what, n in left_out.items() if n)
    return torch.cat(parts), tuple(told)


def _has_area(box: Box) -> bool:
    x1, y1, x2, y2 = box.corners
    return all(map(math.isfinite, box.corners)) and x2 > x1 and y2 > y1


def _read(path: Path) -> tuple[Sequence[Picture], Sequence[str]]:
    """The images with their boxes, and what there is to tell of them."""
    if not path.is_dir() and ".json" in path.name.lower():
        return _of_json(path), ()
    listed = list_boxes(path, train=False)
    pictures = [one for part in listed.parts.values() for one in part]
    return pictures, (*listed.notices, *replace(listed, skip_bad=True).settled(listed.faults))


def _of_json(path: Path) -> list[Picture]:
    """What a file of COCO says by itself.

    Raises:
        Missing, BadFile: as ``read_coco_json``; BadFile for an entry without its numbers.
    """
    lists, line = read_coco_json(path).lists, 1
    found: dict[Any, tuple[Size, int, list[Box]]] = {}
    try:
        for one, line in lists["images"]:
            width, height = int(one["width"]), int(one["height"])
            if min(width, height) < 1:
                raise ValueError(f"an image of {width} x {height} pixels")
            found[one["id"]] = (width, height), line, []
        for one, line in lists["annotations"]:
            x, y, w, h = map(float, one["bbox"])
            crowd = bool(one.get("iscrowd", 0))
            found[one["image_id"]][2].append(Box("", (x, y, x + w, y + h), line, crowd=crowd))
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise BadFile(f"{path}:{line} is not understood: {error!r}; expected {WHAT}") from error
    images = found.values()
    return [Picture(path, path, line, size, "", tuple(boxes)) for size, line, boxes in images]
