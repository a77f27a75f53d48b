"""What the proofs of the YOLO losses share: Darknet's plain C arithmetic, in plain Python."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.ops.boxes.objects import Objects, objects

KINDS = 4
WIDTH, HEIGHT = 128, 96  # of the images, in pixels


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


def to_truths(labels: Objects) -> list[Truth]:
    """Shares of the image from pixels, in doubles."""
    found = []
    for (x1, y1, x2, y2), label in zip(
        labels.boxes.double().tolist(), labels.labels.tolist(), strict=True
    ):
        center = (x1 + x2) / 2 / WIDTH, (y1 + y2) / 2 / HEIGHT
        found.append(Truth(Box(*center, (x2 - x1) / WIDTH, (y2 - y1) / HEIGHT), label))
    return found


def cell_of(share: float, cells: int) -> int:
    """The cell of a center; one on the far border counts to the last."""
    return min(int(share * cells), cells - 1)


def best_shape(box: Box, anchors) -> int:
    """The first of the anchors (in pixels) that fit the shape best."""
    best, best_n = 0.0, 0
    for number, (width, height) in enumerate(anchors):
        fit = iou(Box(0, 0, width / WIDTH, height / HEIGHT), Box(0, 0, box.w, box.h))
        if fit > best:
            best, best_n = fit, number
    return best_n


def predicted(raw, anchor, i: int, j: int, w: int, h: int) -> Box:
    """The box of an anchor (in pixels) in column i and row j of w x h cells."""
    return Box(
        (i + sigmoid(raw[0])) / w,
        (j + sigmoid(raw[1])) / h,
        math.exp(raw[2]) * anchor[0] / WIDTH,
        math.exp(raw[3]) * anchor[1] / HEIGHT,
    )


def split(output: Tensor) -> Tensor:
    """A map (N, A (5 + K), h, w) as (N, A, h, w, 5 + K)."""
    return output.unflatten(1, (-1, 5 + KINDS)).permute(0, 1, 3, 4, 2)


def some(seed: int, number: int) -> Objects:
    """Objects anywhere within the picture."""
    draw = torch.Generator().manual_seed(seed)
    size = torch.rand(number, 2, generator=draw) * torch.tensor([100.0, 80.0]) + 2
    low = torch.rand(number, 2, generator=draw) * (torch.tensor([WIDTH, HEIGHT]) - size)
    return objects(torch.cat([low, low + size], 1), torch.randint(KINDS, (number,), generator=draw))


class Heads(torch.nn.Module):
    """Stands for a network: gives what it holds, whatever the images."""

    def __init__(self, maps: list[Tensor], anchors, masks, strides, num_classes: int) -> None:
        super().__init__()
        self.maps = torch.nn.ParameterList(maps)
        self.anchors, self.masks, self.strides = anchors, masks, strides
        self.num_classes = num_classes

    def forward(self, images: Tensor) -> list[Tensor]:
        return list(self.maps)
