"""Images to another size: antialiased bilinear, as Pillow does it, and the crop after it.

Pixels stay bytes. Grey has Pillow's bits. RGB is made by torch, several times faster where the
channels lie side by side in memory as ``zoo.data.image.read.decoded`` gives them; it differs from
Pillow by at most one grey level, where weights of 15 bits round otherwise than its 22.
Measured: ``zoo bench images``. Proof: tests/data/image/test_resize.py.
"""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from zoo.errors import BadInput

BILINEAR = Image.Resampling.BILINEAR
MOST_PIXELS = 64_000_000  # of an image, read or made: 8000 x 8000


def resized(image: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, H, W) uint8 to another height and width; RGB keeps its order in memory."""
    if tuple(image.shape[1:]) == tuple(size):
        return image
    if image.shape[0] != 3:
        planes = (Image.fromarray(plane.numpy()) for plane in image)
        made = [np.array(one.resize((size[1], size[0]), BILINEAR)) for one in planes]
        return torch.from_numpy(np.stack(made))
    together = not image.is_contiguous()
    batch = image[None] if together else image[:, None]  # torch fails on (1, 3, H, W) to 1 x 1
    result = F.interpolate(batch, tuple(size), mode="bilinear", antialias=True)
    return result[0] if together else result[:, 0]


def shortened(image: Tensor, shorter: int) -> Tensor:
    """(C, H, W) uint8 with its shorter side made ``shorter`` pixels, the aspect ratio kept.

    The longer side is rounded down, as torchvision's ``Resize(shorter)`` does.

    Raises:
        BadInput: if the longer side would be of more than 64 million pixels' worth.
    """
    height, width = image.shape[1:]
    longer = int(shorter * max(height, width) / min(height, width))
    if shorter * longer > MOST_PIXELS:
        raise BadInput(
            f"an image of {height} x {width} pixels is too long and thin: resized it would have "
            f"{shorter * longer // 10**6} million pixels, at most {MOST_PIXELS // 10**6} are made"
        )
    return resized(image, (longer, shorter) if width <= height else (shorter, longer))


def middle(image: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle ``size`` of (C, H, W); an image that is smaller gets a black frame first.

    Where an odd number of pixels is left over, halves go to the even neighbour, and of the frame
    the larger part is at the bottom and right: torchvision's ``CenterCrop``.
    """
    lack = [max(want - have, 0) for want, have in zip(size, image.shape[1:], strict=True)]
    if any(lack):
        (down, right), (top, left) = lack, (lack[0] // 2, lack[1] // 2)
        image = F.pad(image, (left, right - left, top, down - top))
    height, width = image.shape[1:]
    top, left = round((height - size[0]) / 2), round((width - size[1]) / 2)
    return image[:, top : top + size[0], left : left + size[1]]


def frame(pixels: Tensor, pad: int) -> Tensor:
    """A black frame of ``pad`` pixels around (..., H, W)."""
    return F.pad(pixels, (pad, pad, pad, pad)) if pad else pixels
