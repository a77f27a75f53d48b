"""Identities that are told apart in a second: patterns of squares in noise; a network for them."""

from pathlib import Path
from typing import ClassVar

import torch
from PIL import Image
from torch import Tensor, nn

from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine.seed import generator
from zoo.nn.unit_length import squared_distances, unit_length

SIZE, CELLS = 32, 4
FRONT_END = ImageFrontEnd((SIZE, SIZE), (0.5,), (0.5,))


class TinyFaceNet(nn.Module):
    """Images (N, 1, 32, 32) to unit vectors (N, 8)."""

    objective: ClassVar[str] = "semi_hard"
    scale: ClassVar[str] = "squared L2"
    image_size, embedding_dim = SIZE, 8

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.pool, self.fc = nn.AvgPool2d(4), nn.Linear(64, 8)

    def forward(self, images: Tensor) -> Tensor:
        return unit_length(self.fc(self.pool(images).flatten(1)))

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        return squared_distances(a, b)

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        return (a - b).square().sum(1)

    def blocks(self) -> list[nn.Module]:
        return [self.fc]


def drawings(people: int, images: int, seed: int = 0) -> Images:
    """So many images of each of so many patterns, in noise and in any light."""
    draw = generator("identities", seed)
    coarse = torch.randint(0, 2, (people, 1, CELLS, CELLS), generator=draw).float() * 60 + 100
    pattern = coarse.repeat_interleave(SIZE // CELLS, 2).repeat_interleave(SIZE // CELLS, 3)
    noise = torch.randn(people, images, 1, SIZE, SIZE, generator=draw) * 30
    light = torch.randn(people, images, 1, 1, 1, generator=draw)  # from the left or the right
    noise += light * torch.linspace(-60, 60, SIZE)
    pixels = (pattern[:, None] + noise).clamp(0, 255).flatten(0, 1).to(torch.uint8)
    labels = torch.arange(people).repeat_interleave(images)
    return Images(pixels, labels, tuple(f"p{seed}-{i:02}" for i in range(people)))


def splits(train: int = 8, dev: int = 4, test: int = 4, images: int = 5) -> IdentitySplits:
    """No identity is in two parts."""
    parts = [drawings(people, images, seed) for seed, people in enumerate((train, dev, test))]
    return IdentitySplits("patterns", "none", *parts, FRONT_END)


def folder(root: Path, people: int = 10, images: int = 4, seed: int = 0) -> Path:
    """The same as files, a folder for each identity."""
    made = drawings(people, images, seed)
    for i in range(len(made)):
        place = root / made.classes[int(made.labels[i])]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(made.pixels[i, 0].numpy()).save(place / f"{i % images}.png")
    return root
