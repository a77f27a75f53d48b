"""The size of the images of a training batch: small at first, or another one every few batches.

Proof: tests/data/image/boxes/test_input_sizes.py.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.engine.seed import generator
from zoo.errors import BadInput
from zoo.ops.boxes.objects import Objects

InputSize = Callable[[int, torch.Generator], tuple[int, int]]  # images seen, draw -> height, width

DARKNET = tuple((side, side) for side in range(320, 609, 32))


def growing(small: tuple[int, int], full: tuple[int, int], until: int) -> InputSize:
    """``small`` until so many images were seen, then ``full``: early steps are cheap.

    >>> size = growing((192, 256), (320, 416), until=800)
    >>> size(792, torch.Generator()), size(800, torch.Generator())
    ((192, 256), (320, 416))
    """
    return lambda seen, draw: small if seen < until else full


def multi_scale(
    sizes: Sequence[tuple[int, int]] = DARKNET, every: int = 640, seed: int = 0
) -> InputSize:
    """One of ``sizes`` at random, another one after ``every`` images.

    Redmon & Farhadi 2016, arXiv:1612.08242, sec. 2: every 10 batches (of 64) a multiple of 32.

    Args:
        sizes: height and width of each.
        seed: the sizes depend on it and on the number of images seen, nothing else.

    >>> size = multi_scale([(320, 416), (416, 544)], every=80)
    >>> size(0, torch.Generator()) == size(79, torch.Generator())
    True

    Raises:
        BadInput: without sizes, or if ``every`` is not at least 1.
    """
    if not sizes or every < 1:
        raise BadInput(f"multi_scale needs sizes and every >= 1, got {len(sizes)} and {every}")

    def size(seen: int, draw: torch.Generator) -> tuple[int, int]:
        own = generator(seed, "size", seen // every)
        return sizes[int(torch.randint(len(sizes), (), generator=own))]

    return size


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
