"""The user's photographs for a network that paints: a folder of them, and the style beside it.

Proof: tests/data/own/test_style_transfer.py.
"""

from pathlib import Path

from torch import Tensor

from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs
from zoo.data.image.styled_photographs import StyledPhotographs
from zoo.data.own import Needed
from zoo.data.own.photograph_list import PhotographList, list_photographs

FORM = "photographs of any size: a folder of them, or train, dev and test in it; style=PICTURE"


def own_data(
    path: Path,
    front_end: PhotographFrontEnd,
    style: Tensor,
    style_name: str,
    seed: int = 0,
    *,
    skip_bad: bool = False,
) -> StyledPhotographs:
    """All of it, in memory, divided into train, dev and test.

    Args:
        style: (3, H, W) uint8.
        style_name: what the card calls it.
    """
    photographs = list_data(path, skip_bad=skip_bad).read(front_end, seed)
    return StyledPhotographs(photographs, style, style_name)


def list_data(path: Path, *, skip_bad: bool = False) -> PhotographList:
    """The files of the photographs, before any is opened.

    Raises:
        Missing, BadInput: as ``list_photographs``.
    """
    return list_photographs(path, skip_bad=skip_bad)


def to_measure(
    path: Path, front_end: PhotographFrontEnd, needed: Needed, *, skip_bad: bool = False
) -> tuple[PhotographList, dict[str, Photographs], list[str]]:
    """What to measure a network on: the list, its parts in memory, what there is to tell.

    Args:
        needed: which of the parts to read.

    Raises:
        Missing, BadFile, BadInput: as ``list_photographs`` and ``PhotographList.images``.
    """
    listed = list_photographs(path, train=False, skip_bad=skip_bad).stated(needed)
    return listed, *listed.images(front_end)
