"""The size of the images of a training batch: small at first, or another one every few batches.

Proof: tests/data/image/boxes/test_input_sizes.py.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.engine.seed import generator
from zoo.errors import BadInput
from zoo.ops.boxes.objects import Objects

Size = tuple[int, int]  # height and width
InputSize = Callable[[int, Size, int], Size]  # images seen, size of the images, stride -> a size

DARKNET = tuple((side, side) for side in range(320, 609, 32))
USUAL = 416  # of which Darknet's sizes are multiples of 10/13 to 19/13


def growing(small: Size, full: Size, until: int) -> InputSize:
    """``small`` until so many images were seen, then ``full``: early steps are cheap.

    >>> size = growing((192, 256), (320, 416), until=800)
    >>> size(792, (320, 416), 32), size(800, (320, 416), 32)
    ((192, 256), (320, 416))
    """
    return lambda seen, images, stride: small if seen < until else full


def multi_scale(sizes: Sequence[Size] | None = None, every: int = 640, seed: int = 0) -> InputSize:
    """One of ``sizes`` at random, another one after ``every`` images.

    Redmon & Farhadi 2016, arXiv:1612.08242, sec. 2: every 10 batches (of 64) a multiple of 32.

    Args:
        sizes: height and width of each; None: what Darknet's ten are for images of 416 x 416, for
            the images that there are: 10/13 to 19/13 of their sides, in multiples of the stride.
        seed: the sizes depend on it and on the number of images seen, nothing else.

    >>> size = multi_scale([(320, 416), (416, 544)], every=80)
    >>> size(0, (320, 416), 32) == size(79, (320, 416), 32)
    True

    Raises:
        BadInput: without sizes, or if ``every`` is not at least 1.
    """
    chosen = DARKNET if sizes is None else tuple(sizes)
    if not chosen or every < 1:
        raise BadInput(f"multi_scale needs sizes and every >= 1, got {len(chosen)} and {every}")

    def size(seen: int, images: Size, stride: int) -> Size:
        own = generator(seed, "size", seen // every)
        height, width = chosen[int(torch.randint(len(chosen), (), generator=own))]
        if sizes is not None:
            return height, width
        return _multiple(images[0] * height, stride), _multiple(images[1] * width, stride)

    return size


def _multiple(side: int, stride: int) -> int:
    """The multiple of ``stride`` next to ``side`` / USUAL, at least one."""
    return max(round(side / USUAL / stride), 1) * stride


NAMED: dict[str, Callable[[], InputSize | None]] = {  # as a command line takes them
    "none": lambda: None,
    "multi_scale": partial(multi_scale, every=80),  # 10 batches of 8
}


def rescaled(
    images: Tensor, objects: Sequence[Objects], size: Size
) -> tuple[Tensor, Sequence[Objects]]:
    """Images (N, 3, H, W) float and their boxes, stretched to ``size`` (antialiased bilinear)."""
    height, width = images.shape[2:]
    if (height, width) == tuple(size):
        return images, objects
    scale = images.new_tensor([size[1] / width, size[0] / height] * 2)
    moved = [one._replace(boxes=one.boxes * scale) for one in objects]
    return F.interpolate(images, size, mode="bilinear", antialias=True), moved
