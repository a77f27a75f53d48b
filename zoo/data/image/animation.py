"""The frames of an animated GIF, PNG or WebP, and the pages of a TIFF, one after the other.

Proof: tests/data/image/test_animation.py.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from zoo import reading
from zoo.data.image.read import eight_bit, guarded, recognised, refuse_size
from zoo.data.image.sniff import image_format
from zoo.errors import ZooError

WHAT = "an image"
CAN_MOVE = ("GIF", "PNG", "WEBP", "TIFF")
USUAL = 100.0  # ms of a frame that states 0, as browsers show it


def is_animation(path: Path) -> bool:
    """Whether a file has more than one frame; one that cannot be read has not."""
    try:
        if image_format(path) not in CAN_MOVE:
            return False
        with (
            reading.opened(path, WHAT, reading.PICTURE) as file,
            guarded(str(path)),
            recognised(file, str(path)) as image,
        ):
            return _goes_to(image, 1)
    except (OSError, ZooError):
        return False


def animation(path: Path) -> Iterator[tuple[Image.Image, float | None]]:
    """Each frame, upright and opaque with 8 bits a channel, and its time in seconds.

    No more than one frame is held. Pages of a TIFF have no time: None.

    Raises:
        Missing, BadFile: as ``zoo.data.image.read.read``; also when a later frame is damaged.
    """
    name, number, elapsed = str(path), 0, 0.0
    with reading.opened(path, WHAT, reading.PICTURE) as file:
        with guarded(name):
            image = recognised(file, name)
        with image:
            while True:
                with guarded(name):  # each step by itself: a guard is not held while others work
                    if number and not _goes_to(image, number):
                        return
                    refuse_size(image, name)
                    frame = eight_bit(image, name).copy()
                    duration = float(image.info.get("duration") or USUAL)
                yield frame, None if image.format == "TIFF" else elapsed / 1000
                elapsed, number = elapsed + duration, number + 1


def _goes_to(image: Image.Image, number: int) -> bool:
    """Move to a frame; False if there is none."""
    try:
        image.seek(number)
    except EOFError:
        return False
    return True
