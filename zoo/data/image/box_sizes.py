"""The size of the images of a training batch: small at first, or another one every few batches.

Proof: tests/data/image/test_box_sizes.py.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.ops.boxes.objects import Objects

InputSize = Callable[[int, torch.Generator], tuple[int, int]]  # images seen, draw -> height, width


def growing(small: tuple[int, int], full: tuple[int, int], until: int) -> InputSize:
    """``small`` until so many images were seen, then ``full``: early steps are cheap.

    >>> size = growing((192, 256), (320, 416), until=800)
    >>> size(792, torch.Generator()), size(800, torch.Generator())
    ((192, 256), (320, 416))
    """
    return lambda seen, draw: small if seen < until else full


def rescaled(
    images: Tensor, objects: Sequence[Objects], size: tuple[int, int]
) -> tuple[Tensor, Sequence[Objects]]:
    """Images (N, 3, H, W) float and their boxes, stretched to ``size`` (antialiased bilinear)."""
    height, width = images.shape[2:]
    if (height, width) == tuple(size):
        return images, objects
    scale = images.new_tensor([size[1] / width, size[0] / height] * 2)
    moved = [one._replace(boxes=one.boxes * scale) for one in objects]
    return F.interpolate(images, size, mode="bilinear", antialias=True), moved
