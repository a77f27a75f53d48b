"""The user's images of identities: a folder for each, or a table of file and identity.

    faces/              or      faces/
      ann/  1.jpg 2.jpg           train/ ann/ ... bob/ ...
      bob/  1.jpg ...             test/  eve/ ... joe/ ...      (dev/ likewise)

Train, dev and test never share an identity: where they are not divided, identities are set aside,
not images. Proof: tests/data/own/test_verification.py.
"""

from pathlib import Path

from zoo import reading
from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own import Needed
from zoo.data.own.identity_parts import divided, refuse_shared
from zoo.data.own.image_folder import list_folder
from zoo.data.own.image_list import ImageList
from zoo.data.own.image_table import list_table_of_identities
from zoo.errors import Missing

FORM = "images: a folder for each identity, or a CSV of file,identity"


def list_data(path: Path, *, train: bool = True, skip_bad: bool = False) -> ImageList:
    """The identities and their images, before any is opened.

    Args:
        train: whether there must be something to train on.
        skip_bad: leave out images and rows that cannot be used, and list them.

    Raises:
        Missing, BadFile, BadInput: as ``list_folder`` and ``list_table_of_identities``; BadInput
            if an identity is in two parts.
    """
    if not path.exists() and not reading.is_file(path):
        raise Missing(
            f"no folder or file {path}; expected a folder with one folder of images for each "
            "identity, or a CSV with the header file,identity"
        )
    if path.is_dir():
        listed = list_folder(path, train=train, same_classes=False, skip_bad=skip_bad)
    else:
        listed = list_table_of_identities(path, skip_bad=skip_bad)
    refuse_shared(listed)
    return listed


def own_data(
    path: Path, front_end: ImageFrontEnd, seed: int = 0, *, skip_bad: bool = False
) -> IdentitySplits:
    """All of it, in memory, divided into train, dev and test."""
    return divided(list_data(path, skip_bad=skip_bad), front_end, seed)


def to_measure(
    path: Path, front_end: ImageFrontEnd, needed: Needed, *, skip_bad: bool = False
) -> tuple[ImageList, dict[str, Images], list[str]]:
    """What to measure a network on: the list, and its parts in memory.

    The parts are the user's, "" of data that are not divided.

    Args:
        needed: which of the parts to read.

    Returns:
        what there is, the images, and what there is to tell of images that were left out.

    Raises:
        Missing, BadFile, BadInput: as ``list_data``.
    """
    listed = list_data(path, train=False, skip_bad=skip_bad).stated(needed)
    return listed, *listed.images(front_end)
