"""The user's images with one object at most: where it is, or where its points are.

Proof: tests/data/own/test_localization.py.
"""

from pathlib import Path

from zoo import reading
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_images import LocatedImages, LocatedSplits
from zoo.data.own import Needed
from zoo.data.own.located_list import LocatedList
from zoo.data.own.located_table import BOXES_HEAD, POINTS_HEAD, list_table
from zoo.errors import Missing

FORM = "a CSV of file,label,x1,y1,x2,y2; for landmarks a CSV of file,NAME_x,NAME_y,..."


def list_data(path: Path, *, boxes: bool, skip_bad: bool = False) -> LocatedList:
    """The images and what is in them, before any is opened.

    Args:
        boxes: whether boxes are asked for, else points.
        skip_bad: leave out what cannot be used, and list it.

    Raises:
        Missing, BadFile, BadInput: as ``list_table``.
    """
    if not path.exists() and not reading.is_file(path):
        head = BOXES_HEAD if boxes else POINTS_HEAD
        raise Missing(f"no file {path}; expected a CSV with the header {head}")
    return list_table(path, boxes=boxes, skip_bad=skip_bad)


def own_data(
    path: Path, front_end: BoxFrontEnd, seed: int = 0, *, boxes: bool, skip_bad: bool = False
) -> LocatedSplits:
    """All of it, in memory, divided into train, dev and test."""
    return list_data(path, boxes=boxes, skip_bad=skip_bad).read(front_end, seed)


def to_measure(
    path: Path,
    front_end: BoxFrontEnd,
    classes: tuple[str, ...],
    needed: Needed,
    *,
    boxes: bool,
    skip_bad: bool = False,
) -> tuple[LocatedList, dict[str, LocatedImages], list[str]]:
    """What to measure a network with these classes, or points, on.

    Args:
        needed: which of the parts to read.

    Returns:
        what there is, the images by part ("" of data that are not divided), and what there is to
        tell of images that were left out.

    Raises:
        Missing, BadFile, BadInput: as ``list_data``; BadInput for other classes or points.
    """
    listed = list_data(path, boxes=boxes, skip_bad=skip_bad).named(classes).stated(needed)
    return listed, *listed.images(front_end)
