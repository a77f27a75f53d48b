"""A picture as a file. Proof: tests/data/image/test_write.py."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from zoo import files
from zoo.errors import BadInput

FORMATS = {  # of a suffix
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
}
LOSSY = ("JPEG", "WEBP")
QUALITY = 95


def to_image(picture: Tensor) -> Image.Image:
    """(3, H, W) in [0, 1], cut to it, as an image of 8 bits.

    >>> to_image(torch.full((3, 2, 5), 0.5)).getpixel((4, 1))
    (128, 128, 128)
    """
    levels = picture.detach().clamp(0, 1).mul(255).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy())


def save_image(image: Image.Image, path: str | Path) -> Path:
    """Write an image in the format of the file's suffix; returns the path.

    Raises:
        BadInput: for a suffix that is none of an image.
        CannotWrite: if it cannot be written.
    """
    form = format_for(path)
    with files.atomic(Path(path)) as file:
        if form in LOSSY:
            image.save(file, form, quality=QUALITY)
        else:
            image.save(file, form)
    return Path(path)


def format_for(path: str | Path) -> str:
    """The format of a file by its suffix, such as "PNG".

    Raises:
        BadInput: for a suffix that is none of an image.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        ends = ", ".join(FORMATS)
        raise BadInput(f"{path} has no end of an image that is written; expected one of {ends}")
    return FORMATS[suffix]
