"""A task small enough for any test: bright quadrants, seconds to learn."""

from dataclasses import replace
from typing import Any

import torch

from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine.seed import generator, seed_everything
from zoo.models.mlp import MLP
from zoo.tasks.classification import ClassificationTask


def quadrants(count: int, seed: int = 0) -> Images:
    """Noise of 8x8 in which the quadrant named by the label is brighter."""
    draw = generator("toy", seed)
    labels = torch.randint(0, 4, (count,), generator=draw)
    pixels = torch.randint(0, 200, (count, 1, 8, 8), generator=draw)
    for label in range(4):
        row, column = divmod(label, 2)
        mine = labels == label
        pixels[mine, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 55
    return Images(pixels.to(torch.uint8), labels, ("nw", "ne", "sw", "se"))


def splits(train: int = 96, dev: int = 37) -> ImageSplits:
    front_end = ImageFrontEnd((8, 8), mean=(0.4,), std=(0.25,))
    return ImageSplits(
        "quadrants", "none", quadrants(train), quadrants(dev, 1), quadrants(41, 2), front_end
    )


def task(seed: int = 0, **options: Any) -> ClassificationTask:
    """A network with dropout and batch norm, so that every kind of state is in play."""
    seed_everything(seed)
    model = MLP(4, image_size=8, hidden_sizes=(16, 12), dropout=0.2, batch_norm=True)
    return ClassificationTask(
        model, replace(splits()), **{"batch_size": 16, "seed": seed, **options}
    )


def weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """A copy of everything in a model."""
    return {k: v.detach().clone() for k, v in model.state_dict().items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    """Bit for bit."""
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)
