"""Images in memory. Proof: tests/data/image/test_images.py."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from zoo.data.examples import Digests, Examples, digest
from zoo.data.image.preprocess import ImageFrontEnd


@dataclass(frozen=True, eq=False)
class Images:
    """A set that fits into memory, as bytes: MNIST is 55 MB, CIFAR-10 is 184 MB.

    Attributes:
        pixels: (N, C, H, W) uint8.
        labels: (N,) int64, the row of ``classes``.
        files: digests of the files; () if they come from one file.
    """

    pixels: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.dim() != 4 or self.pixels.dtype != torch.uint8:
            got = f"{tuple(self.pixels.shape)} {self.pixels.dtype}"
            raise ValueError(f"pixels must be (N, C, H, W) uint8, got {got}")
        if self.labels.shape != self.pixels.shape[:1]:
            raise ValueError(f"{len(self.pixels)} images but labels {tuple(self.labels.shape)}")

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, index: Tensor | slice) -> "Images":
        """The chosen examples, in that order."""
        chosen = range(len(self.files))[index] if isinstance(index, slice) else index.tolist()
        files = tuple(self.files[i] for i in chosen) if self.files else ()
        return replace(self, pixels=self.pixels[index], labels=self.labels[index], files=files)

    def digests(self) -> list[Digests]:
        """Of each image: its file's, if it has one, and that of its pixels and their shape."""
        shape = str(tuple(self.pixels.shape[1:]))
        own = [digest(shape, row.tobytes()) for row in self.pixels.cpu().numpy()]
        return list(zip(self.files, own, strict=True)) if self.files else [(one,) for one in own]

    def to(self, device: torch.device) -> "Images":
        """The same set on ``device``."""
        return replace(self, pixels=self.pixels.to(device), labels=self.labels.to(device))


def joined(parts: Sequence[Images]) -> Images:
    """Images of the same shape and classes, one set after the other."""
    return Images(
        torch.cat([part.pixels for part in parts]),
        torch.cat([part.labels for part in parts]),
        parts[0].classes,
        tuple(name for part in parts for name in part.files),
    )


@dataclass(frozen=True, eq=False)
class ImageSplits:
    """A data set ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Images
    dev: Images
    test: Images
    front_end: ImageFrontEnd  # how a raw image becomes what the network saw in training
    train_dev: Images | None = None  # notes, course 3, week 2: from train's distribution
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def to(self, device: torch.device) -> "ImageSplits":
        """All splits on ``device``."""
        parts: dict[str, Any] = replace(self, only="").parts()
        return replace(self, **{name: part.to(device) for name, part in parts.items()})

    def parts(self) -> dict[str, Images]:
        """Name to split, in the notes' order."""
        if self.only:
            return {self.only: self.test}
        parts = {"train": self.train, "train_dev": self.train_dev}
        parts |= {"dev": self.dev, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The shape of an image, and the classes."""
        return {"image": list(self.train.pixels.shape[1:]), "classes": list(self.train.classes)}

    def digest(self) -> str:
        """A sha256 of what training depends on: pixels and labels of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            sha.update(part.pixels.cpu().numpy().tobytes())
            sha.update(part.labels.cpu().numpy().tobytes())
        return sha.hexdigest()
