"""The user's images before any is opened: files, labels and splits; then all of them in memory.

A folder (zoo/data/own/image_folder.py) and a table (zoo/data/own/image_table.py) both become one.
Proof: tests/data/own/test_image_list.py.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tqdm import tqdm

from zoo.data.examples import digest
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own import LICENCE, Needed
from zoo.data.own.held_out import held_out
from zoo.data.own.told import Unusable, counted, few, in_train_too, what_was_read
from zoo.data.splits import SPLITS
from zoo.errors import BadInput

Labelled = tuple[Path, int]  # a file, and the row of its class


@dataclass(frozen=True)
class ImageList:
    """Which images there are.

    Attributes:
        parts: the files of each split that the user's data have; those of data that are not
            divided are all in "train".
        divided: whether the user's data name splits.
        notices: what was understood, and what was found besides images.
        skip_bad: leave out images that cannot be read, and list them.
    """

    name: str
    classes: tuple[str, ...]
    parts: Mapping[str, Sequence[Labelled]]
    divided: bool = False
    notices: tuple[str, ...] = ()
    skip_bad: bool = False

    @property
    def size(self) -> int:
        """The number of images in all parts."""
        return sum(map(len, self.parts.values()))

    def files(self) -> list[Path]:
        """The files of all parts."""
        return [path for part in self.parts.values() for path, _ in part]

    def relabelled(self, classes: tuple[str, ...], rows: Sequence[int]) -> "ImageList":
        """The same images with other classes, of which ``rows`` has one for each of the old."""
        parts = {k: [(path, rows[label]) for path, label in v] for k, v in self.parts.items()}
        return replace(self, classes=classes, parts=parts)

    def stated(self, needed: Needed) -> "ImageList":
        """The parts that are to be measured on; under "" if the data are not divided."""
        parts = self.parts if self.divided else {"": self.parts["train"]}
        return replace(self, parts={name: parts[name] for name in needed(parts)})

    def read(self, front_end: ImageFrontEnd, seed: int = 0) -> ImageSplits:
        """All of it in memory; a dev or test part that is not there is taken from train.

        Raises:
            BadFile, BadInput: if images cannot be read; all of them are named.
            BadInput: if a class has no image to train with, or the images are too few to divide.
        """
        parts, told = self.images(front_end)
        train = parts["train"]
        counts = train.labels.bincount(minlength=len(self.classes)).tolist()
        if empty := [name for name, n in zip(self.classes, counts, strict=True) if not n]:
            raise BadInput(f"{self.name} has no image to train with of class {few(empty)}")
        index = held_out(train.labels, parts, seed)
        whole = parts | {name: train.pick(at) for name, at in index.items()}
        made = [name for name in SPLITS[1:] if name not in self.parts]
        read = what_was_read(kinds_of(parts), {k: len(whole[k]) for k in SPLITS}, made)
        pixels = {k: [digests[-1] for digests in part.digests()] for k, part in whole.items()}
        notices = (read, *self.notices, *told, *in_train_too(pixels))
        return ImageSplits(
            self.name, LICENCE, front_end=front_end, notices=notices, **whole, only=""
        )

    def images(self, front_end: ImageFrontEnd) -> tuple[dict[str, Images], list[str]]:
        """The parts in memory, and what there is to tell of images that were left out.

        Raises:
            BadFile, BadInput: if images cannot be read; all of them are named.
            BadInput: for a part without an image.
        """
        bad = Unusable("images", skip=self.skip_bad)
        parts = {name: self._part(name, front_end, bad) for name in self.parts}
        told = bad.settled(self.size)
        for name, part in parts.items():
            if not len(part):
                raise BadInput(f"{self.name} has no image that can be read in {name}")
        return parts, told

    def _part(self, name: str, front_end: ImageFrontEnd, bad: Unusable) -> Images:
        pixels, labels, files = [], [], []
        title, off = f"reading {self.name}, {name}", not sys.stderr.isatty()
        for path, label in tqdm(self.parts[name], title, disable=off, leave=False):
            with bad.noted():
                pixels.append(front_end.pixels(path))
                labels.append(label)
                files.append(digest(path.read_bytes()))
        shape = (0, *front_end.input_shape)
        stacked = torch.stack(pixels) if pixels else torch.zeros(shape, dtype=torch.uint8)
        numbers = torch.tensor(labels, dtype=torch.int64)
        return Images(stacked, numbers, self.classes, tuple(files))


def kinds_of(parts: Mapping[str, Images]) -> str:
    """How many images there are of each class: "5 images in 2 classes (cat 2, dog 3)"."""
    classes = next(iter(parts.values())).classes
    labels = torch.cat([part.labels for part in parts.values()])
    counts = labels.bincount(minlength=len(classes)).tolist()
    each = few([f"{name} {n:,}" for name, n in zip(classes, counts, strict=True)])
    return f"{counted(len(labels), 'images')} in {counted(len(classes), 'classes')} ({each})"
