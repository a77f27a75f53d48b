"""Squares and discs in noise, one at most in an image: a set for localization that learns fast."""

from pathlib import Path

import torch
from PIL import Image

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_images import NOTHING, LocatedImages, LocatedSplits
from zoo.engine.seed import generator

SIZE = 32
KINDS = ("disc", "square")


def shapes(count: int, seed: int = 0, classes: tuple[str, ...] = KINDS) -> LocatedImages:
    """A third of the images has nothing but noise."""
    draw = generator("shapes", seed)
    pixels = torch.randint(0, 90, (count, 3, SIZE, SIZE), generator=draw, dtype=torch.uint8)
    labels = torch.arange(count) % (len(classes) + 1) + NOTHING
    points = torch.zeros(count, 2, 2)
    grid = torch.arange(SIZE)
    for i in range(count):
        if labels[i] == NOTHING:
            continue
        half = int(torch.randint(4, 8, (), generator=draw))
        x, y = (half + torch.randint(0, SIZE - 2 * half, (2,), generator=draw)).tolist()
        dx, dy = (grid - x).abs()[None, :], (grid - y).abs()[:, None]
        inside = dx**2 + dy**2 < half**2 if labels[i] == 0 else (dx < half) & (dy < half)
        pixels[i][:, inside] = 200
        points[i] = torch.tensor([[x - half + 1, y - half + 1], [x + half, y + half]])
    return LocatedImages(pixels, points, labels, classes)


def splits(train: int = 60, dev: int = 18, test: int = 18) -> LocatedSplits:
    front_end = BoxFrontEnd((SIZE, SIZE), "letterbox", (0.5,) * 3, (0.25,) * 3)
    parts = [shapes(count, seed) for seed, count in enumerate((train, dev, test))]
    return LocatedSplits("shapes", "none", *parts, front_end)


def table(folder: Path, count: int = 24, *, points: bool = False) -> Path:
    """The same as files, with a CSV of boxes; or of two points, ``a`` and ``b``."""
    made = shapes(count, seed=3)
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["file,a_x,a_y,b_x,b_y" if points else "file,label,x1,y1,x2,y2"]
    for i in range(count):
        name = f"{i:03}.png"
        Image.fromarray(made.pixels[i].permute(1, 2, 0).numpy()).save(folder / name)
        numbers = [f"{v:g}" for v in made.points[i].flatten().tolist()]
        there = bool(made.labels[i] != NOTHING)
        label = [] if points else [KINDS[made.labels[i]] if there else ""]
        lines.append(",".join([name, *label, *(numbers if there else [""] * 4)]))
    path = folder / ("points.csv" if points else "shapes.csv")
    path.write_text("\n".join(lines) + "\n")
    return path
