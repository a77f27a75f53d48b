"""The user's images: a folder per class, or a table of file and label.

Proof: tests/data/own/test_classification.py.
"""

import re
from pathlib import Path

from zoo import reading
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own import Needed
from zoo.data.own.image_folder import list_folder
from zoo.data.own.image_list import ImageList
from zoo.data.own.image_table import list_table, list_table_to_measure
from zoo.data.own.told import few
from zoo.errors import BadInput, Missing

FORM = "images: a folder for each class, or a CSV of file,label"


def list_data(path: Path, *, skip_bad: bool = False) -> ImageList:
    """The classes and the images of a folder or a table, before any is opened.

    Args:
        skip_bad: leave out images and rows that cannot be used, and list them.

    Raises:
        Missing, BadFile, BadInput: as ``list_folder`` and ``list_table``.
    """
    _refuse_nothing(path)
    lists = list_folder if path.is_dir() else list_table
    return lists(path, skip_bad=skip_bad)


def own_data(
    path: Path, front_end: ImageFrontEnd, seed: int = 0, *, skip_bad: bool = False
) -> ImageSplits:
    """All of it, in memory, divided into train, dev and test."""
    return list_data(path, skip_bad=skip_bad).read(front_end, seed)


def to_measure(
    path: Path,
    front_end: ImageFrontEnd,
    classes: tuple[str, ...],
    needed: Needed,
    *,
    skip_bad: bool = False,
) -> tuple[ImageList, dict[str, Images], list[str]]:
    """What to measure a network with these classes on: the list, and its parts in memory.

    The parts are the user's, "" of data that are not divided. ImageNet's own names of folders
    (n01440764, ...) will do too, if all classes are there: in their order they are the classes in
    the network's order.

    Args:
        needed: which of the parts to read.

    Returns:
        what there is, the images, and what there is to tell of images that were left out.

    Raises:
        Missing, BadFile, BadInput: as ``list_folder`` and ``list_table_to_measure``; so for other
            classes.
    """
    _refuse_nothing(path)
    if path.is_dir():
        listed = _of_network(list_folder(path, train=False, skip_bad=skip_bad), path, classes)
    else:
        listed = list_table_to_measure(path, classes, needed, skip_bad=skip_bad)
    listed = listed.stated(needed)
    return listed, *listed.images(front_end)


def _refuse_nothing(path: Path) -> None:
    if not path.exists() and not reading.is_file(path):
        raise Missing(
            f"no folder or file {path}; expected a folder with one folder of images for each "
            "class, or a CSV with the header file,label"
        )


def _of_network(listed: ImageList, path: Path, classes: tuple[str, ...]) -> ImageList:
    """The same images, labelled in the order of ``classes``, which need not be alphabetical."""
    names = [name.replace("/", "-") for name in classes]  # as folders are named
    own = listed.classes
    if len(own) == len(names) and all(re.fullmatch(r"n\d{8}", name) for name in own):
        names = list(own)
    if own != tuple(sorted(names)):
        raise BadInput(f"{path} has the classes {few(own)}; expected {few(sorted(names))}")
    return listed.relabelled(classes, [names.index(name) for name in own])
