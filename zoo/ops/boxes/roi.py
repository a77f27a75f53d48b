"""Regions of interest: the part of a feature map below a box, in a fixed number of bins.

``plain_roi_pool`` and ``plain_roi_align`` are the definitions for the reader; ``roi_pool`` and
``roi_align`` give the same with torchvision's kernels, which read outside their memory where a
region names no image or is not finite: that is refused first, here and there.

Girshick 2015, "Fast R-CNN", arXiv:1504.08083, sec. 2.1: the maximum in each bin, whose edges are
whole pixels. He et al. 2017, "Mask R-CNN", arXiv:1703.06870, sec. 3: the mean of bilinear samples
in each bin, nothing is rounded. Proof: tests/ops/boxes/test_roi.py.
"""

import math

import torch
from torch import Tensor

from zoo.errors import BadInput

LARGEST = 4096  # pixels of the map: sampling a region takes memory by its size


def roi_pool(features: Tensor, rois: Tensor, size: tuple[int, int], scale: float = 1.0) -> Tensor:
    """The maximum of each bin of each region, with torchvision's kernel.

    Args:
        features: (N, C, H, W) floats.
        rois: (K, 5): the number of the image, x1 y1 x2 y2 in pixels of the network's input. What
            lies outside the map is left out; a bin without pixels is 0.
        size: rows and columns of bins.
        scale: of the map to the input: 1/16.

    Returns:
        (K, C, rows, columns).

    Raises:
        BadInput: if a region is not finite or names an image that there is not, or for other
            shapes.
    """
    from torchvision.ops import roi_pool as kernel  # late: its import takes half a second

    _check(features, rois, size, scale)
    pooled: Tensor = kernel(features, rois.to(features.dtype), size, scale)
    return pooled


def plain_roi_pool(
    features: Tensor, rois: Tensor, size: tuple[int, int], scale: float = 1.0
) -> Tensor:
    """``roi_pool`` as it is defined, slowly."""
    _check(features, rois, size, scale)
    height, width = features.shape[2:]
    pooled = features.new_zeros(len(rois), features.shape[1], *size)
    for k, (image, *corners) in enumerate(rois.to(features.dtype).tolist()):
        x1, y1, x2, y2 = (_rounded(corner * scale) for corner in corners)
        for row, (top, bottom) in enumerate(_bins(y1, y2, size[0], height)):
            for column, (left, right) in enumerate(_bins(x1, x2, size[1], width)):
                if top < bottom and left < right:
                    part = features[int(image), :, top:bottom, left:right]
                    pooled[k, :, row, column] = part.amax((1, 2))
    return pooled


def roi_align(
    features: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    scale: float = 1.0,
    *,
    samples: int = 0,
    aligned: bool = True,
) -> Tensor:
    """The mean of bilinear samples in each bin of each region, with torchvision's kernel.

    Args, returns and errors as ``roi_pool``, and:
        samples: in each direction of a bin; 0 for as many as there are pixels, rounded up.
        aligned: pixel (0, 0) has its centre at (0.5, 0.5), as it is right; without it at (0, 0), as
            first published, and regions are at least one pixel wide.
    """
    from torchvision.ops import roi_align as kernel  # late: its import takes half a second

    _check(features, rois, size, scale)
    return kernel(features, rois.to(features.dtype), size, scale, samples, aligned)


def plain_roi_align(
    features: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    scale: float = 1.0,
    *,
    samples: int = 0,
    aligned: bool = True,
) -> Tensor:
    """``roi_align`` as it is defined, slowly."""
    _check(features, rois, size, scale)
    found = [features.new_zeros(0, features.shape[1], *size)]
    for image, *corners in rois.to(features.dtype).tolist():
        x1, y1, x2, y2 = (corner * scale - 0.5 * aligned for corner in corners)
        ys, rows = _sample_points(y1, y2, size[0], samples, aligned)
        xs, columns = _sample_points(x1, x2, size[1], samples, aligned)
        values = _bilinear(features[int(image)], features.new_tensor(ys), features.new_tensor(xs))
        bins = values.view(len(values), size[0], rows, size[1], columns)
        # no sample in a bin: the region is turned inside out, and its mean is 0
        found.append((bins.sum((2, 4)) / max(rows * columns, 1))[None])
    return torch.cat(found)


def _bins(first: int, last: int, number: int, limit: int) -> list[tuple[int, int]]:
    """First pixel and the one after the last of each bin: pixels first to last, both included."""
    side = max(last - first + 1, 1) / number
    edges = [(math.floor(i * side), math.ceil((i + 1) * side)) for i in range(number)]
    return [(min(max(a + first, 0), limit), min(max(b + first, 0), limit)) for a, b in edges]


def _sample_points(
    first: float, last: float, number: int, samples: int, aligned: bool
) -> tuple[list[float], int]:
    """The coordinates of all samples along an axis, and how many each bin has."""
    length = last - first if aligned else max(last - first, 1.0)
    side = length / number
    each = samples if samples > 0 else max(math.ceil(side), 0)
    points = [
        first + b * side + (s + 0.5) * side / each for b in range(number) for s in range(each)
    ]
    return points, each


def _bilinear(features: Tensor, ys: Tensor, xs: Tensor) -> Tensor:
    """A map (C, H, W) at all pairs of coordinates, (C, n, m); 0 more than a pixel outside."""
    (y, y_next, dy, y_in), (x, x_next, dx, x_in) = (
        _neighbours(points, limit)
        for points, limit in zip((ys, xs), features.shape[1:], strict=True)
    )
    dy = dy[:, None]
    above = features[:, y][:, :, x] * (1 - dx) + features[:, y][:, :, x_next] * dx
    below = features[:, y_next][:, :, x] * (1 - dx) + features[:, y_next][:, :, x_next] * dx
    return (above * (1 - dy) + below * dy) * (y_in[:, None] & x_in)


def _neighbours(points: Tensor, limit: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The pixels on both sides of each coordinate, the share of the second, and what is inside."""
    inside = (points >= -1) & (points <= limit)
    points = points.clamp(0, limit - 1)
    first = points.long()
    return first, (first + 1).clamp_max(limit - 1), points - first, inside


def _rounded(x: float) -> int:
    """The nearest whole number, halves away from 0, as C rounds."""
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def _check(features: Tensor, rois: Tensor, size: tuple[int, int], scale: float) -> None:
    if features.dim() != 4 or rois.dim() != 2 or rois.shape[1] != 5:
        got = f"{tuple(features.shape)} and {tuple(rois.shape)}"
        raise BadInput(f"features must be (N, C, H, W) and regions (K, 5), got {got}")
    if len(size) != 2 or min(size) < 1 or min(features.shape[2:]) < 1:
        raise BadInput(f"bins and map must have 1 row and column or more, got {size} and a map of "
                       f"{tuple(features.shape[2:])}")  # fmt: skip
    if not (math.isfinite(scale) and scale > 0):
        raise BadInput(f"scale must be finite and above 0, got {scale}")
    images = rois[:, 0]
    good = (scale * rois[:, 1:].abs() <= LARGEST).all(1) & (images >= 0) & (images < len(features))
    good &= images == images.floor()
    if not good.all():
        first = int((~good).nonzero()[0])
        raise BadInput(f"a region must be the number of one of {len(features)} images and a box of "
                       f"finite numbers up to {LARGEST:,}, got region {first}: "
                       f"{rois[first].tolist()}")  # fmt: skip
