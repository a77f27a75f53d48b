"""Several views of one picture at test time, their probabilities averaged: 1, 10 or 144 crops.

Papers: Krizhevsky et al. 2012, sec. 4.1 (ten crops); Szegedy et al. 2014, arXiv:1409.4842, sec. 7
(144). Notes: course 4, week 2, "State of computer vision": multi-crop at test time.
Deviations: for networks whose input is not 224 pixels the papers' sizes are scaled with it.
Proof: tests/practice/test_crops.py.
"""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.errors import BadInput

COUNTS = (1, 10, 144)
SHORTER = (256, 288, 320, 352)  # of the picture, for crops of 224


def crops(pictures: Tensor, size: int, count: int) -> Tensor:
    """(..., C, H, W) uint8 or float of any height and width to crops (..., count, C, size, size).

    1: shorter side 256, the middle 224 x 224. 10: of the middle 256 x 256 the four corners and the
    middle, then the same mirrored. 144: shorter sides 256, 288, 320 and 352; of each the left,
    middle and right square (top, middle, bottom of an upright picture); of each the four corners,
    the middle, and the square shrunk to 224; of each the mirror image.

    Raises:
        BadInput: for another count, or a size below 1.
    """
    if count not in COUNTS or size < 1:
        raise BadInput(f"crops are 1, 10 or 144 of at least 1 pixel, got {count} of {size}")
    lead = pictures.shape[:-3]
    found = list(_CUT[count](pictures.reshape(-1, *pictures.shape[-3:]), size))
    return torch.stack(found, 1).view(*lead, count, *found[0].shape[1:])


def five(pictures: Tensor, size: int) -> list[Tensor]:
    """Top left, top right, bottom left, bottom right and middle: (..., size, size) each."""
    down, right = pictures.shape[-2] - size, pictures.shape[-1] - size
    corners = [(0, 0), (0, right), (down, 0), (down, right)]
    return [
        pictures[..., y : y + size, x : x + size]
        for y, x in (*corners, (round(down / 2), round(right / 2)))
    ]


def with_mirrors(views: list[Tensor]) -> Iterator[Tensor]:
    """The views, then the mirror image of each."""
    yield from views
    yield from (view.flip(-1) for view in views)


def squares(pictures: Tensor) -> list[Tensor]:
    """Left, middle and right square of wide pictures; top, middle and bottom of upright ones."""
    side = min(pictures.shape[-2:])
    along = -1 if pictures.shape[-1] > side else -2
    room = pictures.shape[along] - side
    return [pictures.narrow(along, start, side) for start in (0, round(room / 2), room)]


def resized(pictures: Tensor, height: int, width: int) -> Tensor:
    """(N, C, H, W) to another height and width: antialiased bilinear, the type kept."""
    if pictures.shape[-2:] == (height, width):
        return pictures
    floats = pictures if pictures.is_floating_point() else pictures.float()
    moved = F.interpolate(floats, (height, width), mode="bilinear", antialias=True)
    if pictures.is_floating_point():
        return moved
    return moved.round().clamp(0, 255).to(pictures.dtype)


def to_shorter(pictures: Tensor, shorter: int) -> Tensor:
    """(N, C, H, W) with its shorter side ``shorter`` and its proportions kept."""
    side = min(pictures.shape[-2:])
    height, width = (round(length * shorter / side) for length in pictures.shape[-2:])
    return resized(pictures, height, width)


class MultiCrop(nn.Module):
    """A network that looks at several crops of each picture: put it where the network was.

    Pictures (N, C, H, W), normalised, to log-probabilities (N, K): the logarithm of the mean over
    the crops of the probabilities (softmax), not of the logits. Crops are H pixels large, so the
    pictures are enlarged by 256 / 224 and more before they are cut.
    """

    def __init__(self, model: nn.Module, count: int) -> None:
        super().__init__()
        if count not in COUNTS:
            raise BadInput(f"crops are 1, 10 or 144, got {count}")
        self.model, self.count = model, count

    def forward(self, pictures: Tensor) -> Tensor:
        if pictures.shape[-1] != pictures.shape[-2]:
            raise BadInput(f"crops are square, the input is {tuple(pictures.shape[-2:])}")
        views = _CUT[self.count](pictures, pictures.shape[-1])  # one at a time: 144 would not fit
        log_p = [self.model(view).log_softmax(1) for view in views]
        return mean_log_p(torch.stack(log_p, 1))


def mean_log_p(log_p: Tensor) -> Tensor:
    """Log-probabilities (N, n, K) of n views to the logarithm of their mean probability (N, K)."""
    return log_p.logsumexp(1) - math.log(log_p.shape[1])


def _one(pictures: Tensor, size: int) -> Iterator[Tensor]:
    yield five(to_shorter(pictures, _scaled(SHORTER[0], size)), size)[4]


def _ten(pictures: Tensor, size: int) -> Iterator[Tensor]:
    middle = squares(to_shorter(pictures, _scaled(SHORTER[0], size)))[1]
    yield from with_mirrors(five(middle, size))


def _144(pictures: Tensor, size: int) -> Iterator[Tensor]:
    for shorter in SHORTER:
        for square in squares(to_shorter(pictures, _scaled(shorter, size))):
            yield from with_mirrors([*five(square, size), resized(square, size, size)])


def _scaled(shorter: int, size: int) -> int:
    """The papers' shorter side for crops of ``size`` pixels instead of 224."""
    return round(size * shorter / 224)


_CUT = {1: _one, 10: _ten, 144: _144}
