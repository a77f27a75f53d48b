"""Multi-crop evaluation: probabilities averaged over 1, 10 or 144 crops of an image.

Papers: Krizhevsky et al. 2012, sec. 4.1 (ten crops); Szegedy et al. 2014, arXiv:1409.4842, sec. 7
(144). Notes: course 4, week 2, "State of computer vision": multi-crop at test time.
Deviations: for networks whose input is not 224 pixels the papers' sizes are scaled accordingly.
Proof: tests/practice/test_crops.py.
"""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import BadInput

COUNTS = (1, 10, 144)
SHORTER = (256, 288, 320, 352)  # shorter sides of the image, for crops of 224 pixels


def crops(images: Tensor, size: int, count: int) -> Tensor:
    """(..., C, H, W) uint8 or float of any height and width to crops (..., count, C, size, size).

    1: shorter side 256, the central 224 x 224. 10: of the central 256 x 256 the four corners and
    the centre, then their horizontal flips. 144: shorter sides 256, 288, 320 and 352; of each the
    left, central and right square (top, central, bottom of a portrait image); of each the four
    corners, the centre, and the square resized to 224; of each the horizontal flip.

    Raises:
        BadInput: for another count, or a size below 1.
    """
    if count not in COUNTS or size < 1:
        raise BadInput(f"crops are 1, 10 or 144 of at least 1 pixel, got {count} of {size}")
    lead = images.shape[:-3]
    views = list(_CROPS[count](images.reshape(-1, *images.shape[-3:]), size))
    return torch.stack(views, 1).view(*lead, count, *views[0].shape[1:])


def five_crops(images: Tensor, size: int) -> list[Tensor]:
    """Top left, top right, bottom left, bottom right and central crop, each (..., size, size)."""
    down, right = images.shape[-2] - size, images.shape[-1] - size
    corners = [(0, 0), (0, right), (down, 0), (down, right)]
    return [
        images[..., y : y + size, x : x + size]
        for y, x in (*corners, (round(down / 2), round(right / 2)))
    ]


def with_flips(views: list[Tensor]) -> Iterator[Tensor]:
    """The views, then the horizontal flip of each."""
    yield from views
    yield from (view.flip(-1) for view in views)


def squares(images: Tensor) -> list[Tensor]:
    """Left, central and right square of landscape images; top, central, bottom of portrait ones."""
    side = min(images.shape[-2:])
    dim = -1 if images.shape[-1] > side else -2
    excess = images.shape[dim] - side
    return [images.narrow(dim, start, side) for start in (0, round(excess / 2), excess)]


def resize(images: Tensor, height: int, width: int) -> Tensor:
    """Images (N, C, H, W) resized with antialiased bilinear interpolation, of the same dtype."""
    if images.shape[-2:] == (height, width):
        return images
    floats = images if images.is_floating_point() else images.float()
    resized = F.interpolate(floats, (height, width), mode="bilinear", antialias=True)
    if images.is_floating_point():
        return resized
    return resized.round().clamp(0, 255).to(images.dtype)


def resize_shorter(images: Tensor, shorter: int) -> Tensor:
    """Images (N, C, H, W) resized to the shorter side ``shorter``, with the same aspect ratio."""
    side = min(images.shape[-2:])
    height, width = (round(length * shorter / side) for length in images.shape[-2:])
    return resize(images, height, width)


def mean_log_p(log_p: Tensor) -> Tensor:
    """Log-probabilities (N, n, K) of n views to the log of their mean probability (N, K)."""
    return log_p.logsumexp(1) - math.log(log_p.shape[1])


def _one(images: Tensor, size: int) -> Iterator[Tensor]:
    yield five_crops(resize_shorter(images, _scaled(SHORTER[0], size)), size)[4]


def _ten(images: Tensor, size: int) -> Iterator[Tensor]:
    middle = squares(resize_shorter(images, _scaled(SHORTER[0], size)))[1]
    yield from with_flips(five_crops(middle, size))


def _144(images: Tensor, size: int) -> Iterator[Tensor]:
    for shorter in SHORTER:
        for square in squares(resize_shorter(images, _scaled(shorter, size))):
            yield from with_flips([*five_crops(square, size), resize(square, size, size)])


def largest(size: int) -> int:
    """The shorter side of the largest image that crops of ``size`` pixels are cut from."""
    return _scaled(SHORTER[-1], size)


def _scaled(shorter: int, size: int) -> int:
    """The papers' shorter side for crops of ``size`` pixels instead of 224."""
    return round(size * shorter / 224)


_CROPS = {1: _one, 10: _ten, 144: _144}
