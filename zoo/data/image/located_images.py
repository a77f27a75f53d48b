"""Images with one object at most, and where it is, in memory.

Proof: tests/data/image/test_located_images.py.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from zoo.data.examples import Digests, Examples, digest
from zoo.data.image.boxes.front_end import BoxFrontEnd

NOTHING = -1  # the label of an image without an object


@dataclass(frozen=True, eq=False)
class LocatedImages:
    """Images as bytes, and the place of the object in each.

    Attributes:
        pixels: (N, 3, H, W) uint8.
        points: (N, P, 2) float32, x and y in pixels of ``pixels``: of a box two opposite corners;
            of an image without an object zeros.
        labels: (N,) int64, the row of the class; NOTHING where there is no object.
        classes: their names; of landmarks the names of the points, and labels are 0 or NOTHING.
        files: digests of the files; () if they come from one file.
    """

    pixels: Tensor
    points: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.dim() != 4 or self.pixels.dtype != torch.uint8:
            got = f"{tuple(self.pixels.shape)} {self.pixels.dtype}"
            raise ValueError(f"pixels must be (N, 3, H, W) uint8, got {got}")
        if not len(self.pixels) == len(self.points) == len(self.labels):
            raise ValueError(f"{len(self.pixels)} images, points of {len(self.points)}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def present(self) -> Tensor:
        """(N,) bool: whether there is an object."""
        return self.labels != NOTHING

    def fractions(self) -> Tensor:
        """The points as parts of the image's width and height, (N, P, 2)."""
        return as_fractions(self.points, self.pixels)

    def pick(self, index: Tensor | slice) -> "LocatedImages":
        """The chosen examples, in that order."""
        chosen = range(len(self))[index] if isinstance(index, slice) else index.tolist()
        files = tuple(self.files[i] for i in chosen) if self.files else ()
        pixels, points, labels = self.pixels[index], self.points[index], self.labels[index]
        return replace(self, pixels=pixels, points=points, labels=labels, files=files)

    def digests(self) -> list[Digests]:
        """Of each image: its file's, if it has one, and that of its pixels and their shape."""
        shape = str(tuple(self.pixels.shape[1:]))
        own = [digest(shape, row.tobytes()) for row in self.pixels.cpu().numpy()]
        return list(zip(self.files, own, strict=True)) if self.files else [(one,) for one in own]

    def to(self, device: torch.device) -> "LocatedImages":
        """The same set on ``device``."""
        pixels, points, labels = (x.to(device) for x in (self.pixels, self.points, self.labels))
        return replace(self, pixels=pixels, points=points, labels=labels)


def as_fractions(points: Tensor, pixels: Tensor) -> Tensor:
    """Points (N, P, 2) in pixels of images (N, C, H, W) as parts of their width and height."""
    return points / points.new_tensor([pixels.shape[3], pixels.shape[2]])


@dataclass(frozen=True, eq=False)
class LocatedSplits:
    """A set for localization, ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: LocatedImages
    dev: LocatedImages
    test: LocatedImages
    front_end: BoxFrontEnd  # how a raw image becomes what the network saw in training
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def to(self, device: torch.device) -> "LocatedSplits":
        """All splits on ``device``."""
        parts: dict[str, Any] = replace(self, only="").parts()
        return replace(self, **{name: part.to(device) for name, part in parts.items()})

    def parts(self) -> dict[str, LocatedImages]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The shape of an image, the classes or points, and how many objects there are."""
        objects = {name: int(part.present.sum()) for name, part in self.parts().items()}
        classes = list(self.train.classes)
        return {"image": list(self.train.pixels.shape[1:]), "classes": classes, "objects": objects}

    def digest(self) -> str:
        """A sha256 of what training depends on: pixels, points and labels of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            for field in (part.pixels, part.points, part.labels):
                sha.update(field.cpu().numpy().tobytes())
        return sha.hexdigest()
