"""Omniglot's files: the official zips of PNG pictures, or the same pictures as arrays.

github.com/brendenlake/omniglot: images_background.zip and images_evaluation.zip hold
.../ALPHABET/characterNN/XXXX_DD.png, where DD is the person who drew; all_runs.zip the one-shot
runs: runNN/training/classNN.png by one person, runNN/test/itemNN.png by another, and
runNN/class_labels.txt, whose lines are "TEST TRAINING". The arrays are NAME.npz, in which
``images`` is bool (characters, 20, 105, 105), False where there is ink, as in the PNG files, and
characters.csv, which names their rows. Proof: tests/data/image/identities/test_omniglot_files.py.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zoo import reading
from zoo.errors import BadFile, Missing

Ground = NDArray[np.bool_]  # False where there is ink
DRAWERS, SIDE = 20, 105  # people who drew each character; pixels
PICTURE = re.compile(r"(?:^|/)([^/]+)/character(\d+)/[^/_.][^/_]*_(\d+)\.png$")
RUN = re.compile(r"(?:^|/)(run\d+)/(training|test)/[^/.][^/]*\.png$")
OFFICIAL = {  # characters.csv has its own spelling of four alphabets
    "Japanese (Hiragana)": "Japanese (hiragana)",
    "Malay (Jawi-Arabic)": "Malay (Jawi - Arabic)",
    "Old Church Slavonic (Cryllic)": "Old Church Slavonic (Cyrillic)",
    "Tifinaghs": "Tifinagh",
}


@dataclass(frozen=True, eq=False)
class Drawings:
    """Characters, each drawn once by each of 20 people.

    Attributes:
        ground: (K, 20, 105, 105) bool, False where there is ink.
        characters: K names such as "Greek/3"; in the order of alphabets and numbers.
    """

    ground: Ground
    characters: tuple[str, ...]

    @property
    def alphabets(self) -> list[str]:
        """That of each character."""
        return [name.rpartition("/")[0] for name in self.characters]


@dataclass(frozen=True, eq=False)
class Run:
    """A one-shot run: W candidates by one person, Q pictures by another.

    Attributes:
        training: (W, 105, 105) bool, as in ``Drawings``.
        test: (Q, 105, 105).
        answers: Q rows of ``training``.
    """

    training: Ground
    test: Ground
    answers: tuple[int, ...]


def from_zip(path: Path) -> Drawings:
    """What an official zip of pictures holds.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is damaged, or a character is not drawn once by each of 20 people.
    """
    found: dict[tuple[str, int], dict[int, Ground]] = {}
    with _archive(path) as packed:
        for name in packed.namelist():
            if match := PICTURE.search(name):
                key = match[1].replace("_", " "), int(match[2])
                found.setdefault(key, {})[int(match[3])] = _picture(packed.read(name), name)
    if not found:
        raise BadFile(f"{path} holds no picture such as Greek/character03/0395_07.png; get it anew")
    order = sorted(found)
    for key in order:
        if sorted(found[key]) != list(range(1, DRAWERS + 1)):
            count = len(found[key])
            raise BadFile(
                f"{path} has {count} drawings of character {key[1]} of {key[0]}, expected those "
                f"of the people 1 to {DRAWERS}; get it anew"
            )
    rows = [[found[key][who] for who in range(1, DRAWERS + 1)] for key in order]
    return Drawings(np.array(rows), tuple(f"{name}/{number}" for name, number in order))


def from_arrays(path: Path, names: Path, part: str) -> Drawings:
    """What an npz holds, in the order in which ``from_zip`` has the same pictures.

    Args:
        names: characters.csv, with the columns split, row, alphabet and character_in_alphabet.
        part: "background" or "evaluation", the value of the column ``split``.

    Raises:
        Missing: if there is no such file.
        BadFile: if one is damaged, or they do not fit each other.
    """
    with _archive(path) as packed, packed.open("images.npy") as file:
        images = np.lib.format.read_array(file, allow_pickle=False)
    if images.dtype != bool or images.shape[1:] != (DRAWERS, SIDE, SIDE):
        got = f"{images.dtype} {images.shape}"
        raise BadFile(f"{path} has images {got}, expected bool (K, {DRAWERS}, {SIDE}, {SIDE})")
    keys: dict[int, tuple[str, int]] = {}
    text = reading.read_text(names, "names of characters")
    try:
        for row in csv.DictReader(io.StringIO(text)):
            if row["split"] == part:
                alphabet = OFFICIAL.get(row["alphabet"], row["alphabet"])
                keys[int(row["row"])] = alphabet, int(row["character_in_alphabet"])
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise BadFile(f"{names} is damaged: {error}; get it anew") from error
    if sorted(keys) != list(range(len(images))) or len(set(keys.values())) != len(images):
        raise BadFile(f"{names} names {len(keys)} characters of {part}, {path} has {len(images)}")
    order = sorted(keys, key=keys.__getitem__)
    characters = tuple("{}/{}".format(*keys[row]) for row in order)
    return Drawings(images if order == sorted(order) else images[order], characters)


def runs_in(path: Path) -> list[Run]:
    """The one-shot runs of all_runs.zip, in order.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is damaged, or a label names a picture that is not there.
    """
    runs = []
    with _archive(path) as packed:
        files: dict[str, dict[str, list[str]]] = {}
        for name in sorted(packed.namelist()):
            if match := RUN.search(name):
                files.setdefault(match[1], {"training": [], "test": []})[match[2]].append(name)
        for run in files.values():
            training, test = run["training"], run["test"]
            at = (test or training)[0].split("/")[:-2]
            label_file = "/".join([*at, "class_labels.txt"])
            prefix = "/".join([*at[:-1], ""]) if len(at) > 1 else ""
            lines = packed.read(label_file).decode().split("\n")
            answer = {prefix + a: prefix + b for a, b in (one.split() for one in lines if one)}
            if sorted(answer) != test:
                raise BadFile(f"{path}: {label_file} names other pictures than there are")
            rows = tuple(training.index(answer[name]) for name in test)
            pictures = [
                np.stack([_picture(packed.read(name), name) for name in names])
                for names in (training, test)
            ]
            runs.append(Run(pictures[0], pictures[1], rows))
    if not runs:
        raise BadFile(f"{path} holds no picture such as run01/test/item01.png; get it anew")
    return runs


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip; damage that is found while it is read is a ``BadFile``, too."""
    try:
        with reading.zip_archive(path, "a data set", reading.DATA) as packed:
            yield packed
    except (BadFile, Missing):
        raise
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, LookupError, MemoryError) as error:
        raise BadFile(f"{path} is damaged: {error}; get it anew") from error


def _picture(data: bytes, name: str) -> Ground:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        pixels = np.asarray(image.convert("1"))
    if pixels.shape != (SIDE, SIDE):
        raise ValueError(f"{name} has {pixels.shape[::-1]} pixels, not {SIDE} x {SIDE}")
    return pixels
