"""Pictures in memory. Proof: tests/data/image/test_images.py."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from zoo.data.image.preprocess import ImageFrontEnd


@dataclass(frozen=True, eq=False)
class Images:
    """A set that fits into memory, as bytes: MNIST is 55 MB, CIFAR-10 is 184 MB.

    Attributes:
        pixels: (N, C, H, W) uint8.
        labels: (N,) int64, the row of ``classes``.
    """

    pixels: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.pixels.dim() != 4 or self.pixels.dtype != torch.uint8:
            got = f"{tuple(self.pixels.shape)} {self.pixels.dtype}"
            raise ValueError(f"pixels must be (N, C, H, W) uint8, got {got}")
        if self.labels.shape != self.pixels.shape[:1]:
            raise ValueError(f"{len(self.pixels)} pictures but labels {tuple(self.labels.shape)}")

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, index: Tensor | slice) -> "Images":
        """The chosen examples, in that order."""
        return replace(self, pixels=self.pixels[index], labels=self.labels[index])

    def to(self, device: torch.device) -> "Images":
        """The same set on ``device``."""
        return replace(self, pixels=self.pixels.to(device), labels=self.labels.to(device))


@dataclass(frozen=True, eq=False)
class ImageSplits:
    """A data set ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Images
    dev: Images
    test: Images
    front_end: ImageFrontEnd  # how a raw picture becomes what the network saw in training
    train_dev: Images | None = None  # notes, course 3, week 2: from train's distribution
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none

    def to(self, device: torch.device) -> "ImageSplits":
        """All splits on ``device``."""
        parts: dict[str, Any] = {name: part.to(device) for name, part in self.parts().items()}
        return replace(self, **parts)

    def parts(self) -> dict[str, Images]:
        """Name to split, in the notes' order."""
        parts = {"train": self.train, "train_dev": self.train_dev}
        parts |= {"dev": self.dev, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def about(self) -> dict[str, Any]:
        """The shape of a picture, and the classes."""
        return {"picture": list(self.train.pixels.shape[1:]), "classes": list(self.train.classes)}

    def digest(self) -> str:
        """A sha256 of what training depends on: pixels and labels of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            sha.update(part.pixels.cpu().numpy().tobytes())
            sha.update(part.labels.cpu().numpy().tobytes())
        return sha.hexdigest()
