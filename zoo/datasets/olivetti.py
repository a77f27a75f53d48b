"""The Olivetti (AT&T) faces: 400 grey photographs of 40 people, ten of each, 64x64.

Samaria, Harter 1994, "Parameterisation of a stochastic model for human face identification"; taken
at AT&T Laboratories Cambridge, 1992 to 1994; in S. Roweis's form, which scikit-learn's
``fetch_olivetti_faces`` downloads. What is learned from them has to work for people who were never
seen, so people are divided, not pictures: the last ten are test, the five before them dev.
Proof: tests/datasets/test_olivetti.py.
"""

import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zoo import files, reading
from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.resize import resized
from zoo.data.root import data_folder
from zoo.download import fetch
from zoo.errors import BadFile, BadInput

URL = "https://ndownloader.figshare.com/files/5976027"  # scikit-learn's
SHA256 = "b612fb967f2dc77c9c62d3e1266e0c73d5fca46a4b8906c18e454d41af987794"
ROWEIS = "b1988d02"  # begins the sha256 of cs.nyu.edu/~roweis/data/olivettifaces.mat
LICENCE = "free to use with credit to AT&T Laboratories Cambridge"
PEOPLE, EACH, SIDE = 40, 10, 64
PARTS = (range(25), range(25, 30), range(30, 40))  # train, dev, test


def olivetti(size: int = SIDE) -> IdentitySplits:
    """25 people to learn from, 5 for dev, 10 to test on.

    Args:
        size: pixels of a side, at most the 64 they have; smaller by antialiased bilinear.

    Raises:
        Missing: if the file is not in the data folder and cannot be downloaded; the message names
            the address and the place.
        BadFile: if it is damaged.
        BadInput: for a size that there is not.
    """
    if not 1 <= size <= SIDE:
        raise BadInput(f"size must be 1 to {SIDE} pixels, got {size}")
    everyone = resized(faces(data_folder() / "olivetti"), (size, size))
    by_person = everyone.view(PEOPLE, EACH, 1, size, size)
    train, dev, test = (
        Images(
            by_person[people.start : people.stop].flatten(0, 1),
            torch.arange(len(people)).repeat_interleave(EACH),
            tuple(f"person {number + 1}" for number in people),
        )
        for people in PARTS
    )
    front_end = ImageFrontEnd((size, size), mean=(0.5,), std=(0.5,))
    return IdentitySplits("Olivetti faces", LICENCE, train, dev, test, front_end)


def faces(folder: Path) -> Tensor:
    """(400, 64, 64) uint8, person after person.

    They are ``images`` of faces.npz if that is there, else ``faces`` of olivettifaces.mat, which
    holds each picture as a column of 4,096 numbers, column after column of the picture.
    """
    if (path := folder / "faces.npz").is_file():
        found = _arrays(path)
    else:
        found = _matlab(path := _official(folder))
    shape = (PEOPLE * EACH, SIDE, SIDE)
    if found.shape != shape or found.dtype != np.uint8:
        raise BadFile(
            f"{path} has {found.dtype} {found.shape}, expected uint8 {shape}; get it anew"
        )
    return torch.from_numpy(np.ascontiguousarray(found))


def _official(folder: Path) -> Path:
    path = folder / "olivettifaces.mat"
    if path.is_file() and files.sha256(path).startswith(ROWEIS):
        return path
    return fetch(URL, path, SHA256)


def _arrays(path: Path) -> np.ndarray:
    try:
        with (
            reading.zip_archive(path, "a data set", reading.DATA) as packed,
            packed.open("images.npy") as file,
        ):
            return np.lib.format.read_array(file, allow_pickle=False)
    except BadFile:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, LookupError, MemoryError) as error:
        raise BadFile(f"{path} is damaged: {error}; get it anew") from error


def _matlab(path: Path) -> np.ndarray:
    from scipy.io import loadmat  # comes with scikit-learn

    try:
        with reading.opened(path, "a data set", reading.DATA) as file:
            columns = np.asarray(loadmat(file)["faces"])  # (4096, 400)
        if columns.shape != (SIDE * SIDE, PEOPLE * EACH):
            raise ValueError(f"faces is {columns.shape}, expected (4096, 400)")
        if (columns != (whole := columns.astype(np.uint8))).any():
            raise ValueError("faces has values that are no whole numbers from 0 to 255")
    except BadFile:
        raise
    except Exception as error:  # scipy's reader has errors of many kinds for a damaged file
        raise BadFile(f"{path} is damaged: {error}; get it anew") from error
    return whole.T.reshape(-1, SIDE, SIDE).transpose(0, 2, 1)
