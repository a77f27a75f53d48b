"""What moves pixels moves points along: a bright spot stays under its point."""

import pytest
import torch

from zoo.data.image.augment_colour import colour
from zoo.data.image.located_augment import (
    in_turn,
    mirrored,
    of_pixels,
    shifted_and_scaled,
    transposed,
)

EVERY = {
    "left to right": mirrored(),
    "top to bottom": mirrored(vertical=True),
    "transposed": transposed(),
    "moved": shifted_and_scaled(0.1, 0.1),
    "all": in_turn(mirrored(), mirrored(vertical=True), transposed(), shifted_and_scaled()),
}


def spots(count=16, size=40, seed=0):
    """Dark images with one bright square of 3 x 3, and a point in its middle."""
    draw = torch.Generator().manual_seed(seed)
    at = torch.randint(10, size - 10, (count, 2), generator=draw)
    pixels = torch.zeros(count, 3, size, size, dtype=torch.uint8)
    for image, (x, y) in zip(pixels, at.tolist(), strict=True):
        image[:, y - 1 : y + 2, x - 1 : x + 2] = 240
    return pixels, at[:, None].float() + 0.5  # the middle of a pixel


def middle_of(pixels):
    """The centre of the light in each image, (N, 2)."""
    light = (pixels[:, 0].float() - 150).clamp_min(0)
    rows, columns = (torch.arange(n) + 0.5 for n in light.shape[1:])
    total = light.sum((1, 2))
    x, y = (light.sum(1) * columns).sum(1) / total, (light.sum(2) * rows).sum(1) / total
    return torch.stack([x, y], 1)


@pytest.mark.parametrize("name", EVERY)
def test_points_stay_on_what_they_mark(name):
    pixels, points = spots()
    moved, where = EVERY[name](pixels, points, torch.Generator().manual_seed(3))
    assert moved.shape == pixels.shape
    assert moved.dtype == torch.uint8
    assert not torch.equal(where, points)
    assert (middle_of(moved) - where[:, 0]).abs().max() < 0.6


def test_what_moves_is_drawn_from_the_generator_only():
    pixels, points = spots()
    draws = [torch.Generator().manual_seed(seed) for seed in (1, 1, 2)]
    a, b, c = (EVERY["all"](pixels, points, draw)[1] for draw in draws)
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_points_stay_inside():
    pixels, _ = spots(32)
    edge = torch.tensor([[[0.0, 0.0], [40.0, 40.0]]]).expand(32, 2, 2)
    _, moved = shifted_and_scaled(0.3, 0.3)(pixels, edge, torch.Generator().manual_seed(0))
    assert moved.min() >= 0
    assert moved.max() <= 40


def test_colours_move_nothing():
    pixels, points = spots()
    changed, where = of_pixels(colour())(pixels, points, torch.Generator().manual_seed(0))
    assert where is points
    assert not torch.equal(changed, pixels)
