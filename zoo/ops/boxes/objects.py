"""What lies in an image: the labelled objects, and what a detector finds.

Proof: tests/ops/boxes/test_objects.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Objects(NamedTuple):
    """The labelled objects of one image, the truth; there may be none.

    Attributes:
        boxes: (n, 4) float32, x1 y1 x2 y2 in pixels of the image, width and height above 0.
        labels: (n,) int64, the row of the classes.
        difficult: (n,) bool: VOC counts such an object neither as found nor as missed.
        crowd: (n,) bool: COCO's region of many objects; detections in it are ignored.
    """

    boxes: Tensor
    labels: Tensor
    difficult: Tensor
    crowd: Tensor

    @property
    def size(self) -> int:
        """n: the number of objects."""
        return len(self.labels)

    def pick(self, index: Tensor) -> "Objects":
        """Those that an index or a mask (n,) chooses."""
        return Objects(*(field[index] for field in self))

    def moved(self, device: torch.device) -> "Objects":
        """The same on ``device``."""
        return Objects(*(field.to(device) for field in self))


class Detections(NamedTuple):
    """What a detector found in one image, the highest score first; there may be none.

    Attributes:
        boxes: (n, 4) float32, x1 y1 x2 y2 in pixels.
        labels: (n,) int64, the row of the classes.
        scores: (n,) float32 in [0, 1], descending.
        points: (n, p, 2) float32, x y in pixels, of a detector that finds p points of each object
            (the eyes of a face), perhaps outside of its box; None of all others.
    """

    boxes: Tensor
    labels: Tensor
    scores: Tensor
    points: Tensor | None = None

    @property
    def size(self) -> int:
        """n: the number of detections."""
        return len(self.scores)

    def pick(self, index: Tensor) -> "Detections":
        """Those that an index or a mask (n,) chooses."""
        points = None if self.points is None else self.points[index]
        return Detections(self.boxes[index], self.labels[index], self.scores[index], points)

    def moved(self, device: torch.device | str) -> "Detections":
        """The same on ``device``."""
        points = None if self.points is None else self.points.to(device)
        boxes, labels, scores = (x.to(device) for x in (self.boxes, self.labels, self.scores))
        return Detections(boxes, labels, scores, points)


def objects(
    boxes: Sequence[Sequence[float]] | Tensor,
    labels: Sequence[int] | Tensor,
    difficult: Sequence[bool] | None = None,
    crowd: Sequence[bool] | None = None,
) -> Objects:
    """``Objects`` from lists; without boxes an image without objects.

    >>> objects([[1, 2, 11, 22]], [3]).boxes
    tensor([[ 1.,  2., 11., 22.]])
    >>> objects([], []).boxes.shape
    torch.Size([0, 4])

    Raises:
        ValueError: if the lengths differ, or a box has not four numbers.
    """
    corners = torch.as_tensor(boxes, dtype=torch.float32)
    if corners.numel() and corners.shape[-1] != 4:
        raise ValueError(f"boxes must be (n, 4), x1 y1 x2 y2, got {tuple(corners.shape)}")
    corners = corners.reshape(-1, 4)
    number = torch.as_tensor(labels, dtype=torch.int64).reshape(-1)
    flags = [
        torch.zeros(len(number), dtype=torch.bool) if flag is None else torch.as_tensor(flag).bool()
        for flag in (difficult, crowd)
    ]
    lengths = {len(corners), len(number), *map(len, flags)}
    if len(lengths) != 1:
        raise ValueError(f"boxes, labels and flags must be as many, got {sorted(lengths)}")
    return Objects(corners, number, *(flag.reshape(-1) for flag in flags))


def joined(parts: Sequence[Objects]) -> Objects:
    """The objects of several parts of an image, one after the other.

    >>> joined([objects([[1, 2, 11, 22]], [3]), objects([], []), objects([[0, 0, 1, 1]], [0])])[1]
    tensor([3, 0])
    """
    return Objects(*(torch.cat(fields) for fields in zip(*parts, strict=True)))


def no_detections(device: torch.device | None = None) -> Detections:
    """An empty ``Detections``."""
    floats = torch.zeros(0, device=device)
    return Detections(floats.view(0, 4), floats.long(), floats)


def joined_detections(parts: Sequence[Detections]) -> Detections:
    """The detections of several parts, one after the other; all have points, or none has.

    >>> joined_detections([no_detections(), no_detections()]).size
    0
    """
    boxes, labels, scores, points = zip(*parts, strict=True)
    five = [one for one in points if one is not None]
    return Detections(
        torch.cat(boxes), torch.cat(labels), torch.cat(scores), torch.cat(five) if five else None
    )
