"""How well one object is found: whether it is there, of which class, and where.

Sums over examples first, so that they may be shared by several processes; then scores. In a set
without an object nothing is located, and what is measured on objects is 0, not NaN.
Proof: tests/metrics/test_localization.py.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from zoo.ops.boxes.iou import paired_iou

Better = Literal["lower", "higher"]
SURE = 0.5  # probability from which on there is an object
GOOD = 0.5  # IoU above which a box is right


class Found(NamedTuple):
    """What is found in N images, or what is there: then p is 0 or 1.

    Attributes:
        p: (N,) probability that there is an object.
        points: (N, P, 2), x and y as parts of the image; of a box two opposite corners.
        labels: (N,) int64, the class if there is an object.
    """

    p: Tensor
    points: Tensor
    labels: Tensor


class Measure(Protocol):
    """The scores of one kind of place."""

    SCORES: ClassVar[Mapping[str, Better]]
    """Names, and which values are better: "lower" or "higher"."""

    @staticmethod
    def each(found: Found, truth: Found) -> Tensor:
        """(N, m) for each image: whether there is an object, then what ``scores`` sums up."""

    @staticmethod
    def scores(sums: Tensor, count: int) -> dict[str, float]:
        """Scores from the sums (m,) over ``count`` images."""


class Boxes:
    """Of a box and a class.

    ``iou``: the mean over the images with an object, whatever p says. ``p_error``: percent of all
    images where p is on the wrong side of 1/2. ``class_error``: percent of the objects. ``found``:
    percent of the objects with p of 1/2 or more, the right class, and an IoU above 1/2.
    """

    SCORES: ClassVar[Mapping[str, Better]] = {
        **{"iou": "higher", "p_error": "lower"},
        **{"class_error": "lower", "found": "higher"},
    }

    @staticmethod
    def each(found: Found, truth: Found) -> Tensor:
        there = truth.p >= SURE
        iou = paired_iou(corners(found.points), corners(truth.points))
        right = found.labels == truth.labels
        good = (found.p >= SURE) & right & (iou > GOOD)
        wrong_p = (found.p >= SURE) != there
        parts = [there, there * iou, wrong_p, there & ~right, there & good]
        return torch.stack([part.double() for part in parts], 1)

    @staticmethod
    def scores(sums: Tensor, count: int) -> dict[str, float]:
        objects, iou, wrong_p, wrong, good = sums.tolist()
        most = max(objects, 1.0)
        return {
            **{"iou": iou / most, "p_error": 100 * wrong_p / max(count, 1)},
            **{"class_error": 100 * wrong / most, "found": 100 * good / most},
        }


class Points:
    """Of points.

    ``distance``: the mean from the true to the found ones, in percent of the image's side, over the
    images with an object. ``p_error``: as of ``Boxes``.
    """

    SCORES: ClassVar[Mapping[str, Better]] = {"distance": "lower", "p_error": "lower"}

    @staticmethod
    def each(found: Found, truth: Found) -> Tensor:
        there = truth.p >= SURE
        away = (found.points - truth.points).square().sum(2).sqrt().mean(1)
        parts = [there, there * away, (found.p >= SURE) != there]
        return torch.stack([part.double() for part in parts], 1)

    @staticmethod
    def scores(sums: Tensor, count: int) -> dict[str, float]:
        objects, away, wrong_p = sums.tolist()
        distance = 100 * away / max(objects, 1.0)
        return {"distance": distance, "p_error": 100 * wrong_p / max(count, 1)}


UNITS = {"p_error": "%", "class_error": "%", "found": "%", "distance": "%"}
MEASURES: Mapping[str, type[Measure]] = {"box": Boxes, "points": Points}  # by what a network finds


def corners(points: Tensor) -> Tensor:
    """Two opposite corners (N, 2, 2) to boxes x1 y1 x2 y2 (N, 4)."""
    return torch.cat([points.amin(1), points.amax(1)], 1)


def read_outputs(outputs: Tensor, decode: Callable[[Tensor], Tensor], numbers: int) -> Found:
    """What y says, which is given before sigmoid and softmax (N, 1 + D + K).

    Args:
        decode: (N, D) in [0, 1] to points (N, P, 2).
        numbers: D.
    """
    where = outputs[:, 1 : 1 + numbers].sigmoid()
    classes = outputs[:, 1 + numbers :]
    labels = classes.argmax(1) if classes.shape[1] else torch.zeros_like(outputs[:, 0]).long()
    return Found(outputs[:, 0].sigmoid(), decode(where), labels)
