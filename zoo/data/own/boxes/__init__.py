"""Labelled boxes in files: PASCAL VOC's XML, COCO's JSON, YOLO's text.

All become ``Picture``s with ``Box``es: corners in pixels of the image, as 64-bit floats, so that
what is read in one form and written in another says the same.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

Corners = tuple[float, float, float, float]  # x1 y1 x2 y2 in pixels of the image
Size = tuple[int, int]  # width and height
MOST = 10**6  # pixels of a side that a file may state


class Box(NamedTuple):
    """One labelled object.

    Attributes:
        name: of the class.
        line: of its file, from 1.
        entry: what else tells where it stands, such as "annotation 17" of a file of one line.
    """

    name: str
    corners: Corners
    line: int
    difficult: bool = False
    crowd: bool = False
    entry: str = ""


@dataclass(frozen=True)
class Picture:
    """An image and the boxes in it, which lie inside of it and have an area.

    Attributes:
        image: the file.
        source: the file with the boxes.
        line: of ``source``, where it begins to tell of the image.
        size: width and height of the image, upright.
        split: "train", "dev", "test", or "" of data that are not divided.
    """

    image: Path
    source: Path
    line: int
    size: Size
    split: str
    boxes: tuple[Box, ...]


class Fault(NamedTuple):
    """What cannot be used, and where it stands: "labels/a.txt:3"."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
