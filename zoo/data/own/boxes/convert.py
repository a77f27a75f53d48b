"""Boxes of one form in another, with the images: PASCAL VOC, COCO or YOLO.

What is written is read again bit for bit. What a form has no place for is told: YOLO and COCO know
no difficult objects; VOC and YOLO know no crowds, and would make an object of each, so they are
left out; VOC knows no class without a box. Images keep their bytes; of two with the same name one
gets a number. Proof: tests/data/own/boxes/test_convert.py.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zoo import files
from zoo.data.own.boxes import Picture
from zoo.data.own.boxes.box_list import BoxList, list_boxes
from zoo.data.own.boxes.writers import Named, Parts, write_coco, write_voc, write_yolo
from zoo.data.own.told import counted, few
from zoo.errors import BadInput, CannotWrite, unknown

SPLIT_WORDS = {"train": "train", "dev": "val", "test": "test"}  # in names of files and folders


@dataclass(frozen=True)
class Form:
    """What a form can say, and where its images lie.

    Attributes:
        images: the folder of the images of a split.
        difficult, crowd, empty_classes: whether it has a place for them.
    """

    write: Callable[[Path, Parts, tuple[str, ...]], None]
    images: Callable[[str], str]
    difficult: bool = False
    crowd: bool = False
    empty_classes: bool = True


FORMS = {
    "voc": Form(write_voc, lambda split: "JPEGImages", difficult=True, empty_classes=False),
    "coco": Form(write_coco, lambda split: split or "images", crowd=True),
    "yolo": Form(write_yolo, lambda split: f"images/{split}"),
}


def convert_boxes(path: Path, to: str, out: Path, *, skip_bad: bool = False) -> list[str]:
    """Write the data at ``path`` in another form into a new folder.

    Args:
        to: one of FORMS.
        out: a folder that is not there yet.
        skip_bad: leave out what cannot be used, and list it.

    Returns:
        what there is to tell, a line each: what was written, what was left out.

    Raises:
        UnknownName: for a form that there is not.
        Missing, BadFile, BadInput: as ``list_boxes``; BadInput for faults.
        CannotWrite: if ``out`` is there, or cannot be written.
    """
    if to not in FORMS:
        raise unknown("form", to, FORMS)
    out = Path(os.path.abspath(out))
    if os.path.lexists(out):
        raise CannotWrite(f"{out} is there already; give a folder that is not")
    listed = list_boxes(path, train=False, skip_bad=skip_bad)
    if out.is_relative_to(listed.root):
        raise BadInput(f"{out} lies in the data at {listed.root}; give a folder outside")
    told = listed.settled(listed.faults)
    kept, left_out = _kept(listed, FORMS[to])
    _write(kept, FORMS[to], out)
    images = sum(map(len, kept.parts.values()))
    boxes = sum(len(one.boxes) for part in kept.parts.values() for one in part)
    written = f"wrote {counted(images, 'images')} with {counted(boxes, 'boxes')} to {out}"
    return [*listed.notices, *told, *left_out, written]


def _kept(listed: BoxList, form: Form) -> tuple[BoxList, list[str]]:
    """What the form has a place for, and what it has not."""
    boxes = [box for part in listed.parts.values() for one in part for box in one.boxes]
    told = []
    if not form.crowd and (count := sum(box.crowd for box in boxes)):
        told.append(f"left out {counted(count, 'boxes')} of crowds, which this form does not know")
    if not form.difficult and (count := sum(box.difficult for box in boxes)):
        told.append(f"{counted(count, 'objects')} marked difficult: this form has no such mark")
    empty = sorted(set(listed.classes) - {box.name for box in boxes})
    if not form.empty_classes and empty:
        told.append(f"no place for classes without a box: {few(empty)}")
    parts = {
        split: tuple(
            replace(one, boxes=tuple(box for box in one.boxes if form.crowd or not box.crowd))
            for one in part
        )
        for split, part in listed.parts.items()
    }
    return replace(listed, parts=parts), told


def _write(listed: BoxList, form: Form, out: Path) -> None:
    """All of it into a folder beside ``out``, which becomes ``out`` when it is complete."""
    words = SPLIT_WORDS if listed.divided else {"train": ""}
    files.make_folder(out.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as name:
            made = Path(name) / out.name
            taken: set[str] = set()
            parts: dict[str, Named] = {}
            for split, part in listed.parts.items():
                folder = form.images(words[split])
                parts[words[split]] = list(_copied(part, made, folder, taken))
            form.write(made, parts, listed.classes)
            os.rename(made, out)
    except OSError as error:
        raise CannotWrite(f"cannot write {out}: {error.strerror or error}") from error


def _copied(
    part: Sequence[Picture], made: Path, folder: str, taken: set[str]
) -> Iterator[tuple[Picture, str]]:
    """Each image, copied, with its name, whose stem no other in the folder has."""
    (made / folder).mkdir(parents=True, exist_ok=True)
    for one in part:
        stem, number = one.image.stem, 1
        while f"{folder}/{stem}".lower() in taken:
            number += 1
            stem = f"{one.image.stem}-{number}"
        taken.add(f"{folder}/{stem}".lower())
        name = stem + one.image.suffix
        shutil.copyfile(one.image, made / folder / name)
        yield one, name
