"""Images with boxes, in memory. Proof: tests/data/image/boxes/test_images.py."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from zoo.data.examples import Digests, Examples, digest
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.ops.boxes.objects import Objects
from zoo.ops.letterbox import Placement


@dataclass(frozen=True, eq=False)
class BoxedImages:
    """Images as bytes, fitted to one size, and the objects in them.

    Attributes:
        pixels: (N, 3, H, W) uint8.
        objects: of each image, boxes in pixels of ``pixels``.
        places: where each image lies in its ``pixels``; boxes are measured in pixels of the image.
        files: digests of the files; () if they come from one file.
        names: of the images, for messages and figures.
    """

    pixels: Tensor
    objects: tuple[Objects, ...]
    places: tuple[Placement, ...]
    classes: tuple[str, ...]
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.dim() != 4 or self.pixels.dtype != torch.uint8:
            got = f"{tuple(self.pixels.shape)} {self.pixels.dtype}"
            raise ValueError(f"pixels must be (N, 3, H, W) uint8, got {got}")
        if not len(self.pixels) == len(self.objects) == len(self.places):
            raise ValueError(f"{len(self.pixels)} images but objects of {len(self.objects)}")

    def __len__(self) -> int:
        return len(self.objects)

    def pick(self, index: Tensor | slice) -> "BoxedImages":
        """The chosen examples, in that order."""
        chosen = range(len(self))[index] if isinstance(index, slice) else index.tolist()
        lists = {
            name: tuple(field[i] for i in chosen) if field else ()
            for name, field in self._lists().items()
        }
        return replace(self, pixels=self.pixels[index], **lists)

    def _lists(self) -> dict[str, tuple[Any, ...]]:
        lists = {"objects": self.objects, "places": self.places}
        return {**lists, "files": self.files, "names": self.names}

    def digests(self) -> list[Digests]:
        """Of each image: its file's, if it has one, and that of its pixels and their shape."""
        shape = str(tuple(self.pixels.shape[1:]))
        own = [digest(shape, row.tobytes()) for row in self.pixels.cpu().numpy()]
        return list(zip(self.files, own, strict=True)) if self.files else [(one,) for one in own]

    def to(self, device: torch.device) -> "BoxedImages":
        """The same set on ``device``."""
        moved = tuple(one.moved(device) for one in self.objects)
        return replace(self, pixels=self.pixels.to(device), objects=moved)


def joined(parts: Sequence[BoxedImages]) -> BoxedImages:
    """Images of the same shape and classes, one set after the other."""
    lists = [part._lists() for part in parts]
    return BoxedImages(
        torch.cat([part.pixels for part in parts]),
        classes=parts[0].classes,
        **{name: tuple(x for one in lists for x in one[name]) for name in lists[0]},
    )


@dataclass(frozen=True, eq=False)
class BoxedSplits:
    """A detection set ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: BoxedImages
    dev: BoxedImages
    test: BoxedImages
    front_end: BoxFrontEnd  # how a raw image becomes what the network saw in training
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def to(self, device: torch.device) -> "BoxedSplits":
        """All splits on ``device``."""
        parts: dict[str, Any] = replace(self, only="").parts()
        return replace(self, **{name: part.to(device) for name, part in parts.items()})

    def parts(self) -> dict[str, BoxedImages]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The shape of an image, the classes, and how many objects there are."""
        parts = self.parts().items()
        boxes = {name: sum(one.size for one in part.objects) for name, part in parts}
        classes = list(self.train.classes)
        return {"image": list(self.train.pixels.shape[1:]), "classes": classes, "boxes": boxes}

    def digest(self) -> str:
        """A sha256 of what training depends on: pixels and objects of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            sha.update(part.pixels.cpu().numpy().tobytes())
            for one in part.objects:
                for field in one:
                    sha.update(field.cpu().numpy().tobytes())
        return sha.hexdigest()
