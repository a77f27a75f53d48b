"""What the proofs of the YOLO losses share: Darknet's plain C arithmetic, in plain Python."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.ops.boxes.objects import Objects


class Box(NamedTuple):
    """Center and size as shares of the image, as Darknet keeps them."""

    x: float
    y: float
    w: float
    h: float


class Truth(NamedTuple):
    """One labelled object."""

    box: Box
    label: int


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def overlap(x1: float, w1: float, x2: float, w2: float) -> float:
    left = max(x1 - w1 / 2, x2 - w2 / 2)
    right = min(x1 + w1 / 2, x2 + w2 / 2)
    return right - left


def iou(a: Box, b: Box) -> float:
    w, h = overlap(a.x, a.w, b.x, b.w), overlap(a.y, a.h, b.y, b.h)
    inner = 0.0 if w < 0 or h < 0 else w * h
    return inner / (a.w * a.h + b.w * b.h - inner)


def to_truths(objects: Objects, width: int, height: int) -> list[Truth]:
    """Shares of the image from pixels, in doubles."""
    found = []
    for (x1, y1, x2, y2), label in zip(
        objects.boxes.double().tolist(), objects.labels.tolist(), strict=True
    ):
        center = (x1 + x2) / 2 / width, (y1 + y2) / 2 / height
        found.append(Truth(Box(*center, (x2 - x1) / width, (y2 - y1) / height), label))
    return found


def cell_of(share: float, cells: int) -> int:
    """The cell of a center; one on the far border counts to the last."""
    return min(int(share * cells), cells - 1)


class Heads(torch.nn.Module):
    """Stands for a network: gives what it holds, whatever the images."""

    def __init__(self, maps: list[Tensor], anchors, masks, strides, num_classes: int) -> None:
        super().__init__()
        self.maps = torch.nn.ParameterList(maps)
        self.anchors, self.masks, self.strides = anchors, masks, strides
        self.num_classes = num_classes

    def forward(self, images: Tensor) -> list[Tensor]:
        return list(self.maps)
