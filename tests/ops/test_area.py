"""Resizing by area: torch's own, and a loop over the windows."""

import math

import pytest
import torch
from torch.nn.functional import interpolate

from zoo.ops.area import area_resized


@pytest.mark.parametrize("size", [(7, 9), (1, 1), (3, 20), (13, 17), (26, 30)])
def test_it_is_torchs(size):
    images = torch.rand(2, 3, 13, 17, generator=torch.Generator().manual_seed(0))
    for given in (images, images.contiguous(memory_format=torch.channels_last)):
        assert torch.allclose(area_resized(given, size), interpolate(given, size, mode="area"))


def test_it_is_the_mean_of_the_pixels_that_are_touched():
    image = torch.rand(1, 1, 5, 7, dtype=torch.float64)
    made = area_resized(image, (3, 4))
    for i in range(3):
        for j in range(4):
            rows = slice(i * 5 // 3, math.ceil((i + 1) * 5 / 3))
            columns = slice(j * 7 // 4, math.ceil((j + 1) * 7 / 4))
            assert made[0, 0, i, j] == pytest.approx(float(image[0, 0, rows, columns].mean()))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_thin_images(shape):
    image = torch.rand(1, 3, *shape)
    assert torch.allclose(area_resized(image, (2, 3)), interpolate(image, (2, 3), mode="area"))
