"""Arrays and tensors as images: which axis is which, and what the values mean.

One image is (H, W), grey; (H, W, C) with C = 1, 3 or 4 (the last one opacity); or (C, H, W) with
C = 1 or 3. A batch is (N, C, H, W) or (N, H, W, C). A shape with two meanings is refused:

- (3, 3, W), (H, 3, 3) and the like: the first axis or the last may be the channels;
- (3, H, W) as it stands: one colour image, or three grey ones? In a list each item is one image, so
  a list settles it: ``[array]`` is one in colour, ``list(array)`` are three in grey. A tensor of
  torch's for a network that takes colour is one in colour: that is its own form;
- (5, 784) for a network of 28 x 28 pixels: five images, flattened, or one of 5 x 784?

Values are uint8, or floating point from 0 to 1. Proof: tests/data/image/test_arrays.py.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from zoo.errors import BadInput

FIRST, LAST = (1, 3), (1, 3, 4)  # numbers of channels on the first axis of an image, on the last
SETTLED = "give a list of images, each (H, W) or (C, H, W), or a batch (N, C, H, W)"


def batch_of(raw: Any, channels: int, flat: Collection[int] = ()) -> list[Any] | None:
    """The images of a batch of four axes; None for what is one image, or no array at all.

    Args:
        raw: anything; only arrays of numpy and tensors of torch are looked at.
        channels: what the network takes: 1 for grey, 3 for RGB.
        flat: numbers of values that one of its images has.

    Raises:
        BadInput: for a shape that can be one image or several, or has its channels on two axes.
    """
    if not isinstance(raw, np.ndarray | Tensor):
        return None
    shape = tuple(raw.shape)
    if len(shape) == 2 and shape[1] in flat and shape[0] != shape[1]:
        raise BadInput(f"{shape} can be {shape[0]} flattened images or one grey one; {SETTLED}")
    if len(shape) == 3 and shape[0] == 3:
        if shape[2] not in LAST and not (channels == 3 and isinstance(raw, Tensor)):
            raise BadInput(f"{shape} can be one colour image or three grey ones; {SETTLED}")
    elif len(shape) == 3 and shape[0] not in FIRST and shape[2] not in LAST:
        raise BadInput(f"{shape} has no axis of 1, 3 or 4 channels; {SETTLED}")
    if len(shape) != 4:
        return None
    if shape[1] not in FIRST and shape[3] not in LAST:
        raise BadInput(
            f"a batch of images is (N, C, H, W) or (N, H, W, C) of 1 or 3 channels, got {shape}"
        )
    channel_axis(shape[1:])
    return list(raw)


def channel_axis(shape: tuple[int, ...]) -> int | None:
    """The axis of the channels in one image; None for (H, W).

    Raises:
        BadInput: for a shape that is no image's, or has two such axes.
    """
    if len(shape) == 2 and 0 not in shape:
        return None
    if len(shape) == 3 and 0 not in shape:
        first, last = shape[0] in FIRST, shape[2] in LAST
        if first and last:
            raise BadInput(
                f"{shape} can have its channels first or last; make a PIL image of it, or (H, W)"
            )
        if first or last:
            return 0 if first else 2
    raise BadInput(
        f"an image is a path, a PIL image or an array (H, W), (H, W, C) or (C, H, W), got {shape}"
    )


def image_of(raw: Any) -> Image.Image:
    """One array or tensor as a PIL image of 8 bits a channel: L, RGB or RGBA.

    Raises:
        BadInput: for what is no array, a shape of no image, or values of another kind.
    """
    try:
        array = np.asarray(raw.detach().cpu() if isinstance(raw, Tensor) else raw)
    except (TypeError, ValueError, RuntimeError) as error:  # bfloat16, meta, unequal lengths
        raise BadInput(f"the image cannot become an array: {error}") from error
    if array.dtype.kind not in "uf":
        raise BadInput(
            f"an image is a path, a PIL image or an array (H, W[, C]) of uint8 or floats in "
            f"[0, 1], got {type(raw).__name__} {array.shape} {array.dtype}"
        )
    axis = channel_axis(array.shape)
    if axis is not None:
        array = np.moveaxis(array, axis, 2)
        array = array[:, :, 0] if array.shape[2] == 1 else array
    return Image.fromarray(np.ascontiguousarray(_bytes(array)))


def _bytes(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind != "f":
        if array.dtype != np.uint8:
            raise BadInput(f"an image of integers must be uint8, got {array.dtype}")
        return array
    low, high = float(array.min()), float(array.max())  # nan if one is
    if not (low >= 0 and high <= 1):
        if low >= 0 and 1 < high <= 255:
            advice = "divide by 255, or give uint8"
        else:
            advice = "the zoo normalises by itself: give the image as it was before"
        raise BadInput(
            f"an image of floats must have values from 0 to 1, all finite, got {low:g} to "
            f"{high:g}; {advice}"
        )
    rounded: np.ndarray = np.round(array * 255).astype(np.uint8)
    return rounded
