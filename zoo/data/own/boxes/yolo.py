"""A folder with boxes in YOLO's text, a file for each image.

    images/train/a.jpg labels/train/a.txt data.yaml     train/images/a.jpg train/labels/a.txt
    obj.data train.txt obj.names a.jpg a.txt            a.jpg a.txt classes.txt

An image without a label file has no box in it, which is told. Splits are what data.yaml, obj.data
or lists called train.txt say, else the folders that are called so.
Proof: tests/data/own/boxes/test_yolo.py.
"""

from collections.abc import Iterator
from pathlib import Path

from zoo import reading
from zoo.data.own.boxes import Box
from zoo.data.own.boxes.gathering import Gathering
from zoo.data.own.boxes.layout import Files, Key, alike
from zoo.data.own.boxes.yolo_names import NAMES, Described, described
from zoo.data.own.boxes.yolo_text import classes_used, is_label, numbered, parsed_line
from zoo.data.own.split_names import split_of
from zoo.data.own.told import counted
from zoo.errors import BadInput, ZooError

Splits = dict[Path, str]


def label_files(files: Files) -> tuple[dict[Path, str], list[Path]]:
    """The label files with their texts; and other texts, such as a README."""
    labels: dict[Path, str] = {}
    others: list[Path] = []
    for path in files.texts[".txt"]:
        if path.name.lower() in NAMES or _is_voc_list(path):
            continue
        text = _text(path)
        if text is None or is_label(text) or (files.key(path) in files.images):
            labels[path] = text or ""
        elif not split_of(path.stem):
            others.append(path)
    return labels, others


def _text(path: Path) -> str | None:
    """None of a file that cannot be read, which ``gather_yolo`` then tells."""
    try:
        return reading.read_text(path, "labels of YOLO")
    except ZooError:
        return None


def gather_yolo(files: Files, found: Gathering) -> tuple[str, ...]:
    """Collect all images with their boxes; returns the names of the classes, in their order.

    Raises:
        BadFile, BadInput: as ``described``; BadInput for a split that has no image.
    """
    about = described(files)
    texts, others = label_files(files)
    lowest, highest = classes_used(texts.values())
    names = about.names or _numbers(lowest, highest, found)
    from_one = lowest == 1 and highest == len(names)
    hint = f"; all are 1 to {highest}: they count from 1, and must from 0" if from_one else ""
    splits = _splits(files, about, found)
    lists = {_last(place) for places in about.splits.values() for place in places}
    found.left_out.add("texts that are no labels", *(p for p in others if p.name not in lists))
    by_key: dict[Key, list[Path]] = {}
    for path in texts:
        by_key.setdefault(files.key(path), []).append(path)
    lone = 0
    for key, images in files.images.items():
        labels = by_key.pop(key, [])
        for image in images:
            if splits is not None and image not in splits:
                found.left_out.add("images in no split", image)
                continue
            found.images += 1
            with found.noted(image):
                split = files.split(image) if splits is None else splits[image]
                own = _labels(labels, image, len(images))
                lone += own is None
                _add(found, image, own, split, (names, hint))
    for key, paths in by_key.items():
        found.fault(f"there is no image {key[-1]} for it", paths[0])
    if lone:
        found.told.append(f"{counted(lone, 'images')} without a label file: nothing is in them")
    return names


def _labels(labels: list[Path], image: Path, images: int) -> Path | None:
    """The label file of an image: beside it, or the only one of its name."""
    beside = [path for path in labels if path.parent == image.parent]
    if len(beside or labels) > 1 or (images > 1 and labels and not beside):
        raise BadInput(f"{image} may belong to {labels[0]} and to another; remove one")
    return next(iter(beside or labels), None)


def _add(
    found: Gathering,
    image: Path,
    labels: Path | None,
    split: str,
    names: tuple[tuple[str, ...], str],
) -> None:
    size = found.size_of(image)
    if size is None:
        return
    boxes: list[Box] = []
    if labels is not None:
        with found.noted(labels):
            for line, text in numbered(reading.read_text(labels, "labels of YOLO")):
                try:
                    boxes.append(parsed_line(text, line, names[0], size, names[1]))
                except ZooError as error:
                    found.boxes += 1
                    found.fault(str(error), labels, line)
    found.add(image, boxes, source=labels or image, split=split, size=size)


def _numbers(lowest: int, highest: int, found: Gathering) -> tuple[str, ...]:
    """Of data that name no classes, as many numbers as there are."""
    if lowest > 0:
        raise BadInput(
            f"the classes in {found.root} are {lowest} to {highest}; YOLO counts from 0: write the "
            "name of each class, from class 0 on, into a line of classes.txt"
        )
    found.told.append(
        "no names of classes (data.yaml, obj.names, classes.txt): they are called by their numbers"
    )
    return tuple(map(str, range(highest + 1)))


def _splits(files: Files, about: Described, found: Gathering) -> Splits | None:
    """The split of each image that a description or lists name; None: the folders say it."""
    named = about.splits or {
        split: [path.name]
        for path in files.texts[".txt"]
        if (split := split_of(path.stem)) and not _is_voc_list(path)
        if files.key(path) not in files.images
    }
    splits: Splits = {}
    for split, places in named.items():
        for place in places:
            for image in _images_of(files, about.path, place, found):
                if splits.setdefault(image, split) != split:
                    found.fault(f"{image.name} is in {splits[image]} and in {split}", image)
    return splits or None


def _is_voc_list(path: Path) -> bool:
    return path.parent.name == "Main" or path.parent.name == "ImageSets"


def _images_of(files: Files, beside: Path | None, place: str, found: Gathering) -> list[Path]:
    """The images of a folder or of a list, which may have been written on another machine."""
    name = place.replace("\\", "/")
    if name.lower().endswith(".txt"):
        texts = [path for path in files.texts[".txt"] if path.name == _last(place)]
        if not texts:
            raise BadInput(f"{beside} names {place}, which is not in {files.root}")
        return list(_in_list(files, texts[0], found))
    wanted = [part for part in Path(name).parts if part not in ("..", ".", "/")]
    while wanted:  # what lies above the folder may be called otherwise here
        inside = [path for path in files.every() if _below(path.relative_to(files.root), wanted)]
        if inside:
            return inside
        wanted = [] if split_of(wanted[0]) else wanted[1:]
    found.told.append(f"{beside and beside.name} names {place}, where there is no image")
    return []


def _last(place: str) -> str:
    """The name of a file, also from Windows."""
    return Path(place.replace("\\", "/")).name


def _below(path: Path, folders: list[str]) -> bool:
    return any(
        list(path.parts[at : at + len(folders)]) == folders for at in range(len(path.parts) - 1)
    )


def _in_list(files: Files, path: Path, found: Gathering) -> Iterator[Path]:
    """The images whose paths a list has a line each; of several the one with the longest end."""
    by_name: dict[str, list[Path]] = {}
    for image in files.every():
        by_name.setdefault(image.name, []).append(image)
    for line, text in numbered(reading.read_text(path, "a list of images")):
        parts = Path(text.strip().replace("\\", "/")).parts[::-1]
        fitting = by_name.get(parts[0], [])
        if fitting:
            yield max(fitting, key=lambda image: alike(image.parts[::-1], parts))
        else:
            found.fault(f"there is no image {text.strip()[:100]}", path, line)
