"""The user's images with boxes before any is decoded; then all of them in memory.

Proof: tests/data/own/boxes/test_box_list.py.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from zoo import reading
from zoo.data.examples import digest
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits
from zoo.data.image.read import decoded
from zoo.data.own import LICENCE, Needed
from zoo.data.own.boxes import Fault, Picture
from zoo.data.own.boxes.counts import kinds_of, what_train_lacks
from zoo.data.own.boxes.find import gathered
from zoo.data.own.held_out import held_out
from zoo.data.own.split_names import find_splits
from zoo.data.own.told import counted, few, what_was_read
from zoo.data.splits import SPLITS
from zoo.errors import BadInput, ZooError
from zoo.ops.boxes.objects import Objects, objects

SHOWN = 5  # faults in a message
Seen = dict[str, Picture]


@dataclass(frozen=True)
class BoxList:
    """Which images there are, what is in them, and what cannot be used.

    Attributes:
        root: faults name files from there.
        form: "PASCAL VOC", "COCO" or "YOLO".
        parts: the images of each split that the user's data have; those of data that are not
            divided are all in "train".
        divided: whether the user's data name splits.
        notices: what was understood, and what was found besides images.
        faults: what cannot be used, so far as it can be seen without decoding the images.
        counts: of images and boxes that the data name, usable or not.
        skip_bad: leave out what cannot be used, and list it.
    """

    name: str
    root: Path
    form: str
    classes: tuple[str, ...]
    parts: Mapping[str, Sequence[Picture]]
    divided: bool
    notices: tuple[str, ...]
    faults: tuple[Fault, ...]
    counts: tuple[int, int]
    skip_bad: bool = False

    def relabelled(self, classes: tuple[str, ...]) -> "BoxList":
        """The same images for a network with these classes, in its order.

        Raises:
            BadInput: if there is a box of another class.
        """
        used = {box.name for part in self.parts.values() for one in part for box in one.boxes}
        if others := sorted(used.difference(classes)):
            raise BadInput(f"{self.name} has the classes {few(others)}; expected {few(classes)}")
        return replace(self, classes=classes)

    def stated(self, needed: Needed) -> "BoxList":
        """The parts that are to be measured on; under "" if the data are not divided."""
        parts = self.parts if self.divided else {"": self.parts["train"]}
        return replace(self, parts={name: parts[name] for name in needed(parts)})

    def parted(self, seed: int = 0) -> "BoxList":
        """Train, dev and test: a dev or test part that is not there is taken from train.

        What is set aside is drawn by the rarest class in each image, so that every class is in
        every part as far as that can be.

        Raises:
            BadInput: if there are too few images.
        """
        train = self.parts.get("train", ())
        counts = Counter(box.name for one in train for box in one.boxes)
        rows = {name: row for row, name in enumerate(self.classes)}
        rarest = [
            min((counts[box.name], rows[box.name]) for box in one.boxes)[1] if one.boxes else -1
            for one in train
        ]
        index = held_out(torch.tensor(rarest, dtype=torch.int64) + 1, self.parts, seed)
        drawn = {name: tuple(train[i] for i in at.tolist()) for name, at in index.items()}
        whole = {**self.parts, **drawn}
        return replace(self, parts={name: whole[name] for name in SPLITS})

    def read(self, front_end: BoxFrontEnd, seed: int = 0) -> BoxedSplits:
        """All of it in memory, as ``parted`` divides it.

        Raises:
            BadInput: if anything cannot be used; the first faults are named. Also if there is no
                box to train with, or the images are too few to divide.
        """
        self.refuse_faults()
        parts, told = self.parted(seed).images(front_end)
        made = [name for name in SPLITS[1:] if name not in self.parts]
        sizes = {name: len(parts[name]) for name in SPLITS}
        read = what_was_read(f"{self.form}, {kinds_of(parts)}", sizes, made)
        notices = (read, *self.notices, *told, *what_train_lacks(parts["train"], told))
        return BoxedSplits(
            self.name, LICENCE, front_end=front_end, notices=notices, **parts, only=""
        )

    def refuse_faults(self) -> None:
        """Refuse what is known to be wrong before any image is decoded.

        Raises:
            BadInput: as ``settled``.
        """
        if not self.skip_bad:
            self.settled(self.faults)

    def images(self, front_end: BoxFrontEnd) -> tuple[dict[str, BoxedImages], list[str]]:
        """The parts in memory, and what there is to tell of what was left out.

        Raises:
            BadInput: if anything cannot be used; the first faults are named.
            BadInput: for a part without an image.
        """
        faults, parts = list(self.faults), dict[str, BoxedImages]()
        seen: Seen = {}
        for name in self._latest_first():
            parts[name] = self._part(name, front_end, seen, faults)
        told = self.settled(faults)
        for name, part in parts.items():
            if not len(part):
                raise BadInput(f"{self.name} has no image that can be used in {name or 'it'}")
        return {name: parts[name] for name in self.parts}, told

    def settled(self, faults: Sequence[Fault]) -> list[str]:
        """Refuse faults, or tell of them.

        Raises:
            BadInput: if there are any, and they are not to be left out.
        """
        if not faults:
            return []
        shown = few([str(fault) for fault in faults], SHOWN, between="; ")
        images, boxes = self.counts
        of = f"{counted(images, 'images')} with {boxes:,} boxes"
        if self.skip_bad:
            count = counted(len(faults), "faults")
            return [f"left out what cannot be used, {count} in {of}: {shown}"]
        raise BadInput(
            f"{self.name} has {counted(len(faults), 'faults')} in {of}: {shown}; mend them (zoo "
            "data check lists all), or leave them out with --skip-bad"
        )

    def examined(self) -> Iterator[Fault]:
        """Decode every image and compare it with the others; what cannot be used."""
        seen: Seen = {}
        for name in self._latest_first():
            for one in self._progress(name):
                if what := _decoded(one, seen)[2]:
                    yield self._fault(one, what)

    def _latest_first(self) -> list[str]:
        """Of a picture in two splits it is the one in train that cannot be used."""
        return list(self.parts)[::-1]

    def _fault(self, one: Picture, what: str) -> Fault:
        return Fault(f"{one.image.relative_to(self.root)}{_of(one)}", what)

    def _part(
        self, name: str, front_end: BoxFrontEnd, seen: Seen, faults: list[Fault]
    ) -> BoxedImages:
        pixels, found, places, files, names = [], [], [], [], []
        for one in self._progress(name):
            image, file, what = _decoded(one, seen)
            if image is None:
                faults.append(self._fault(one, what))
                continue
            small, place = front_end.pixels(image)
            truth = self._objects(one)
            pixels.append(small)
            found.append(truth._replace(boxes=place.to_input(truth.boxes)))
            places.append(place)
            files.append(file)
            names.append(one.image.name)
        shape = (0, *front_end.input_shape)
        stacked = torch.stack(pixels) if pixels else torch.zeros(shape, dtype=torch.uint8)
        return BoxedImages(
            stacked, tuple(found), tuple(places), self.classes, tuple(files), tuple(names)
        )

    def _progress(self, name: str) -> Iterator[Picture]:
        title, off = f"reading {self.name}, {name}", not sys.stderr.isatty()
        yield from tqdm(self.parts[name], title.rstrip(", "), disable=off, leave=False)

    def _objects(self, one: Picture) -> Objects:
        rows = {name: row for row, name in enumerate(self.classes)}
        return objects(
            [box.corners for box in one.boxes],
            [rows[box.name] for box in one.boxes],
            [box.difficult for box in one.boxes],
            [box.crowd for box in one.boxes],
        )


def list_boxes(path: Path, *, train: bool = True, skip_bad: bool = False) -> BoxList:
    """The images of a folder with boxes in one of the three forms, before any is decoded.

    Args:
        train: whether there must be something to train on.
        skip_bad: as of ``BoxList``.

    Raises:
        Missing, BadFile, BadInput: as ``gathered``; BadInput for dev or test without train.
    """
    form, classes, found = gathered(path)
    named = sorted({one.split for one in found.pictures} - {""})
    find_splits(path, named, train=train)
    told = list(found.notices())
    lone = [one for one in found.pictures if not one.split]
    if named and lone:
        more = f"{counted(len(lone), 'images')}, the first {lone[0].image.name}"
        told.append(f"left out what is in no split: {more}")
    parts = {
        split: tuple(one for one in found.pictures if one.split == split)
        for split in SPLITS
        if split in named
    }
    parts = parts or {"train": tuple(found.pictures)}
    name = path.resolve().name
    counts = found.images, found.boxes
    faults = tuple(found.faults)
    return BoxList(
        name, found.root, form, classes, parts, bool(named), tuple(told), faults, counts, skip_bad
    )


def _decoded(one: Picture, seen: Seen) -> tuple[Tensor | None, str, str]:
    """The pixels of an image and the digest of its file; or why it cannot be used.

    Args:
        seen: the images before, by the digests of their pixels; this one is added.
    """
    try:
        raw = reading.read_bytes(one.image, "an image", reading.PICTURE)
        image = decoded(raw, 3)
    except ZooError as error:
        return None, "", str(error)
    file = digest(raw)
    own = digest(str(tuple(image.shape)), image.numpy().tobytes())
    first = seen.setdefault(own, one)
    if first is not one:
        return None, file, f"the same picture as {first.image.name}{_of(first)}"
    return image, file, ""


def _of(one: Picture) -> str:
    return f" of {one.split}" if one.split else ""
