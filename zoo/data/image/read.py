"""Read any image right, or say in one line why not. The user's files are only ever read.

What is documented here is tested in tests/data/image/test_read.py: EXIF rotation is honoured;
16-bit and floating-point grey is scaled to 8 bit; transparency is laid over white; of an animation
the first frame is taken; palette, CMYK and bilevel images are converted. Which axis of an array is
which says zoo/data/image/arrays.py.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from zoo import reading
from zoo.data.image.arrays import image_of
from zoo.data.image.resize import MOST_PIXELS
from zoo.data.image.sniff import HEAD, UNREAD, format_of
from zoo.errors import BadFile, BadInput, ZooError
from zoo.streams import Readable, content

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")  # no EPS: it would be run
LARGE = 1_000_000  # pixels of a photo; below, decoding all of them costs a few milliseconds
TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


def read(raw: Any, channels: int = 3) -> Tensor:
    """An image as (C, H, W) uint8, contiguous.

    Args:
        raw: a path; bytes, or a file opened for reading bytes; a PIL image; or an array or tensor,
            (H, W), (H, W, C) or (C, H, W), uint8 or floating point in [0, 1].
        channels: 1 for grey, 3 for RGB.

    Raises:
        Missing: if there is no such file.
        BadFile: if the file is no image, is cut short, or is larger than 64 million pixels.
        BadInput: if ``raw`` is nothing that can be an image.
    """
    return decoded(raw, channels).clone(memory_format=torch.contiguous_format)


def decoded(raw: Any, channels: int = 3, enough: tuple[int, int] | None = None) -> Tensor:
    """An image as (C, H, W) uint8, to be read only: its channels lie side by side in memory.

    Args:
        raw, channels: as for ``read``, with its errors.
        enough: height and width that will do. A JPEG of more than a million pixels is then decoded
            at a half, a quarter or an eighth of its size, as long as neither side falls below:
            a third of the time for a photo of 12 million pixels.
    """
    if channels not in (1, 3):
        raise BadInput(f"images are read with 1 or 3 channels, not {channels}")
    if isinstance(raw, Image.Image):
        with guarded("the image"):
            return _pixels(eight_bit(raw, "the image"), channels)
    if isinstance(raw, str | Path):
        with _opened(Path(raw)) as image:
            return _pixels(eight_bit(_draft(image, enough), str(raw)), channels)
    if isinstance(raw, bytes | bytearray | memoryview | Readable):
        given = content(raw, "an image", reading.PICTURE) if isinstance(raw, Readable) else raw
        with _decoder(io.BytesIO(given), "the image") as image:
            return _pixels(eight_bit(_draft(image, enough), "the image"), channels)
    return _pixels(eight_bit(image_of(raw), "the array"), channels)


def upright_size(path: Path) -> tuple[int, int]:
    """Width and height of an image file as ``read`` has it, of which the pixels are not decoded.

    Raises:
        Missing, BadFile: as ``read``, but not for damage in the pixels.
    """
    with _opened(path) as image, guarded(str(path)):
        turned = image.getexif().get(ExifTags.Base.Orientation) in TURNED
        return (image.height, image.width) if turned else (image.width, image.height)


def _pixels(image: Image.Image, channels: int) -> Tensor:
    mode = "L" if channels == 1 else "RGB"
    data = (image if image.mode == mode else image.convert(mode)).tobytes()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given buffer is not writable")
        flat = torch.frombuffer(data, dtype=torch.uint8)
    return flat.view(image.height, image.width, channels).permute(2, 0, 1)


def _draft(image: Image.Image, enough: tuple[int, int] | None) -> Image.Image:
    """The same image; if it is a large JPEG, decoding will shrink it, but not below ``enough``."""
    if enough is not None and image.width * image.height > LARGE:
        turned = image.getexif().get(ExifTags.Base.Orientation) in TURNED
        image.draft(None, enough if turned else (enough[1], enough[0]))
    return image


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image file, opened but not decoded."""
    with (
        guarded(str(path)),
        reading.opened(path, "an image", reading.PICTURE) as file,
        _decoder(file, str(path)) as image,
    ):
        yield image


@contextmanager
def _decoder(file: IO[bytes], name: str) -> Iterator[Image.Image]:
    with guarded(name), recognised(file, name) as image:
        yield image


def recognised(file: IO[bytes], name: str) -> Image.Image:
    """The image in a file that is open, not decoded; to be called and closed ``guarded``.

    Raises:
        BadFile: for a format that is not read, and for too many pixels.
    """
    head = file.read(HEAD)
    file.seek(0)
    if (kind := format_of(head)) in UNREAD:
        raise BadFile(f"{name} is {kind}, which is not read; convert it to JPEG or PNG")
    image = Image.open(file, formats=FORMATS)
    refuse_size(image, name)
    return image


def refuse_size(image: Image.Image, name: str) -> None:
    """Raise BadFile for an image of more than 64 million pixels."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise BadFile(
            f"{name} claims {width} x {height} pixels; "
            f"at most {MOST_PIXELS // 10**6} million are read"
        )


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Every failure of a decoder, of whatever kind, becomes one line that names the image."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow: about sizes and odd metadata
            yield
    except ZooError:
        raise
    except UnidentifiedImageError:
        raise BadFile(f"{name} is not an image that can be read (PNG, JPEG, ...)") from None
    except Image.DecompressionBombError as error:
        raise BadFile(f"{name} is refused: {error}") from None
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:  # the system's, not the decoder's
            raise BadFile(f"{name} cannot be read: {error.strerror}") from None
        raise BadFile(f"{name} is damaged: {error}") from error


def eight_bit(image: Image.Image, name: str) -> Image.Image:
    """Upright, opaque, 8 bits a channel: L or RGB; perhaps the very image."""
    if 0 in image.size:
        raise BadInput(f"{name} has no pixels: {image.width} x {image.height}")
    image.load()  # the first frame; a PNG's EXIF may stand behind the pixels
    if image.getexif().get(ExifTags.Base.Orientation) in range(2, 9):
        image = ImageOps.exif_transpose(image)  # a copy
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(np.asarray(image), image.mode, name)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _scaled(values: np.ndarray, mode: str, name: str) -> Image.Image:
    """Grey values of more than 8 bits: 0..65535 to 0..255, and [0, 1] to 0..255."""
    if not np.isfinite(values).all():
        raise BadFile(f"{name} has pixels that are not finite")
    low, high = float(values.min()), float(values.max())
    top = 1.0 if mode == "F" else 65535.0
    if low < 0 or high > top:
        raise BadFile(f"{name} has values from {low:g} to {high:g}; expected 0 to {top:g}")
    return Image.fromarray(np.round(values * (255.0 / top)).astype(np.uint8))
