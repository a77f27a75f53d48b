"""What the readers of VOC, COCO and YOLO share: images with boxes are collected, faults kept.

Proof: tests/data/own/boxes/test_gathering.py, and the tests of the readers.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from zoo.data.image.read import upright_size
from zoo.data.own.boxes import Box, Fault, Picture, Size
from zoo.data.own.boxes.checks import checked
from zoo.data.own.told import LeftOut, counted
from zoo.errors import ZooError


@dataclass
class Gathering:
    """Images and their boxes as a reader finds them.

    Attributes:
        root: of the data; files are named from there.
        images: number of images that the data name, usable or not.
        boxes: the same of boxes.
    """

    root: Path
    pictures: list[Picture] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    told: list[str] = field(default_factory=list)
    images: int = 0
    boxes: int = 0
    clipped: int = 0
    furthest: float = 0.0
    _sources: dict[Path, str] = field(default_factory=dict)

    def where(self, path: Path, line: int = 0, entry: str = "") -> str:
        """A place as messages name it: "labels/a.txt:3"."""
        name = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        return f"{name}{f':{line}' if line else ''}{f' ({entry})' if entry else ''}"

    def fault(self, what: str, path: Path, line: int = 0, entry: str = "") -> None:
        """Keep one thing that cannot be used."""
        self.faults.append(Fault(self.where(path, line, entry), what))

    @contextmanager
    def noted(self, path: Path) -> Iterator[None]:
        """A context that ends at a ``ZooError`` about this file, which is kept as a fault."""
        try:
            yield
        except ZooError as error:
            self.faults.append(_fault(str(error), path, self.where(path)))

    def add(
        self,
        image: Path,
        boxes: Iterable[Box],
        *,
        source: Path,
        line: int = 1,
        split: str = "",
        size: Size | None = None,
        stated: Size | None = None,
        entry: str = "",
    ) -> None:
        """An image with its boxes; what cannot be used of it becomes a fault.

        Args:
            size: of the image, if it has been looked at.
            stated: the size that ``source`` gives.
        """
        place = self.where(source, line, entry)
        first = self._sources.setdefault(Path(os.path.realpath(image)), place)
        if first != place:
            self.fault(f"the image {image.name} has its boxes in {first}", source, line, entry)
            return
        size = size or self.size_of(image)
        if size is None:
            return
        if stated is not None and stated != size:
            what = f"{image.name} is said to be {_times(stated)}, it is {_times(size)}"
            turned = ": the sides exchanged, maybe by an EXIF mark" if stated == size[::-1] else ""
            self.fault(what + turned, source, line, entry)
            return
        found = checked(boxes, size)
        self.boxes += len(found.boxes) + len(found.bad)
        self.clipped += found.clipped
        self.furthest = max(self.furthest, found.furthest)
        for box, what in found.bad:
            self.fault(f"{box.name}: {what}", source, box.line, box.entry)
        self.pictures.append(Picture(image, source, line, size, split, tuple(found.boxes)))

    def size_of(self, image: Path) -> Size | None:
        """Width and height of an image; None, and a fault, if it cannot be read."""
        with self.noted(image):
            return upright_size(image)
        return None

    def notices(self) -> Sequence[str]:
        """What there is to tell, a line each."""
        clipped = []
        if self.clipped:
            reach = (
                "reaches over the edge of its image"
                if self.clipped == 1
                else ("reach over the edge of their images")
            )
            boxes = counted(self.clipped, "boxes")
            clipped = [f"clipped {boxes} that {reach}, by up to {self.furthest:.2g} pixels"]
        return (*self.told, *clipped, *self.left_out.told())


def _times(size: Size) -> str:
    return f"{size[0]} x {size[1]}"


def _fault(message: str, path: Path, where: str) -> Fault:
    """A message that names the file by its full path names it once, and from the root."""
    for beginning in (f"{path}:", f"{path} "):
        if message.startswith(beginning):
            rest = message[len(beginning) :]
            line, colon, what = rest.partition(": ")
            if beginning.endswith(":") and colon and line.isdecimal():
                return Fault(f"{where}:{line}", what)
            return Fault(where, rest.strip())
    return Fault(where, message)
