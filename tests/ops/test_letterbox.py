"""The letterbox is Darknet's, whose loops stand here by hand; boxes go there and back."""

from itertools import product

import pytest
import torch

from tests.ops.boxes.test_formats import some_boxes
from zoo.ops import letterbox as module
from zoo.ops.letterbox import Placement, embedded, letterbox, placement

CASES = [  # height and width of the image, and of the input
    ((7, 11), (16, 16)),  # larger, wide
    ((13, 5), (16, 24)),  # larger, high
    ((31, 23), (12, 20)),  # smaller
    ((10, 10), (10, 10)),  # as it is
    ((9, 31), (17, 20)),  # odd bars
    ((1, 6), (8, 12)),  # one line of pixels
]


def darknets_resize(image, width, height):
    """``resize_image`` of Darknet's image.c: columns first, then rows, corners aligned.

    x and y are divided last: Darknet multiplies by a rounded scale, and of about one height in
    sixteen its last row falls short of the image's and comes out black.
    """
    planes, rows, columns = image.shape
    part = torch.zeros(planes, rows, width, dtype=torch.float64)
    for k, r, c in product(range(planes), range(rows), range(width)):
        if c == width - 1 or columns == 1:
            part[k, r, c] = image[k, r, columns - 1]
        else:
            x = c * (columns - 1) / (width - 1)
            first, share = int(x), x - int(x)
            part[k, r, c] = (1 - share) * image[k, r, first] + share * image[k, r, first + 1]
    new = torch.zeros(planes, height, width, dtype=torch.float64)
    for k, r, c in product(range(planes), range(height), range(width)):
        y = r * (rows - 1) / (height - 1)
        first, share = int(y), y - int(y)
        new[k, r, c] = (1 - share) * part[k, first, c]
        if not (r == height - 1 or rows == 1):
            new[k, r, c] += share * part[k, first + 1, c]
    return new


def darknets_letterbox(image, height, width):
    """``letterbox_image``, ``embed_image``: whole pixels by C's division of integers, grey 0.5."""
    _, rows, columns = image.shape
    if width / columns < height / rows:
        new_width, new_height = width, (rows * width) // columns
    else:
        new_height, new_width = height, (columns * height) // rows
    boxed = torch.full((3, height, width), 0.5, dtype=torch.float64)
    small = darknets_resize(image, new_width, new_height)
    down, right = (height - new_height) // 2, (width - new_width) // 2
    for k, r, c in product(range(3), range(new_height), range(new_width)):
        boxed[k, r + down, c + right] = small[k, r, c]
    return boxed


def an_image(size, seed=0):
    return torch.rand(3, *size, generator=torch.Generator().manual_seed(seed))


def distance(case):
    image = an_image(case[0])
    return float((letterbox(image, case[1])[0] - darknets_letterbox(image, *case[1])).abs().max())


@pytest.mark.parametrize("case", CASES)
def test_an_image_is_fitted_as_darknet_does(case):
    assert distance(case) < 1e-5


@pytest.mark.parametrize("case", CASES[:3])
def test_corners_that_are_not_aligned_would_be_seen(case, monkeypatch):
    right = module.interpolate
    monkeypatch.setattr(
        module, "interpolate", lambda x, **how: right(x, **{**how, "align_corners": False})
    )
    assert distance(case) > 0.05


def test_where_an_image_lies():
    assert placement((480, 640), (416, 416)) == Placement(0, 52, 416, 312, 640, 480)
    assert placement((640, 480), (416, 416)) == Placement(52, 0, 312, 416, 480, 640)
    assert placement((375, 500), (416, 416)) == Placement(0, 52, 416, 312, 500, 375)
    assert placement((333, 500), (416, 416)) == Placement(0, 69, 416, 277, 500, 333)  # 277.06, 69.5
    assert placement((100, 100), (320, 416)) == Placement(48, 0, 320, 320, 100, 100)


@pytest.mark.parametrize("turned", [False, True])
def test_one_line_of_5000_pixels(turned):
    line = an_image((1, 5000))
    image = line.transpose(1, 2) if turned else line
    found, place = letterbox(image, (416, 416))
    found = found.transpose(1, 2) if turned else found
    grey = torch.full((3, 416), 0.5)
    assert all(torch.equal(found[:, r], grey) for r in (0, 206, 208, 415))
    assert torch.equal(found[:, 207, 0], line[:, 0, 0])
    assert torch.equal(found[:, 207, 415], line[:, 0, 4999])
    boxes = torch.tensor([[0.0, 0, 1, 5000] if turned else [0.0, 0, 5000, 1]])
    torch.testing.assert_close(place.to_image(place.to_input(boxes)), boxes)


@pytest.mark.parametrize("case", CASES)
def test_boxes_go_to_the_input_and_back(case):
    (rows, columns), size = case
    place = placement(*case)
    scale = torch.tensor([columns, rows, columns, rows], dtype=torch.float64)
    boxes = some_boxes(30) / 100 * scale
    there = place.to_input(boxes)
    assert there.min() >= 0
    assert (there <= torch.tensor([size[1], size[0]] * 2)).all()
    torch.testing.assert_close(place.to_image(there), boxes, rtol=0, atol=1e-9)
    whole = torch.tensor([[0.0, 0.0, columns, rows]])
    left, top, width, height = place[:4]
    torch.testing.assert_close(
        place.to_input(whole), torch.tensor([[left, top, left + width, top + height]]).float()
    )


def test_boxes_on_the_grey_bars_are_cut_at_the_images_edge():
    place = placement((50, 100), (100, 100))  # bars of 25 pixels above and below
    boxes = torch.tensor([[-5.0, 0.0, 120.0, 100.0], [10.0, 0.0, 20.0, 20.0], [10, 20, 20, 30]])
    expected = [[0, 0, 100, 50], [10, 0, 20, 0], [10, 0, 20, 5]]
    assert place.to_image(boxes).tolist() == expected
    assert place.to_image(torch.zeros(0, 4)).shape == (0, 4)


def test_pixels_are_set_into_the_ground():
    image = torch.full((3, 2, 4), 9, dtype=torch.uint8)
    found = embedded(image, placement((2, 4), (4, 4)), (4, 4), 128)
    assert found.dtype == torch.uint8
    assert found[0].tolist() == [[128] * 4, [9] * 4, [9] * 4, [128] * 4]
