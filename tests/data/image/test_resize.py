"""Sizes: Pillow's filter to one grey level, torchvision's bits, torchvision's middle."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms.v2 import functional as peer

from zoo.data.image.read import decoded, read
from zoo.data.image.resize import middle, resized, shortened
from zoo.errors import BadInput

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
SIDE = st.integers(1, 90)


@pytest.mark.parametrize("size", [(7, 9), (40, 31), (20, 30), (1, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_resized_is_pillows_antialiased_bilinear(size, channels):
    image = Image.fromarray(NOISE).convert("L" if channels == 1 else "RGB")
    right = np.array(image.resize((size[1], size[0]), Image.Resampling.BILINEAR))
    right = torch.from_numpy(right.reshape(*size, channels)).permute(2, 0, 1)
    for pixels in (read(image, channels), decoded(image, channels)):
        got = resized(pixels, size)
        assert got.shape == (channels, *size)
        assert got.dtype == torch.uint8
        assert (got.int() - right).abs().max() <= channels // 3  # grey: the bits


@settings(max_examples=60, deadline=None, database=None)
@given(height=SIDE, width=SIDE, to=st.tuples(SIDE, SIDE), channels=st.sampled_from([1, 3]))
def test_any_size_to_any_other(height, width, to, channels):
    draw = np.random.default_rng((height, width))
    planes = draw.integers(0, 256, (height, width, channels), dtype=np.uint8)
    got = resized(torch.from_numpy(planes).permute(2, 0, 1), to)
    for plane, mine in zip(np.moveaxis(planes, 2, 0), got, strict=True):
        image = Image.fromarray(np.ascontiguousarray(plane))
        right = np.array(image.resize((to[1], to[0]), Image.Resampling.BILINEAR)).astype(int)
        assert np.abs(mine.numpy() - right).max() <= 1


@pytest.mark.parametrize("channels", [1, 3])
def test_order_in_memory_changes_no_pixel(channels):
    for height, width, *to in product((1, 2, 20), (1, 2, 30), (1, 2, 9), (1, 2, 8)):
        image = Image.fromarray(NOISE[:height, :width])
        got = resized(decoded(image, channels), tuple(to))
        assert got.shape == (channels, *to)
        assert torch.equal(got, resized(read(image, channels), tuple(to)))


@pytest.mark.parametrize("size", [(20, 30), (20, 11), (20, 20), (7, 29)])
@pytest.mark.parametrize("shorter", [5, 20, 41])
def test_shortened_keeps_the_aspect_as_torchvision_does(size, shorter):
    pixels = torch.from_numpy(NOISE[: size[0], : size[1]]).permute(2, 0, 1)
    got = shortened(pixels, shorter)
    assert torch.equal(got, peer.resize(pixels, [shorter], antialias=True))
    assert min(got.shape[1:]) == shorter


def test_too_long_and_thin_is_refused_before_it_is_made():
    with pytest.raises(BadInput, match="1 x 2000 pixels is too long and thin: .* 131 million"):
        shortened(torch.zeros(1, 1, 2000, dtype=torch.uint8), 256)


@pytest.mark.parametrize("size", [(4, 4), (5, 7), (20, 30), (25, 31), (24, 8)])
def test_middle_is_torchvisions_center_crop(size):
    pixels = decoded(NOISE)
    assert torch.equal(middle(pixels, size), peer.center_crop(pixels, list(size)))
