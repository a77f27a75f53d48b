"""The user's images with one object at most, before any is opened; then all of them in memory.

A table of them (zoo/data/own/located/table.py) becomes one.
Proof: tests/data/own/test_localization.py.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from tqdm import tqdm

from zoo.data.examples import digest
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_images import NOTHING, LocatedImages, LocatedSplits
from zoo.data.image.read import decoded
from zoo.data.own import LICENCE, Needed
from zoo.data.own.held_out import held_out
from zoo.data.own.told import Unusable, counted, few, in_train_too, what_was_read
from zoo.data.splits import SPLITS
from zoo.errors import BadInput

NEARLY = 1.0  # pixels by which a point may lie outside of its image


class Located(NamedTuple):
    """One image and what is in it.

    Attributes:
        label: of the object; None: there is none.
        points: x and y in pixels of the image; of a box two opposite corners.
        where: "labels.csv line 3", for messages.
    """

    path: Path
    label: str | None
    points: tuple[tuple[float, float], ...]
    where: str


@dataclass(frozen=True)
class LocatedList:
    """Which images there are.

    Attributes:
        classes: names of the classes; of landmarks those of the points.
        boxes: whether two points are the corners of a box.
        parts: of each split that the user's data have; data that are not divided are "train".
        divided: whether the user's data name splits.
        notices: what was understood, and what was found besides images.
        skip_bad: leave out images that cannot be used, and list them.
    """

    name: str
    classes: tuple[str, ...]
    boxes: bool
    parts: Mapping[str, Sequence[Located]]
    divided: bool = False
    notices: tuple[str, ...] = ()
    skip_bad: bool = False

    @property
    def size(self) -> int:
        """The number of images in all parts."""
        return sum(map(len, self.parts.values()))

    def named(self, classes: tuple[str, ...]) -> "LocatedList":
        """The same images with the classes, or the points, of a network, in its order.

        Raises:
            BadInput: if an object is of a class that it does not know, or for other points.
        """
        if self.boxes:
            used = {one.label for part in self.parts.values() for one in part if one.label}
            if other := sorted(used.difference(classes)):
                raise BadInput(f"{self.name} has the class {few(other)}; expected {few(classes)}")
            return replace(self, classes=classes)
        if sorted(self.classes) != sorted(classes):
            got, expected = few(self.classes), few(classes)
            raise BadInput(f"{self.name} has the points {got}; expected {expected}")
        order = [self.classes.index(name) for name in classes]
        parts = {
            split: [
                one._replace(points=tuple(one.points[i] for i in order if one.points))
                for one in part
            ]
            for split, part in self.parts.items()
        }
        return replace(self, classes=classes, parts=parts)

    def stated(self, needed: Needed) -> "LocatedList":
        """The parts that are to be measured on; under "" if the data are not divided."""
        parts = self.parts if self.divided else {"": self.parts["train"]}
        return replace(self, parts={name: parts[name] for name in needed(parts)})

    def read(self, front_end: BoxFrontEnd, seed: int = 0) -> LocatedSplits:
        """All of it in memory; a dev or test part that is not there is taken from train.

        Raises:
            BadFile, BadInput: if images cannot be used; all of them are named.
            BadInput: if the images are too few to divide.
        """
        if "train" not in self.parts:
            raise BadInput(f"{self.name} has images for {few([*self.parts])}, none to train with")
        parts, told = self.images(front_end)
        train = parts["train"]
        index = held_out(train.labels - NOTHING, parts, seed)
        whole: dict[str, Any] = parts | {name: train.pick(at) for name, at in index.items()}
        made = [name for name in SPLITS[1:] if name not in self.parts]
        read = what_was_read(self.kinds_of(parts), {k: len(whole[k]) for k in SPLITS}, made)
        pixels = {k: [digests[-1] for digests in part.digests()] for k, part in whole.items()}
        notices = (read, *self.notices, *told, *without_object(whole), *in_train_too(pixels))
        return LocatedSplits(self.name, LICENCE, front_end=front_end, notices=notices, **whole)

    def images(self, front_end: BoxFrontEnd) -> tuple[dict[str, LocatedImages], list[str]]:
        """The parts in memory, and what there is to tell of images that were left out.

        Raises:
            BadFile, BadInput: if images cannot be used; all of them are named.
            BadInput: for a part without an image.
        """
        bad = Unusable("images", skip=self.skip_bad)
        parts = {name: self._part(name, front_end, bad) for name in self.parts}
        told = bad.settled(self.size)
        for name, part in parts.items():
            if not len(part):
                raise BadInput(f"{self.name} has no image that can be used in {name or 'it'}")
        return parts, told

    def _part(self, name: str, front_end: BoxFrontEnd, bad: Unusable) -> LocatedImages:
        pixels, points, labels, files = [], [], [], []
        title, off = f"reading {self.name}, {name}", not sys.stderr.isatty()
        count = 2 if self.boxes else len(self.classes)
        for one in tqdm(self.parts[name], title, disable=off, leave=False):
            with bad.noted():
                image = decoded(one.path, 3)
                spots = _inside(one, image)
                small, place = front_end.pixels(image)
                # as boxes, each of one point
                moved = place.to_input(spots.repeat(1, 2))[:, :2]
                points.append(moved if one.label is not None else torch.zeros(count, 2))
                pixels.append(small)
                labels.append(self._number(one.label))
                files.append(digest(one.path.read_bytes()))
        shape = (0, *front_end.input_shape)
        return LocatedImages(
            torch.stack(pixels) if pixels else torch.zeros(shape, dtype=torch.uint8),
            torch.stack(points) if points else torch.zeros(0, count, 2),
            torch.tensor(labels, dtype=torch.int64),
            self.classes,
            tuple(files),
        )

    def _number(self, label: str | None) -> int:
        if label is None:
            return NOTHING
        return self.classes.index(label) if self.boxes else 0

    def kinds_of(self, parts: Mapping[str, LocatedImages]) -> str:
        """How many images there are, with what: "5 images (cat 2, dog 2, nothing 1)"."""
        labels = torch.cat([part.labels for part in parts.values()]) - NOTHING
        names = ("nothing", *(self.classes if self.boxes else ("object",)))
        counts = labels.bincount(minlength=len(names)).tolist()
        pairs = list(zip(names, counts, strict=True))
        said = few([f"{name} {n:,}" for name, n in [*pairs[1:], pairs[0]]])
        return f"{counted(len(labels), 'images')} ({said})"


def without_object(parts: Mapping[str, LocatedImages]) -> tuple[str, ...]:
    """A line about parts in which nothing is to be found, or none."""
    empty = [name for name, part in parts.items() if not part.present.any()]
    told = "no image has an object, so that scores of places are 0 there"
    return (f"{told}: {few(empty)}",) if empty else ()


def _inside(one: Located, image: Tensor) -> Tensor:
    """The points of an image (3, H, W), (P, 2), inside of it.

    Raises:
        BadInput: if one lies outside, or all are numbers from 0 to 1.
    """
    spots = torch.tensor(one.points, dtype=torch.float32).reshape(-1, 2)
    size = spots.new_tensor([image.shape[2], image.shape[1]])
    out = (spots < -NEARLY) | (spots > size + NEARLY)
    if out.any():
        x, y = spots[out.any(1)][0].tolist()
        width, height = size.int().tolist()
        raise BadInput(
            f"{one.where}: the point {x:g},{y:g} lies outside of {one.path.name}, which is "
            f"{width} x {height}"
        )
    parts = len(spots) > 1 and bool((spots <= 1).all() and (spots % 1).any())
    if parts and size.max() > 1:
        raise BadInput(
            f"{one.where}: all of it is in the first pixel of {one.path.name}; expected pixels, "
            "not parts of the image"
        )
    return spots.clamp_min(0).minimum(size)
