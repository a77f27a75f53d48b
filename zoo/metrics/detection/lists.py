"""All detections and truths of a set as flat arrays, and the pairs of both that may match.

A detection and a truth may match if both are in the same image and of the same class; such a set is
called a *group* here, with the number ``image * K + label``. Both sides are sorted by group, the
detections of a group by score, highest first; among equal scores the order of the lists stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.ops.boxes.objects import Detections, Objects

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLOCK = 1 << 18  # pairs that are looked at together: some 30 MB


@dataclass(frozen=True, eq=False)
class Found:
    """Detections of all images, sorted by group, then by descending score."""

    boxes: Floats  # (D, 4)
    scores: Floats  # (D,)
    labels: Ints  # (D,)
    group: Ints  # (D,)
    rank: Ints  # (D,): 0 for the highest score of its group


@dataclass(frozen=True, eq=False)
class Truth:
    """Labelled objects of all images, sorted by group."""

    boxes: Floats  # (G, 4)
    areas: Floats  # (G,)
    labels: Ints  # (G,)
    group: Ints  # (G,)
    difficult: Bools  # (G,)
    crowd: Bools  # (G,)


@dataclass(frozen=True, eq=False)
class Lists:
    """Both sides of a set with K classes."""

    found: Found
    truth: Truth
    classes: int  # K


def flatten(
    detections: Sequence[Detections],
    objects: Sequence[Objects],
    num_classes: int,
    areas: Sequence[Sequence[float] | Tensor] | None = None,
) -> Lists:
    """``Lists`` of a set.

    A detection whose score is NaN is left out; a box that is not finite is made an empty one, which
    matches nothing.

    Args:
        areas: of each image the areas of its objects; without it those of their boxes.

    Raises:
        ValueError: if the lists differ in length, or a label is not in 0 ... num_classes - 1; if
            the box of an object is not finite, or its corners are exchanged.
    """
    if len(detections) != len(objects):
        raise ValueError(f"detections of {len(detections)} images but objects of {len(objects)}")
    return Lists(_found(detections, num_classes), _truth(objects, num_classes, areas), num_classes)


def _found(detections: Sequence[Detections], num_classes: int) -> Found:
    boxes = _boxes(detections, "detections")
    boxes[~np.isfinite(boxes).all(1)] = -2  # an empty box, outside every image
    scores = _floats([one.scores for one in detections])
    labels, group = _groups([one.labels for one in detections], num_classes, "detections")
    order = np.lexsort((-scores, group))  # stable
    order = order[~np.isnan(scores[order])]
    group = group[order]
    rank = np.arange(len(group)) - np.searchsorted(group, group)
    return Found(boxes[order], scores[order], labels[order], group, rank)


def _truth(
    objects: Sequence[Objects],
    num_classes: int,
    areas: Sequence[Sequence[float] | Tensor] | None,
) -> Truth:
    boxes = _boxes(objects, "objects")
    wrong = np.flatnonzero(~(np.isfinite(boxes).all(1) & (boxes[:, 2:] >= boxes[:, :2]).all(1)))
    if len(wrong):
        got = boxes[wrong[0]].tolist()
        raise ValueError(f"boxes of objects must be x1 <= x2, y1 <= y2, all finite, got {got}")
    labels, group = _groups([one.labels for one in objects], num_classes, "objects")
    difficult, crowd = (
        _floats(flags) > 0
        for flags in ([one.difficult for one in objects], [one.crowd for one in objects])
    )
    area = (
        box_areas(boxes)
        if areas is None
        else _floats([torch.as_tensor(one, dtype=torch.float64) for one in areas])
    )
    if len(area) != len(boxes):
        raise ValueError(f"{len(area)} areas for {len(boxes)} objects")
    order = np.argsort(group, kind="stable")
    return Truth(
        boxes[order], area[order], labels[order], group[order], difficult[order], crowd[order]
    )


def _boxes(images: Sequence[Detections | Objects], side: str) -> Floats:
    """The boxes of all images (n, 4); every field of an image must be as long as they are."""
    for number, one in enumerate(images):
        given = [field for field in one if field is not None]
        if len({len(field) for field in given}) != 1 or one.boxes.shape[1:] != (4,):
            shapes = ", ".join(str(tuple(field.shape)) for field in given)
            raise ValueError(f"{side} of image {number} must be (n, 4), (n,) ..., got {shapes}")
    return _floats([one.boxes for one in images]).reshape(-1, 4)


def _floats(tensors: Sequence[Tensor]) -> Floats:
    """Tensors of any type, one after the other."""
    if not tensors:
        return np.zeros(0)
    return torch.cat([one.detach() for one in tensors]).cpu().double().numpy()


def _groups(labels: Sequence[Tensor], num_classes: int, side: str) -> tuple[Ints, Ints]:
    """Labels of all images, and their groups."""
    image = np.repeat(np.arange(len(labels)), [len(one) for one in labels])
    flat = _floats(labels).astype(np.int64)
    if len(flat) and not 0 <= flat.min() <= flat.max() < num_classes:
        got = f"{flat.min()} ... {flat.max()}"
        raise ValueError(f"labels of the {side} must be in 0 ... {num_classes - 1}, got {got}")
    return flat, image * num_classes + flat


def box_areas(boxes: Floats) -> Floats:
    """Of boxes (n, 4), in square pixels."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def pairs(lists: Lists) -> Iterator[tuple[Ints, Ints]]:
    """Rows of detections and truths that are in the same group: all such pairs, in blocks."""
    first = np.searchsorted(lists.truth.group, lists.found.group)
    last = np.searchsorted(lists.truth.group, lists.found.group, side="right")
    partners = last - first  # (D,)
    before = np.cumsum(partners) - partners  # pairs of the detections before
    block = before // BLOCK
    for number in np.unique(block):
        rows = slice(*np.searchsorted(block, (number, number + 1)))
        many = partners[rows]
        detection = np.repeat(np.arange(rows.start, rows.stop), many)
        within = np.arange(len(detection)) - np.repeat(before[rows] - before[rows.start], many)
        yield detection, np.repeat(first[rows], many) + within


def shared(
    lists: Lists, detection: Ints, truth: Ints, *, pixel: float = 0.0
) -> tuple[Floats, Floats, Floats]:
    """Areas of the intersection, of the detection and of the truth of pairs, (n,) each.

    Args:
        pixel: added to widths and heights: VOC's corners are pixels that belong to the box.
    """
    a, b = lists.found.boxes[detection].T, lists.truth.boxes[truth].T  # (4, n)
    width = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]) + pixel
    height = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]) + pixel
    both = np.maximum(width, 0) * np.maximum(height, 0)
    of_a, of_b = ((c[2] - c[0] + pixel) * (c[3] - c[1] + pixel) for c in (a, b))
    return both, of_a, of_b
