"""The user's photographs for a network of image features: a folder of them.

Proof: tests/data/own/test_image_features.py.
"""

from pathlib import Path

from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs, PhotographSplits
from zoo.data.own import Needed
from zoo.data.own.photograph_list import PhotographList, list_photographs

FORM = "photographs of any size: a folder of them, or train, dev and test in it"


def list_data(path: Path, *, skip_bad: bool = False) -> PhotographList:
    """The files, before any is opened.

    Args:
        skip_bad: leave out photographs that cannot be read, and list them.

    Raises:
        Missing, BadInput: as ``list_photographs``.
    """
    return list_photographs(path, skip_bad=skip_bad)


def own_data(
    path: Path, front_end: PhotographFrontEnd, seed: int = 0, *, skip_bad: bool = False
) -> PhotographSplits:
    """All of it, in memory, divided into train, dev and test."""
    return list_data(path, skip_bad=skip_bad).read(front_end, seed)


def to_measure(
    path: Path, front_end: PhotographFrontEnd, needed: Needed, *, skip_bad: bool = False
) -> tuple[PhotographList, dict[str, Photographs], list[str]]:
    """What to measure a network on: the list, its parts in memory, what there is to tell.

    The parts are the user's, "" of data that are not divided.

    Args:
        needed: which of the parts to read.

    Raises:
        Missing, BadFile, BadInput: as ``list_photographs`` and ``PhotographList.images``.
    """
    listed = list_photographs(path, train=False, skip_bad=skip_bad).stated(needed)
    return listed, *listed.images(front_end)
