"""Images with one box at most, in the forms of a detector's data: VOC's XML, COCO's JSON, YOLO's.

Proof: tests/data/own/located/test_boxes.py.
"""

from collections.abc import Iterator
from pathlib import Path

from zoo.data.own.boxes import Fault, Picture
from zoo.data.own.boxes.box_list import BoxList, list_boxes
from zoo.data.own.located.listing import Located, LocatedList
from zoo.errors import BadInput


def list_one_box(path: Path, *, train: bool = True, skip_bad: bool = False) -> LocatedList:
    """The images of a folder, each with its box or without one.

    Args:
        train: whether there must be something to train on.
        skip_bad: leave out what cannot be used, images with several boxes too, and list it.

    Raises:
        Missing, BadFile, BadInput: as ``list_boxes``; BadInput for what cannot be used, an image
            with several boxes by the file and the line of the second; if there is no box at all.
    """
    listed = list_boxes(path, train=train, skip_bad=skip_bad)
    several = {one.image: _several(listed, one) for one in _pictures(listed) if len(one.boxes) > 1}
    told = listed.settled([*listed.faults, *several.values()])
    parts = {
        name: [_located(listed, one) for one in part if one.image not in several]
        for name, part in listed.parts.items()
    }
    if train and not any(one.label for one in parts["train"]):
        raise BadInput(f"{path} has no box to train with; without one there is nothing to learn")
    notices = (f"{listed.name}: {listed.form}", *listed.notices, *told)
    return LocatedList(listed.name, listed.classes, True, parts, listed.divided, notices, skip_bad)


def _pictures(listed: BoxList) -> Iterator[Picture]:
    return (one for part in listed.parts.values() for one in part)


def _several(listed: BoxList, one: Picture) -> Fault:
    """What is wrong with an image that has more than one box: the second."""
    second = one.boxes[1]
    entry = f" ({second.entry})" if second.entry else ""
    what = f"{one.image.name} has {len(one.boxes)} boxes, and a localizer finds one at most"
    return Fault(f"{_named(listed, one)}:{second.line}{entry}", what)


def _named(listed: BoxList, one: Picture) -> str:
    inside = one.source.is_relative_to(listed.root)
    return str(one.source.relative_to(listed.root) if inside else one.source)


def _located(listed: BoxList, one: Picture) -> Located:
    where = f"{_named(listed, one)}:{one.line}"
    if not one.boxes:
        return Located(one.image, None, (), where)
    (box,) = one.boxes
    x1, y1, x2, y2 = box.corners
    return Located(one.image, box.name, ((x1, y1), (x2, y2)), where)
