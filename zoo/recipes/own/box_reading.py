"""How the user's images become a detector's input: their shape decides, whole cells of the network.

The longer side is the network's, or that of the images if they are smaller; images of one shape
get a rectangle of nearly that shape and are stretched to it, so that no pixel is grey; others are
fitted into it with grey beside them. Proof: tests/recipes/own/test_box_reading.py.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from zoo.data.image.boxes.front_end import LARGEST, BoxFrontEnd
from zoo.data.own.boxes import Picture
from zoo.errors import BadInput
from zoo.options import convert

FIELDS = ("size", "fit")  # that say how images are read
SAME = 1.1  # largest ratio of two shapes that are taken for one
LEAST = 256  # pixels of the longer side: below, few objects have a cell of their own


def reading_of(
    pictures: Sequence[Picture], like: BoxFrontEnd, stride: int, texts: Mapping[str, str]
) -> tuple[BoxFrontEnd, str]:
    """The front end for the user's images, and a line that tells what was chosen.

    Args:
        like: of the network or of the weights: its longer side, its mean and std.
        stride: both sides are multiples of it.
        texts: what the user asks for: ``size``, one side or height,width; ``fit``.

    Raises:
        BadInput: for a size or a fit that cannot be.
    """
    shapes = [one.size[0] / one.size[1] for one in pictures] or [1.0]
    alike = max(shapes) / min(shapes) <= SAME
    middle = math.exp(median(map(math.log, shapes)))  # of wide and tall ones a square
    size = _asked(texts, stride)
    if size is None:
        longer = max(max(one.size) for one in pictures) if pictures else LEAST
        size = _shape(middle, min(max(longer, LEAST), max(like.size)), stride)
    stretched = alike and 1 / SAME <= middle * size[0] / size[1] <= SAME
    usual = like.fit if like.fit == "darknet" else ("stretch" if stretched else "letterbox")
    fit = texts.get("fit", usual)
    width, height = max((one.size for one in pictures), default=(0, 0))
    how = "stretched" if fit == "stretch" else "with grey beside them"
    told = (
        f"images are read as {size[1]} x {size[0]} pixels, {how} (yours have up to {width} x "
        f"{height}; size=HEIGHT,WIDTH and fit=letterbox|stretch change that)"
    )
    return replace(like, size=size, fit=fit), told


def _asked(texts: Mapping[str, str], stride: int) -> tuple[int, int] | None:
    if "size" not in texts:
        return None
    sides = convert("size", texts["size"], tuple[int, ...])
    size = sides * 2 if len(sides) == 1 else sides
    if len(size) != 2 or any(not 1 <= side <= LARGEST or side % stride for side in size):
        raise BadInput(
            f"size must be one side, or height,width, in multiples of {stride} up to {LARGEST}; "
            f"got {texts['size']!r}"
        )
    return size[0], size[1]


def _shape(ratio: float, longer: int, stride: int) -> tuple[int, int]:
    """Height and width of an input for images of this width / height.

    >>> _shape(4 / 3, 416, 32), _shape(0.75, 416, 32), _shape(9.0, 416, 32)
    ((320, 416), (416, 320), (64, 416))
    """
    whole = math.ceil(longer / stride)
    shorter = max(round(whole / max(ratio, 1 / ratio)), min(whole, 2))
    sides = (shorter * stride, whole * stride)
    return sides if ratio >= 1 else sides[::-1]
