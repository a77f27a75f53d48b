"""How the user's images are read: as start weights read theirs, but in colour if they have colour.

What is taken over is told in one line, with the field that changes it. Weights of grey images get a
first layer of three channels (zoo/pretrained/adapt.py) where the user's images have colour; their
rule that makes dark ink light is off: it looks at the rim, which says nothing of most images. The
card records what was used, so that ``zoo predict`` reads the same way.
Proof: tests/recipes/own/test_image_reading.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import BadInput, ZooError
from zoo.options import convert

READING = ("in_chans", "image_size", "ink")  # fields that say how images are read
LOOKED_AT = 24  # images, evenly spread over all of them
DIFFERENCE, SHARE = 32, 0.005  # levels between channels, in this share of the pixels: colour


@dataclass(frozen=True)
class Reading:
    """How images are read.

    Attributes:
        adapted: whether they are read in colour though the weights read grey.
        notice: all of it in one line.
    """

    front_end: ImageFrontEnd
    adapted: bool
    notice: str


def reading_of(
    name: str, front_end: ImageFrontEnd, files: Sequence[Path], texts: Mapping[str, str]
) -> Reading:
    """The front end for the user's images.

    Args:
        name: of the weights, or of the architecture, whose front end it is.
        files: the user's images.
        texts: what the user asks for: ``in_chans``, ``image_size``, ``ink``.

    Raises:
        BadInput: for channels, a size or an ink that cannot be.
    """
    asked = convert("in_chans", texts["in_chans"], int) if "in_chans" in texts else None
    seen = _looked_at(files, front_end.channels == 1 and asked is None)
    adapted = seen.coloured and front_end.channels == 1 and asked is None
    channels = 3 if adapted else asked
    new = front_end if channels is None else front_end.with_channels(channels)
    new = _with_size(new, texts)
    new = replace(new, ink=_ink(texts))
    said = [_size_told(new, seen), _colour_told(new, adapted)]
    if front_end.ink != new.ink:
        said.append(
            "dark ink is made light"
            if new.ink
            else "dark ink stays dark (ink=light makes it light, as the weights do)"
        )
    return Reading(new, adapted, f"images are read as {name} reads them: {', '.join(said)}")


@dataclass(frozen=True)
class _Seen:
    """What some of the images are like."""

    largest: tuple[int, int] | None  # width and height
    coloured: bool


def _looked_at(files: Sequence[Path], for_colour: bool) -> _Seen:
    """A look at a few images; those that cannot be read are named when all are read."""
    from zoo.data.image.read import read  # late: Pillow

    sizes: list[tuple[int, int]] = []
    for path in files[:: max(len(files) // LOOKED_AT, 1)]:
        try:
            image = read(path)
        except ZooError:
            continue
        sizes.append((image.shape[2], image.shape[1]))
        if for_colour and is_coloured(image):
            return _Seen(max(sizes), True)
        if not for_colour:
            break
    return _Seen(max(sizes, default=None), False)


def is_coloured(image: Tensor) -> bool:
    """Whether an image (3, H, W) uint8 has colour, beyond the tint of a grey scan."""
    levels = image.short()
    spread = levels.amax(0) - levels.amin(0)
    return bool((spread > DIFFERENCE).float().mean() > SHARE)


def _with_size(front_end: ImageFrontEnd, texts: Mapping[str, str]) -> ImageFrontEnd:
    """Another height and width; of the image as much is cut off as before."""
    if "image_size" not in texts:
        return front_end
    size = int(convert("image_size", texts["image_size"], int))
    if size < 1:
        raise BadInput(f"image_size must be at least 1 pixel, got {size}")
    if len(front_end.mean) > front_end.channels:  # of each pixel: has no meaning in another size
        of_each = torch.tensor(front_end.mean, dtype=torch.float64).view(front_end.channels, -1)
        front_end = replace(front_end, mean=tuple(of_each.mean(1).tolist()))
    if front_end.shorter is None:
        return replace(front_end, size=(size, size))
    shorter = max(round(front_end.shorter * size / min(front_end.size)), size)
    return replace(front_end, size=(size, size), shorter=shorter)


def _ink(texts: Mapping[str, str]) -> str | None:
    text = texts.get("ink", "none")
    if text not in ("none", "light"):
        raise BadInput(f"ink must be light or none, got {text!r}")
    return None if text == "none" else text


def _size_told(front_end: ImageFrontEnd, seen: _Seen) -> str:
    height, width = front_end.size
    if front_end.shorter is None:
        said = f"resized to {width} x {height} pixels"
    else:
        said = f"the middle {width} x {height} after resizing the shorter side to "
        said += f"{front_end.shorter} pixels"
    yours = [f"yours have up to {seen.largest[0]} x {seen.largest[1]}"] if seen.largest else []
    framed = f", framed by {front_end.pad} black ones" if front_end.pad else ""
    return f"{said}{framed} ({'; '.join([*yours, 'image_size=N changes that'])})"


def _colour_told(front_end: ImageFrontEnd, adapted: bool) -> str:
    if adapted:
        return "but in colour, since yours have it (in_chans=1 reads grey)"
    return "in colour" if front_end.channels == 3 else "in grey"
