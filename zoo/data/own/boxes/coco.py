"""Boxes in COCO's JSON: a file for each split, or one, and the images anywhere near.

    annotations/instances_train2017.json instances_val2017.json   train2017/a.jpg val2017/b.jpg
    train/_annotations.coco.json a.jpg   valid/_annotations.coco.json b.jpg
    boxes.json images/a.jpg

A file's split is in its name or its folder's. Images that no file names are left out, and told;
images without a box are images in which nothing is. Proof: tests/data/own/boxes/test_coco.py.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from zoo.data.own.boxes import MOST, Box, Size
from zoo.data.own.boxes.coco_json import CocoFile, Entry, corner, may_be_coco, read_coco_json
from zoo.data.own.boxes.gathering import Gathering
from zoo.data.own.boxes.layout import Files, alike
from zoo.data.own.split_names import split_of
from zoo.data.own.told import few
from zoo.errors import BadFile, BadInput, Missing, ZooError

WORDS = re.compile(r"[^A-Za-z]+")
BOXES = "instances_"  # how COCO's own files begin that have the boxes
Index = Mapping[str, list[Path]]  # images by the name of the file


def coco_files(files: Files) -> list[Path]:
    """The JSON files that begin like COCO's, or that cannot be read."""
    found = []
    for path in (*files.texts[".json"], *files.texts[".json.gz"]):
        try:
            if may_be_coco(path):
                found.append(path)
        except ZooError:
            found.append(path)  # ``gather_coco`` tells what is the matter
    return found


def gather_coco(paths: list[Path], files: Files, found: Gathering) -> tuple[str, ...]:
    """Collect all images with their boxes; returns the names of the classes, in their order.

    Raises:
        BadInput: if two files are of the same split, or have other classes.
        Missing, BadFile: as ``read_coco_json``.
    """
    paths = _with_boxes(paths, found)
    splits = {path: _split(files, path) for path in paths}
    if len({*splits.values()}) < len(paths) or (len(paths) > 1 and "" in splits.values()):
        named = few([f"{found.where(p)} ({s or 'no split'})" for p, s in splits.items()])
        raise BadInput(f"{len(paths)} files of COCO: {named}; expected one for each split, or one")
    index: dict[str, list[Path]] = {}
    for image in files.every():
        index.setdefault(image.name, []).append(image)
    classes: tuple[str, ...] = ()
    used: set[Path] = set()
    for path, split in splits.items():
        read = read_coco_json(path)
        names = _names(read)
        ordered = tuple(names[number] for number in sorted(names))
        if classes and ordered != classes:
            raise BadInput(f"{path} has the classes {few(ordered)}; expected {few(classes)}")
        classes = ordered
        _gather(read, names, split, index, found, used)
    lone = (path for path in files.every() if path not in used)
    found.left_out.add("images in no JSON file", *lone)
    return classes


def _with_boxes(paths: list[Path], found: Gathering) -> list[Path]:
    """Without what COCO has beside ``instances_X``: ``captions_X``, ``person_keypoints_X``, ..."""
    ends = {path.with_name(path.name.removeprefix(BOXES)) for path in paths if _has_boxes(path)}
    beside = [
        path
        for path in paths
        if not _has_boxes(path)
        and any(end.parent == path.parent and path.name.endswith(f"_{end.name}") for end in ends)
    ]
    found.left_out.add(f"JSON files beside {BOXES}*", *beside)
    return [path for path in paths if path not in beside]


def _has_boxes(path: Path) -> bool:
    return path.name.startswith(BOXES)


def _split(files: Files, path: Path) -> str:
    return split_word(path.name.lower().partition(".json")[0]) or files.split(path)


def split_word(name: str) -> str:
    """The first word in a name that means a split; "" if none does.

    >>> split_word("instances_train2017"), split_word("val2017"), split_word("trains")
    ('train', 'dev', '')
    """
    found = (split_of(word) for word in WORDS.split(name))
    return next((word for word in found if word), "")


def _names(read: CocoFile) -> dict[int, str]:
    names: dict[int, str] = {}
    for value, line in read.lists["categories"]:
        number, name = value.get("id"), value.get("name")
        if type(number) is not int or not isinstance(name, str) or not name.strip():
            raise BadFile(
                f"{read.path}:{line}: a category must have a whole number as id and a name"
            )
        if number in names or name.strip() in names.values():
            raise BadFile(f"{read.path}:{line}: category {number} ({name}) is there twice")
        names[number] = name.strip()
    return names


def _gather(
    read: CocoFile,
    names: dict[int, str],
    split: str,
    index: Index,
    found: Gathering,
    used: set[Path],
) -> None:
    boxes = _boxes(read, names, found)
    known: dict[int, int] = {}
    for value, line in read.lists["images"]:
        number, name = value.get("id"), value.get("file_name")
        found.images += 1
        with found.noted(read.path):
            if type(number) is not int or not isinstance(name, str) or not name:
                raise BadInput(
                    f"{read.path}:{line}: an image must have a whole number as id and a file_name"
                )
            if number in known:
                raise BadInput(
                    f"{read.path}:{line}: image {number} is in line {known[number]} already"
                )
            known[number] = line
            own = boxes.pop(number, [])
            image = _image(read.path, name, index, line, split)
            used.add(image)
            found.add(
                image,
                own,
                source=read.path,
                line=line,
                split=split,
                stated=_stated(value, f"{read.path}:{line}"),
                entry=f"image {number}",
            )
    for number, lone in boxes.items():
        if number not in known:
            what = f"{lone[0].name} is in image {number}, which there is not"
            found.fault(what, read.path, lone[0].line, lone[0].entry)


def _boxes(read: CocoFile, names: dict[int, str], found: Gathering) -> dict[int, list[Box]]:
    """The boxes of each image."""
    boxes: dict[int, list[Box]] = {}
    for one in read.lists["annotations"]:
        entry = f"annotation {one.value.get('id')!s:.40}"
        try:
            number, box = _box(one, names, entry)
        except ZooError as error:
            found.boxes += 1
            found.fault(str(error), read.path, one.line, entry)
        else:
            boxes.setdefault(number, []).append(box)
    return boxes


def _box(one: Entry, names: dict[int, str], entry: str) -> tuple[int, Box]:
    """The image of an annotation, and its box.

    Raises:
        BadInput: for another form, and for a category that there is not.
    """
    image, category = one.value.get("image_id"), one.value.get("category_id")
    numbers = one.value.get("bbox")
    if type(image) is not int:
        raise BadInput(f"image_id is {_shown(image)}, expected a whole number")
    if type(category) is not int or category not in names:
        there = (
            few([str(number) for number in sorted(names)], most=5) or "categories, which is empty"
        )
        raise BadInput(f"category_id is {_shown(category)}, expected one of {there}")
    if not isinstance(numbers, list) or len(numbers) != 4 or not all(map(_is_number, numbers)):
        raise BadInput(f"bbox is {numbers!s:.60}, expected four numbers, x y w h")
    x, y, w, h = numbers
    corners = (float(x), float(y), corner(x, w), corner(y, h))
    crowd = one.value.get("iscrowd") not in (None, 0, False, "0")
    return image, Box(names[category], corners, one.line, crowd=crowd, entry=entry)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _image(path: Path, name: str, index: Index, line: int, split: str) -> Path:
    """The image that a file names: by the end of its path, the split's folder, the nearness."""
    parts = [part for part in Path(name.replace("\\", "/")).parts if part not in (".", "..")]
    found = index.get(parts[-1], []) if parts else []
    found = _longest(found, lambda one: alike(one.parts[::-1], parts[::-1]))
    found = _longest(found, lambda one: _folders_of(split, one))
    found = _longest(found, lambda one: alike(one.parts, path.parts))
    if not found:
        raise Missing(f"{path}:{line}: there is no image {name}")
    if len(found) > 1:
        raise BadInput(f"{path}:{line}: {name} may be {found[0]} or {found[1]}; remove one")
    return found[0]


def _folders_of(split: str, path: Path) -> int:
    """How many folders above an image are called as the split."""
    return sum(split_word(part) == split for part in path.parts[:-1]) if split else 0


def _longest(paths: list[Path], length: Callable[[Path], int]) -> list[Path]:
    lengths = [length(path) for path in paths]
    return [path for path, n in zip(paths, lengths, strict=True) if n == max(lengths)]


def _stated(value: Mapping[str, Any], where: str) -> Size | None:
    """Width and height of an image; some tools write 0 or nothing where they do not know.

    Raises:
        BadInput: for numbers that are no size.
    """
    width, height = value.get("width"), value.get("height")
    if not (_is_number(width) and _is_number(height) and width and height):
        return None
    if not (0 < width <= MOST and 0 < height <= MOST):  # nor is NaN
        got = f"{_shown(width)} x {_shown(height)}"
        raise BadInput(f"{where}: the size is {got}, expected pixels from 1 to {MOST:,}")
    return int(width), int(height)


def _shown(value: Any) -> str:
    """A value in a message, text in quotes."""
    return (repr(value) if isinstance(value, str) else str(value))[:40]
