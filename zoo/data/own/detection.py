"""The user's images with boxes: PASCAL VOC's XML, COCO's JSON or YOLO's text.

Which of them it is, the files say (zoo/data/own/boxes). Proof: tests/data/own/test_detection.py.
"""

from pathlib import Path

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits
from zoo.data.own import Needed
from zoo.data.own.boxes.box_list import BoxList, list_boxes

FORM = "images with boxes: a folder with XML of PASCAL VOC, JSON of COCO or text of YOLO"


def list_data(path: Path, *, skip_bad: bool = False) -> BoxList:
    """The classes, the images and their boxes, before any image is decoded.

    Args:
        skip_bad: leave out boxes and images that cannot be used, and list them.

    Raises:
        Missing, BadFile, BadInput: as ``list_boxes``.
    """
    return list_boxes(path, skip_bad=skip_bad)


def own_data(
    path: Path, front_end: BoxFrontEnd, seed: int = 0, *, skip_bad: bool = False
) -> BoxedSplits:
    """All of it, in memory, divided into train, dev and test."""
    return list_data(path, skip_bad=skip_bad).read(front_end, seed)


def to_measure(
    path: Path,
    front_end: BoxFrontEnd,
    classes: tuple[str, ...],
    needed: Needed,
    *,
    skip_bad: bool = False,
) -> tuple[BoxList, dict[str, BoxedImages], list[str]]:
    """What to measure a network with these classes on: the list, and its parts in memory.

    The parts are the user's, "" of data that are not divided. A class that is in no image is no
    fault; a class that the network does not have is one.

    Args:
        needed: which of the parts to read.

    Returns:
        what there is, the images, and what there is to tell of what was left out.

    Raises:
        Missing, BadFile, BadInput: as ``list_boxes``; so for other classes, and for data that
            cannot be used.
    """
    listed = list_boxes(path, train=False, skip_bad=skip_bad)
    listed = listed.relabelled(classes).stated(needed)
    pictures = [one for part in listed.parts.values() for one in part]
    widths, heights = zip(*(one.size for one in pictures), strict=True) if pictures else ((), ())
    return listed, *listed.images(front_end.no_larger_than(widths, heights))
