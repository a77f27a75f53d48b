"""Crops by their places: on a picture whose pixels are their own coordinates, and torchvision's."""

import pytest
import torch
from torchvision.transforms.v2 import functional as peer

from zoo.errors import BadInput
from zoo.practice.crops import (
    crops,
    five_crops,
    mean_log_p,
    resize,
    resize_shorter,
    squares,
)


def coordinates(height, width):
    """(3, H, W) floats: row, column, nought."""
    rows, columns = torch.arange(float(height)), torch.arange(float(width))
    row, column = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([row, column, torch.zeros(height, width)])


def noise(*shape):
    draw = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=draw, dtype=torch.uint8)


def corners(view):
    """Rows and columns of the first and last pixel of a crop of ``coordinates``."""
    return [int(view[0, 0, 0]), int(view[1, 0, 0]), int(view[0, -1, -1]), int(view[1, -1, -1])]


@pytest.mark.parametrize("count", [1, 10, 144])
@pytest.mark.parametrize("shape", [(3, 40, 60), (1, 30, 30), (2, 3, 50, 41), (2, 2, 3, 9, 8)])
def test_there_are_so_many_of_the_size_asked_for(count, shape):
    pixels = noise(*shape)
    got = crops(pixels, 28, count)
    assert got.shape == (*shape[:-3], count, shape[-3], 28, 28)
    assert got.dtype == torch.uint8
    if len(shape) == 4:
        assert torch.equal(got[1], crops(pixels[1], 28, count))  # each picture by itself


def test_one_crop_is_the_middle():
    view = crops(coordinates(256, 300), 224, 1)[0]
    assert corners(view) == [16, 38, 239, 261]


@pytest.mark.parametrize(
    ("size", "down", "right"), [((256, 300), 0, 22), ((300, 256), 22, 0), ((256, 256), 0, 0)]
)
def test_ten_crops_stand_in_the_middle_square(size, down, right):
    views = crops(coordinates(*size), 224, 10)
    starts = [(0, 0), (0, 32), (32, 0), (32, 32), (16, 16)]
    for view, mirrored, (y, x) in zip(views[:5], views[5:], starts, strict=True):
        y, x = y + down, x + right
        assert corners(view) == [y, x, y + 223, x + 223]
        assert corners(mirrored) == [y, x + 223, y + 223, x]


def test_ten_crops_are_torchvisions():
    picture = noise(3, 256, 256)
    order = [0, 1, 2, 3, 4, 6, 5, 8, 7, 9]  # it cuts the mirrored picture, we mirror the cuts
    right = torch.stack(peer.ten_crop(picture, 224))[order]
    assert torch.equal(crops(picture, 224, 10), right)
    for view, other in zip(five_crops(picture, 101), peer.five_crop(picture, 101), strict=True):
        assert torch.equal(view, other)  # an odd rest: the same middle


def test_144_crops_are_scale_by_square_by_place_by_mirror():
    views = crops(coordinates(352, 500), 224, 144).view(4, 3, 2, 6, 3, 224, 224)
    assert torch.equal(views[:, :, 1], views[:, :, 0].flip(-1))
    largest = views[3, :, 0]  # shorter side 352: not resized, so the places are exact
    for square, right in zip(largest, (0, 74, 148), strict=True):
        starts = [(0, 0), (0, 128), (128, 0), (128, 128), (64, 64)]
        for view, (y, x) in zip(square, starts, strict=False):
            assert corners(view) == [y, x + right, y + 223, x + right + 223]
        shrunk = square[5]
        assert shrunk[0].mean() == pytest.approx(175.5, abs=0.1)  # the whole square
        assert shrunk[1].mean() == pytest.approx(175.5 + right, abs=0.1)
        assert shrunk[1, 0, 0] - right < 2
        assert shrunk[1, 0, -1] - right > 349
    for scale, shorter in zip(views, (256, 288, 320, 352), strict=True):
        step = scale[1, 0, 4, 0].diff(dim=0)[20:-20].mean()  # of the middle, in pixels of 352
        assert step == pytest.approx(352 / shorter, rel=1e-3)


def test_144_crops_of_an_upright_picture_go_down():
    wide, upright = coordinates(352, 500), coordinates(352, 500).transpose(1, 2)
    down = crops(upright, 224, 144).view(4, 3, 2, 6, 3, 224, 224)[:, :, 0]
    across = crops(wide, 224, 144).view(4, 3, 2, 6, 3, 224, 224)[:, :, 0]
    across = across[:, :, [0, 2, 1, 3, 4, 5]]  # turned over, top right is bottom left
    assert torch.allclose(down, across.transpose(-1, -2), atol=1e-3)


def test_sizes_scale_with_the_network():
    assert resize_shorter(noise(1, 3, 30, 45), 32).shape == (1, 3, 32, 48)
    views = crops(coordinates(32, 32), 28, 10)
    assert corners(views[4]) == [2, 2, 29, 29]  # 256 / 224 of 28 is 32


def test_a_symmetric_picture_has_symmetric_crops():
    half = noise(3, 64, 32)
    views = crops(torch.cat([half, half.flip(-1)], -1), 56, 10)  # not resized
    assert torch.equal(views[4], views[9])  # the middle is its own mirror image
    assert torch.equal(views[0], views[6])  # top left, and top right mirrored
    assert torch.equal(views[2], views[8])
    assert not torch.equal(views[0], views[5])


def test_resizing_is_antialiased_as_torchvisions():
    pixels = noise(2, 3, 90, 70)
    right = peer.resize(pixels, [31, 27], antialias=True)
    assert (resize(pixels, 31, 27).int() - right.int()).abs().max() <= 1
    assert resize(pixels, 90, 70) is pixels


def test_squares_of_a_square_are_it():
    picture = noise(3, 20, 20)
    assert all(torch.equal(square, picture) for square in squares(picture))


def test_probabilities_are_averaged_and_not_logits():
    logits = torch.randn(4, 10, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    logits *= 5
    got = mean_log_p(logits.log_softmax(2))
    assert torch.allclose(got.exp(), logits.softmax(2).mean(1), atol=1e-12)
    assert not torch.allclose(got.exp(), logits.mean(1).softmax(1), atol=1e-2)


def test_what_cannot_be_is_refused():
    for count, size in ((5, 224), (0, 224), (10, 0)):
        with pytest.raises(BadInput, match="1, 10 or 144"):
            crops(noise(3, 30, 30), size, count)
