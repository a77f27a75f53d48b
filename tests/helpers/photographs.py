"""A few small photographs that the tests draw: gradients with blobs, of different sizes."""

import torch
from PIL import Image

from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs, PhotographSplits
from zoo.engine.seed import generator


def photographs(count=4, seed=0, least=64, most=80):
    """So many, each another size."""
    images = []
    for i in range(count):
        draw = generator("photographs", seed, i)
        height, width = torch.randint(least, most + 1, (2,), generator=draw).tolist()
        y, x = torch.meshgrid(
            torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij"
        )
        a = torch.rand(3, 4, 1, 1, generator=draw)
        picture = a[:, 0] * y + a[:, 1] * x + a[:, 2] * (20 * (x - a[0, 3]) * (y - a[1, 3])).sin()
        images.append((picture.clamp(0, 1) * 255).to(torch.uint8))
    return Photographs(tuple(images), tuple(f"{i}.png" for i in range(count)))


def splits(train=4, dev=2, test=2):
    parts = [photographs(n, seed) for seed, n in enumerate((train, dev, test))]
    return PhotographSplits("drawn", "none", *parts, PhotographFrontEnd(), credits="0.png  by me")


def write_folder(folder, count=8, suffix=".png"):
    """As files; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(photographs(count).images):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(folder / f"{i:02}{suffix}")
    return folder
