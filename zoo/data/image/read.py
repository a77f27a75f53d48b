"""Read any picture right, or say in one line why not. The user's files are only ever read.

What is documented here is tested in tests/data/image/test_read.py: EXIF rotation is honoured;
16-bit and floating-point grey is scaled to 8 bit; transparency is laid over white; of an animation
the first frame is taken; palette, CMYK and bilevel pictures are converted.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from zoo import reading
from zoo.errors import BadFile, BadInput, ZooError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")  # no EPS: it would be run
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")
MOST_PIXELS = 64_000_000  # 8000 x 8000; a bomb of a few kB can claim far more


def read(raw: Any, channels: int = 3) -> Tensor:
    """A picture as (C, H, W) uint8.

    Args:
        raw: a path; a PIL image; or an array or tensor, (H, W), (H, W, C) or (C, H, W), uint8 or
            floating point in [0, 1].
        channels: 1 for grey, 3 for RGB.

    Raises:
        Missing: if there is no such file.
        BadFile: if the file is no picture, is cut short, or is larger than 64 million pixels.
        BadInput: if ``raw`` is nothing that can be a picture.
    """
    if channels not in (1, 3):
        raise BadInput(f"pictures are read with 1 or 3 channels, not {channels}")
    if isinstance(raw, str | Path):
        with _opened(Path(raw)) as image:
            image = _eight_bit(image, str(raw))
    elif isinstance(raw, Image.Image):
        with _guarded("the picture"):
            image = _eight_bit(raw, "the picture")
    else:
        image = _from_array(raw)
    array = np.array(image.convert("L" if channels == 1 else "RGB"))
    return torch.from_numpy(array).reshape(*array.shape[:2], channels).permute(2, 0, 1).contiguous()


def resized(image: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, H, W) uint8 to another height and width: Pillow's antialiased bilinear filter."""
    if tuple(image.shape[1:]) == tuple(size):
        return image
    planes = [
        Image.fromarray(plane.numpy()).resize((size[1], size[0]), Image.Resampling.BILINEAR)
        for plane in image
    ]
    return torch.from_numpy(np.stack([np.array(plane) for plane in planes]))


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
            f"a picture of {height} x {width} pixels is too long and thin: resized it would have "
            f"{shorter * longer // 10**6} million pixels, at most {MOST_PIXELS // 10**6} are made"
        )
    return resized(image, (longer, shorter) if width <= height else (shorter, longer))


def middle(image: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle ``size`` of (C, H, W); a picture that is smaller gets a black frame first.

    Where an odd number of pixels is left over, halves go to the even neighbour, and of the frame
    the larger part is at the bottom and right: torchvision's ``CenterCrop``.
    """
    lack = [max(want - have, 0) for want, have in zip(size, image.shape[1:], strict=True)]
    if any(lack):
        (down, right), (top, left) = lack, (lack[0] // 2, lack[1] // 2)
        image = torch.nn.functional.pad(image, (left, right - left, top, down - top))
    height, width = image.shape[1:]
    top, left = round((height - size[0]) / 2), round((width - size[1]) / 2)
    return image[:, top : top + size[0], left : left + size[1]].contiguous()


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image file, opened but not decoded."""
    with (
        _guarded(str(path)),
        reading.opened(path, "a picture", reading.PICTURE) as file,
        Image.open(file, formats=FORMATS) as image,
    ):
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise BadFile(
                f"{path} claims {width} x {height} pixels; "
                f"at most {MOST_PIXELS // 10**6} million are read"
            )
        yield image


@contextmanager
def _guarded(name: str) -> Iterator[None]:
    """Every failure of a decoder, of whatever kind, becomes one line that names the picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow: about sizes and odd metadata
            yield
    except ZooError:
        raise
    except UnidentifiedImageError:
        raise BadFile(f"{name} is not a picture that can be read (PNG, JPEG, ...)") from None
    except Image.DecompressionBombError as error:
        raise BadFile(f"{name} is refused: {error}") from None
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:  # the system's, not the decoder's
            raise BadFile(f"{name} cannot be read: {error.strerror}") from None
        raise BadFile(f"{name} is damaged: {error}") from error


def _eight_bit(image: Image.Image, name: str) -> Image.Image:
    """Upright, opaque, 8 bits a channel."""
    if 0 in image.size:
        raise BadInput(f"{name} has no pixels: {image.width} x {image.height}")
    image = ImageOps.exif_transpose(image)  # also loads the pixels of the first frame
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(np.asarray(image), image.mode, name)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode == "L" else image.convert("RGB")


def _scaled(values: np.ndarray, mode: str, name: str) -> Image.Image:
    """Grey values of more than 8 bits: 0..65535 to 0..255, and [0, 1] to 0..255."""
    if not np.isfinite(values).all():
        raise BadFile(f"{name} has pixels that are not finite")
    low, high = float(values.min()), float(values.max())
    top = 1.0 if mode == "F" else 65535.0
    if low < 0 or high > top:
        raise BadFile(f"{name} has values from {low:g} to {high:g}; expected 0 to {top:g}")
    return Image.fromarray(np.round(values * (255.0 / top)).astype(np.uint8))


def _from_array(raw: Any) -> Image.Image:
    try:
        array = np.asarray(raw.detach().cpu() if isinstance(raw, Tensor) else raw)
    except (TypeError, ValueError) as error:  # bfloat16, lists of unequal length
        raise BadInput(f"the picture cannot become an array: {error}") from error
    if array.ndim == 3 and array.shape[0] in (1, 3) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    right = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if not right or array.size == 0 or array.dtype.kind not in "uf":
        raise BadInput(
            f"a picture is a path, a PIL image or an array (H, W[, C]) of uint8 or floats in "
            f"[0, 1], got {type(raw).__name__} {array.shape} {array.dtype}"
        )
    if array.dtype.kind == "f":
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise BadInput("a picture of floats must have values from 0 to 1, all finite")
        array = np.round(array * 255)
    elif array.dtype != np.uint8:
        raise BadInput(f"a picture of integers must be uint8, got {array.dtype}")
    return _eight_bit(Image.fromarray(array.astype(np.uint8)), "the array")
