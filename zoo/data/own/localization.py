"""The user's images with one object at most: where it is, or where its points are.

Proof: tests/data/own/test_localization.py.
"""

from pathlib import Path

from zoo import reading
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_images import LocatedImages, LocatedSplits
from zoo.data.own import Needed
from zoo.data.own.boxes.find import ENDINGS
from zoo.data.own.located.boxes import list_one_box
from zoo.data.own.located.listing import LocatedList
from zoo.data.own.located.table import BOXES_HEAD, POINTS_HEAD, list_table
from zoo.errors import Missing

FORM = (
    "one box at most in each image: as for a detector, or a CSV; landmarks: a CSV of file,NAME_x,.."
)


def list_data(
    path: Path, *, boxes: bool, train: bool = True, skip_bad: bool = False
) -> LocatedList:
    """The images and what is in them, before any is opened.

    Args:
        boxes: whether boxes are asked for, else points.
        train: whether there must be something to train on.
        skip_bad: leave out what cannot be used, and list it.

    Raises:
        Missing, BadFile, BadInput: as ``list_table``, or ``list_one_box`` for a folder.
    """
    if not path.exists() and not reading.is_file(path):
        table = f"a CSV with the header {BOXES_HEAD if boxes else POINTS_HEAD}"
        folder = "a folder of images with boxes (VOC, COCO or YOLO), or " if boxes else ""
        raise Missing(f"no {path}; expected {folder}{table}")
    if boxes and (path.is_dir() or path.name.lower().endswith(ENDINGS)):
        return list_one_box(path, train=train, skip_bad=skip_bad)
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
    listed = list_data(path, boxes=boxes, train=False, skip_bad=skip_bad)
    listed = listed.named(classes).stated(needed)
    return listed, *listed.images(front_end)
