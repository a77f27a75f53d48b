"""One XML file of PASCAL VOC: an image and its objects.

    <annotation>
      <filename>a.jpg</filename>
      <size><width>640</width><height>480</height><depth>3</depth></size>
      <object><name>cat</name><difficult>0</difficult>
        <bndbox><xmin>8</xmin><ymin>12</ymin><xmax>352</xmax><ymax>498</ymax></bndbox>
      </object>
    </annotation>

The numbers are the corners as they stand: x1 y1 x2 y2. VOC's own files count pixels from 1 and mean
the last one too; the tools that write such files today put points from 0 or from 1, and no file
says which. Nothing is subtracted, so that what was read is written back the same, and so that the
area of the VOC protocol, (x2 - x1 + 1) (y2 - y1 + 1), is the devkit's.
Proof: tests/data/own/boxes/test_voc_xml.py.
"""

from pathlib import Path
from typing import NamedTuple

from zoo.data.own.boxes import MOST, Box, Corners, Size
from zoo.data.own.boxes.xml_tree import Element, read_xml
from zoo.errors import BadFile

WHAT = "an XML file of PASCAL VOC"
CORNERS = ("xmin", "ymin", "xmax", "ymax")
NO = ("", "0", "false", "no")


class VocFile(NamedTuple):
    """What a file says of its image.

    Attributes:
        image: the name of the image; "" if it has none.
        size: width and height of the image as the file has them; None if it does not say.
        line: of the root.
    """

    image: str
    size: Size | None
    boxes: tuple[Box, ...]
    line: int


def read_voc_xml(path: Path) -> VocFile:
    """What a file says of its image; the boxes are not looked at.

    Raises:
        Missing, BadFile: as ``read_xml``; BadFile for another root, and for an object without a
            name or four numbers.
    """
    root = read_xml(path, WHAT)
    if root.tag != "annotation":
        raise BadFile(f"{path}:{root.line}: <{root.tag[:40]}> is not <annotation>; expected {WHAT}")
    boxes = tuple(_box(path, one) for one in root.all("object"))
    return VocFile(root.word("filename"), _size(path, root), boxes, root.line)


def _size(path: Path, root: Element) -> Size | None:
    """Width and height; some tools write 0 where they do not know."""
    size = root.first("size")
    if size is None:
        return None
    width, height = (_number(path, size, tag) for tag in ("width", "height"))
    if not 0 <= min(width, height) <= max(width, height) <= MOST:
        got = f"{width:g} x {height:g}"
        raise BadFile(f"{path}:{size.line}: the size is {got}, expected pixels from 1 to {MOST:,}")
    return (int(width), int(height)) if width >= 1 and height >= 1 else None


def _box(path: Path, one: Element) -> Box:
    name = one.word("name")
    if not name:
        raise BadFile(f"{path}:{one.line}: the object has no <name>")
    found = list(one.all("bndbox"))
    if len(found) != 1:
        raise BadFile(f"{path}:{one.line}: the object has {len(found)} <bndbox>, expected one")
    x1, y1, x2, y2 = (_number(path, found[0], tag) for tag in CORNERS)
    corners: Corners = (x1, y1, x2, y2)
    return Box(name, corners, one.line, difficult=one.word("difficult").lower() not in NO)


def _number(path: Path, one: Element, tag: str) -> float:
    found = one.first(tag)
    if found is None:
        raise BadFile(f"{path}:{one.line}: <{one.tag}> has no <{tag}>")
    try:
        return float(found.text)
    except ValueError:
        got = found.text.strip()[:40]
        raise BadFile(f"{path}:{found.line}: <{tag}> is {got!r}, expected a number") from None
