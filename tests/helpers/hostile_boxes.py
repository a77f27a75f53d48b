"""Batches of objects that are valid and as unkind as can be, for losses and changes."""

import torch
from torch import Tensor

from zoo.ops.boxes.objects import Objects, objects


def hostile(width: int, height: int, num_classes: int) -> list[Objects]:
    """Objects of six images: dust, giants, borders, equal boxes of all classes, any size, none."""
    dust = [[5.0, 5.0, 5.001, 5.001], [0.0, 0.0, 0.001, height], [9.0, 3.0, 9.0005, 80.0]]
    giants = [[-3.0 * width, -height, 9.0 * width, 5.0 * height], [width, 0, 4.0 * width, height]]
    borders = [
        [width - 1, height - 1, width + 1, height + 1],
        [-4, -4, 4, 4],
        [0, 0, width, height],
    ]
    same = [[10.0, 10.0, 40.0, 40.0]] * num_classes
    draw = torch.Generator().manual_seed(0)
    size = torch.tensor([1e-3, 1e-3]) * 1e6 ** torch.rand(40, 2, generator=draw)  # to 1,000 pixels
    center = torch.rand(40, 2, generator=draw) * torch.tensor([width, height])
    kinds = torch.randint(num_classes, (40,), generator=draw)
    return [
        objects(dust, [0, 1, 0]),
        objects(giants, [0, 1]),
        objects(borders, [1, 0, 1]),
        objects(same, torch.arange(num_classes)),
        objects(torch.cat([center - size / 2, center + size / 2], dim=1), kinds),
        objects([], []),
    ]


FILLS = ("-50", "0", "50", "any")


def fill(values: Tensor, how: str) -> None:
    """Every output of a network at one value, or each at -50 or 50, in place."""
    draw = torch.Generator().manual_seed(0)
    signs = torch.randint(2, values.shape, generator=draw) * 2 - 1
    with torch.no_grad():
        values.copy_(50 * signs if how == "any" else torch.full_like(values, float(how)))
