"""Labelled boxes in files: PASCAL VOC's XML, COCO's JSON, YOLO's text.

All become ``Picture``s with ``Box``es: corners in pixels of the image, as 64-bit floats, so that
what is read in one form and written in another says the same.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

Corners = tuple[float, float, float, float]  # x1 y1 x2 y2 in pixels of the image


class Box(NamedTuple):
    """One labelled object as its file has it, before anything is checked.

    Attributes:
        name: of the class.
        line: of the file, from 1.
    """

    name: str
    corners: Corners
    line: int
    difficult: bool = False
    crowd: bool = False


@dataclass(frozen=True)
class Picture:
    """What a file says of one image.

    Attributes:
        source: the file with the boxes.
        image: the name of the image there; "" if it has none.
        size: width and height of the image as the file has them; None if it does not say.
    """

    source: Path
    image: str
    size: tuple[int, int] | None
    boxes: tuple[Box, ...]
    line: int = 1
