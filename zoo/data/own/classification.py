"""The user's pictures: a folder per class, or a CSV of file and label."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own.csv_table import Row, rows_to_test_on
from zoo.data.own.image_folder import class_names, image_folder, list_images, read_classes
from zoo.data.own.image_table import image_table, read_images, read_rows, read_table

FORM = "pictures: a folder for each class, or a CSV of file,label"


def is_table(path: Path) -> bool:
    """Whether ``path`` is to be read as a CSV."""
    return path.suffix.lower() == ".csv" and not path.is_dir()


@dataclass(frozen=True, eq=False)
class Listing:
    """What pictures there are, before any is opened; a CSV is read once, here."""

    path: Path
    classes: tuple[str, ...]  # sorted
    size: int  # pictures in train, dev and test together
    rows: list[Row] | None  # of a CSV

    def read(self, front_end: ImageFrontEnd, seed: int = 0) -> ImageSplits:
        """All of it, in memory, divided into train, dev and test.

        Raises:
            BadFile: if a picture cannot be read.
        """
        if self.rows is None:
            return image_folder(self.path, front_end, seed)
        return image_table(self.path, front_end, seed, self.rows)


def list_data(path: Path) -> Listing:
    """The classes and the pictures of a folder or a CSV.

    Raises:
        Missing, BadFile, BadInput: as ``class_names`` and ``read_table``.
    """
    if is_table(path):
        rows = read_table(path)
        return Listing(path, tuple(sorted({row.label for row in rows})), len(rows), rows)
    return Listing(path, class_names(path), len(list_images(path)), None)


def own_data(path: Path, front_end: ImageFrontEnd, seed: int = 0) -> ImageSplits:
    """All of it, in memory, divided into train, dev and test."""
    return list_data(path).read(front_end, seed)


def own_test(path: Path, front_end: ImageFrontEnd, classes: tuple[str, ...]) -> Images:
    """What to measure a network with these classes on: the test pictures if some are, or all.

    ImageNet's own names of folders (n01440764, ...) will do too, if all classes are there: in
    their order they are the classes in the network's order.

    Raises:
        Missing, BadFile, BadInput: as ``read_classes`` and ``read_rows``; so for other classes.
    """
    if not is_table(path):
        return _own_folder(path / "test" if (path / "test").is_dir() else path, front_end, classes)
    rows = rows_to_test_on(path, read_rows(path), classes, "picture")
    return read_images(path, rows, front_end, classes)


def _own_folder(place: Path, front_end: ImageFrontEnd, classes: tuple[str, ...]) -> Images:
    """A folder's pictures, labelled in the order of ``classes``, which need not be alphabetical."""
    names = tuple(name.replace("/", "-") for name in classes)  # as folders are named
    folders = class_names(place)
    if len(folders) == len(names) and all(re.fullmatch(r"n\d{8}", name) for name in folders):
        names = folders
    by_name = sorted(names)  # as folders are read
    images = read_classes(place, front_end, tuple(by_name))
    order = torch.tensor([names.index(name) for name in by_name])
    return replace(images, labels=order[images.labels], classes=classes)
