"""Boxes are drawn where they are, in the colour of their class, into images of any shape."""

import math

import numpy as np
import pytest
import torch

from zoo.viz.drawn_boxes import colour_of, drawn_boxes


def drawn(size, boxes, ids, labels=None):
    image = torch.full((3, *size), 128, dtype=torch.uint8)
    labels = labels or [f"class {i}" for i in ids]
    rows = torch.tensor(boxes, dtype=torch.float32).view(-1, 4)
    picture = drawn_boxes(image, rows, labels, torch.linspace(1, 0.1, len(ids)), torch.tensor(ids))
    assert (image == 128).all()  # the image itself is left as it was
    return np.asarray(picture)


def test_frames_are_where_the_boxes_are_and_nothing_else_is_touched():
    pixels = drawn((200, 300), [[50, 60, 120, 160]], [4])
    frame = colour_of(4)
    for y, x in ((60, 50), (60, 119), (159, 50), (159, 119)):
        assert tuple(pixels[y, x]) == frame
    assert (pixels[70:150, 60:110] == 128).all()  # inside
    assert (pixels[160:] == 128).all()  # below
    assert (pixels[:46] == 128).all()  # above the text
    assert (pixels[47:60, 50:120] != 128).any()  # the text


def test_the_highest_score_is_on_top():
    pixels = drawn((100, 100), [[10, 40, 90, 90], [10, 40, 90, 90]], [0, 1])
    assert tuple(pixels[89, 10]) == colour_of(0)


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1), (40, 60)])
def test_images_of_any_shape(size):
    box = [0, 0, size[1], size[0]]
    pixels = drawn(size, [box, [0, 0, 0.2, 0.2]], [2, 7], ["größe 日本", ""])
    assert pixels.shape == (*size, 3)
    assert (drawn(size, [], []) == 128).all()


def test_eighty_classes_have_eighty_colours():
    assert len({colour_of(i) for i in range(80)}) == 80


def test_what_is_not_finite_or_wholly_outside_is_left_out():
    odd = [[math.nan] * 4, [0, 0, math.inf, 9], [50, 50, 40, 40], [300, 0, 400, 9], [0, -9, 9, -1]]
    assert (drawn((100, 100), odd, [0] * 5) == 128).all()


def test_a_box_beyond_the_image_shows_what_lies_in_it():
    pixels = drawn((100, 100), [[-50, -50, 1e9, 60]], [0], [""])
    assert (pixels[59] == colour_of(0)).all()
    assert (pixels[61:] == 128).all()


def test_a_text_at_the_right_edge_is_moved_into_the_image():
    pixels = drawn((100, 300), [[270, 50, 299, 90]], [0])
    written = (pixels[30:49] != 128).any(0).any(1)
    assert written[230:270].any()


def test_greek_and_cyrillic_letters_are_drawn_each_as_itself():
    shapes = {drawn((60, 60), [[5, 30, 50, 55]], [0], [letter]).tobytes() for letter in "αβжд"}
    assert len(shapes) == 4
