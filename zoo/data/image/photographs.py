"""Photographs of different sizes in memory, without labels; squares that are cut out of them.

Proof: tests/data/image/test_photographs.py.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.data.examples import Digests, Examples, digest
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.resize import resized


@dataclass(frozen=True, eq=False)
class Photographs:
    """A set that fits into memory, as bytes.

    Attributes:
        images: each (3, H, W) uint8, of any size.
        names: of the files, for people.
        files: digests of the files; () if they come from one file.
    """

    images: tuple[Tensor, ...]
    names: tuple[str, ...]
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if wrong := [one for one in self.images if one.dim() != 3 or one.dtype != torch.uint8]:
            got = f"{tuple(wrong[0].shape)} {wrong[0].dtype}"
            raise ValueError(f"a photograph must be (3, H, W) uint8, got {got}")
        if len(self.names) != len(self.images):
            raise ValueError(f"{len(self.images)} photographs, {len(self.names)} names")

    def __len__(self) -> int:
        return len(self.images)

    def pick(self, index: Sequence[int]) -> "Photographs":
        """The chosen photographs, in that order."""
        files = tuple(self.files[i] for i in index) if self.files else ()
        images = tuple(self.images[i] for i in index)
        return Photographs(images, tuple(self.names[i] for i in index), files)

    def digests(self) -> list[Digests]:
        """Of each photograph: its file's, if it has one, and that of its pixels and their shape."""
        own = [digest(str(tuple(one.shape)), one.numpy().tobytes()) for one in self.images]
        return list(zip(self.files, own, strict=True)) if self.files else [(one,) for one in own]

    def squares(self, size: int) -> Tensor:
        """The largest square in the middle of each, (N, 3, size, size) uint8."""
        made = []
        for image in self.images:
            height, width = image.shape[1:]
            side = min(height, width)
            made.append(_cut(image, (height - side) // 2, (width - side) // 2, side, size))
        return torch.stack(made)

    def crops(self, index: Tensor, local: slice, size: int, draw: torch.Generator) -> Tensor:
        """A square of any size at any place of each chosen photograph, half of them mirrored.

        Its side is drawn from ``size`` to the shorter side of the photograph, so that things are
        seen at different scales; of a smaller photograph it is the shorter side.

        Args:
            index: (n,) of the photographs; numbers are drawn for all of them.
            local: which of them are to be made.
            size: pixels of a side of what is given.

        Returns:
            (m, 3, size, size) uint8.
        """
        drawn = torch.rand(len(index), 4, generator=draw).tolist()
        chosen = list(zip(index.tolist(), drawn, strict=True))[local]
        return torch.stack([_crop(self.images[i], size, numbers) for i, numbers in chosen])


def _crop(image: Tensor, size: int, drawn: Sequence[float]) -> Tensor:
    """The square that four numbers from 0 to 1 mean: its side, its place, a mirror."""
    height, width = image.shape[1:]
    most = min(height, width)
    least = min(size, most)
    side = least + int(drawn[0] * (most - least + 1))
    top, left = int(drawn[1] * (height - side + 1)), int(drawn[2] * (width - side + 1))
    square = _cut(image, top, left, side, size)
    return square.flip(2) if drawn[3] < 0.5 else square


def _cut(image: Tensor, top: int, left: int, side: int, size: int) -> Tensor:
    square = image[:, top : top + side, left : left + side].contiguous()
    return resized(square, (size, size))


@dataclass(frozen=True, eq=False)
class PhotographSplits:
    """Photographs ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Photographs
    dev: Photographs
    test: Photographs
    front_end: PhotographFrontEnd
    credits: str = ""  # sources and licences of photographs that want them named
    notices: tuple[str, ...] = ()
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def parts(self) -> Mapping[str, Photographs]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The range of the sides in pixels."""
        sides = [n for part in self.parts().values() for one in part.images for n in one.shape[1:]]
        return {"sides": f"{min(sides)} to {max(sides)} pixels"}

    def digest(self) -> str:
        """A sha256 of what training depends on: the pixels of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            for image in part.images:
                sha.update(str(tuple(image.shape)).encode() + image.numpy().tobytes())
        return sha.hexdigest()
