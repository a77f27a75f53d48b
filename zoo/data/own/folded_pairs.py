"""A folder of people with LFW's pairs.txt, the published list or one like it.

    lfw/  pairs.txt
          Ann_Lee/  Ann_Lee_0001.jpg  Ann_Lee_0002.jpg ...      (or .png, such as aligned crops)

The first line of pairs.txt has the number of folds, and how many pairs of the same a fold has; it
has as many of two. Then, fold by fold, come lines "Ann_Lee 1 2" of the same and then lines
"Ann_Lee 1 Bob_Day 3" of two. What fold a pair is in is its place in the list: one whose image is
missing or cannot be read stays there, is told of, and is left out of that fold's scores.
Proof: tests/data/own/test_folded_pairs.py.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from zoo import reading
from zoo.data.examples import digest
from zoo.data.image.identities.pairs import UNREAD, FoldedPairs
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own.told import counted, few
from zoo.errors import BadFile, BadInput, Missing, ZooError

NAME = "pairs.txt"
ENDINGS = (".jpg", ".png", ".jpeg")
FORM = 'a first line "10 300", then lines "NAME 1 2" and "NAME 1 OTHER 3"'

Face = tuple[str, int]  # a person and the number of the image


@dataclass(frozen=True)
class PairList:
    """The pairs, before any image is opened.

    Attributes:
        folder: where the people's folders are.
        pairs: in the order of the file.
        each: pairs of the same in a fold, and pairs of two.
    """

    folder: Path
    pairs: tuple[tuple[Face, Face], ...]
    each: int

    def faces(self) -> list[Face]:
        """The images that are needed, each once, in the order of names."""
        return sorted({face for pair in self.pairs for face in pair})

    def read(self, front_end: ImageFrontEnd) -> tuple[Images, FoldedPairs, tuple[str, ...]]:
        """The images that can be read, the pairs in their rows, and what there is to tell.

        Raises:
            BadInput: if no image can be read.
        """
        faces, bad = self.faces(), dict[Face, str]()
        pixels, rows, files = [], dict[Face, int](), []
        for face in tqdm(faces, f"reading {self.folder}", disable=not sys.stderr.isatty()):
            try:
                path = _file(self.folder, face)
                pixels.append(front_end.pixels(path))
                files.append(digest(reading.read_bytes(path, "an image", reading.PICTURE)))
                rows[face] = len(rows)
            except ZooError as error:
                bad[face] = str(error)
        if not pixels:
            first = next(iter(bad.values()))
            raise BadInput(f"none of the images of {self.folder / NAME} can be read: {first}")
        names = sorted({name for name, _ in rows})
        place = {name: row for row, name in enumerate(names)}
        labels = torch.tensor([place[name] for name, _ in rows])
        images = Images(torch.stack(pixels), labels, tuple(names), tuple(files))
        folded = self.folded(rows)
        told = f"read {counted(len(self.pairs), 'pairs')} in {int(folded.folds[-1]) + 1} folds"
        told += f" of {counted(len(rows), 'images')} of {len(names):,} people"
        return images, folded, (told, *_left_out(bad, folded))

    def folded(self, rows: dict[Face, int]) -> FoldedPairs:
        """The pairs in rows of the images."""
        first, second = (
            torch.tensor([rows.get(face, UNREAD) for face in side])
            for side in zip(*self.pairs, strict=True)
        )
        order = torch.arange(len(self.pairs))
        same = order % (2 * self.each) < self.each
        return FoldedPairs(first, second, same, order // (2 * self.each))


def list_pairs(folder: Path) -> PairList:
    """Read pairs.txt of a folder.

    Raises:
        Missing: if there is no pairs.txt.
        BadFile: if it is none, or has other lines than its first one says.
    """
    path = folder / NAME
    lines = [line.split() for line in reading.read_text(path, "pairs of LFW").splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    head = lines[0] if lines else []
    if len(head) != 2 or not all(word.isdecimal() and 0 < int(word) < 10**6 for word in head):
        raise BadFile(f"{path}:1 is {' '.join(head)[:60]!r}, expected {FORM}")
    folds, each = map(int, head)
    if len(lines) - 1 != 2 * folds * each:
        raise BadFile(
            f"{path} has {len(lines) - 1} pairs, expected {folds} x 2 x {each} = {2 * folds * each}"
        )
    return PairList(folder, tuple(_pairs(path, lines[1:], each)), each)


def _pairs(path: Path, lines: list[list[str]], each: int) -> Iterator[tuple[Face, Face]]:
    for number, words in enumerate(lines):
        same = number % (2 * each) < each
        numbers = words[1::2] if not same else words[1:]
        if len(words) != (3 if same else 4) or not all(word.isdecimal() for word in numbers):
            kind = '"NAME 1 2" of the same' if same else '"NAME 1 OTHER 3" of two'
            raise BadFile(f"{path}:{number + 2} is {' '.join(words)[:60]!r}, expected {kind}")
        if any("/" in word or word in (".", "..") for word in words):
            raise BadFile(f"{path}:{number + 2} names another folder; expected names of people")
        yield (words[0], int(numbers[0])), (words[0 if same else 2], int(numbers[1]))


def _file(folder: Path, face: Face) -> Path:
    """Where an image is.

    Raises:
        Missing: if it is not there.
    """
    name, number = face
    stem = folder / name / f"{name}_{number:04}"
    for ending in ENDINGS:
        if (path := stem.with_name(stem.name + ending)).exists():
            return path
    raise Missing(f"there is no {stem}.jpg")


def _left_out(bad: dict[Face, str], folded: FoldedPairs) -> tuple[str, ...]:
    """A line about the images that could not be read and the pairs that lack them, or none."""
    if not bad:
        return ()
    gone = folded.folds[~folded.readable].bincount().tolist()
    where = few([f"{n} of fold {fold}" for fold, n in enumerate(gone, 1) if n])
    lines = few(list(bad.values()), most=3, between="; ")
    return (
        f"left out {counted(sum(gone), 'pairs')} ({where}), no other fold is changed: "
        f"{counted(len(bad), 'images')} cannot be read: {lines}",
    )
