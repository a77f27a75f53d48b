"""Which boxes can be used: the fault matrix of labels, on one image of 64 x 48 pixels."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.own.boxes import Box
from zoo.data.own.boxes.checks import LEAST, checked, fault_of

SIZE = (64, 48)
NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("corners", "what"),
    [
        ((0, 0, 64, 48), ""),
        ((-2, 0, 66, 48), ""),  # clipped
        ((8, 4, 8.2, 4.2), ""),
        ((0, 0, 1, 1), ""),
        ((0.1, 0.25, 0.5, 1), "all in the first pixel, in parts of the image"),
        ((8, 4, 8, 24), "no area"),
        ((8, 4, 8.01, 24), "no area"),
        ((32, 4, 8, 24), "the first corner is beyond the second"),
        ((8, 24, 32, 4), "the first corner is beyond the second"),
        ((-2.1, 0, 9, 9), "outside the image of 64 x 48 pixels: x -2.1 to 9, y 0 to 9"),
        ((0, 0, 9, 50.5), "outside"),
        ((65, 0, 66, 9), "outside"),  # nothing of it is left after clipping
        ((-900, -900, -800, -800), "outside"),
        ((NAN, 0, 9, 9), "not finite"),
        ((0, 0, INF, 9), "not finite"),
        ((0, -INF, 9, 9), "not finite"),
        ((1e308, 0, -1e308, 9), "the first corner"),
    ],
)
def test_what_is_wrong_with_a_box(corners, what):
    found = fault_of(corners, SIZE)
    assert found.startswith(what)
    assert bool(found) == bool(what)


def test_a_slight_overhang_is_clipped_and_counted():
    boxes = [
        Box("cat", (-1.5, 0, 9, 48.5), 1),
        Box("cat", (0, 0, 9, 48.001), 2),
        Box("cat", (1, 1, 2, 2), 3),
    ]
    found = checked(boxes, SIZE)
    assert [box.corners for box in found.boxes] == [(0, 0, 9, 48), (0, 0, 9, 48), (1, 1, 2, 2)]
    assert (found.clipped, found.furthest) == (1, 1.5)  # a thousandth is rounding


def test_the_same_box_twice_is_one_too_many_and_another_class_is_not():
    boxes = [Box("cat", (1, 1, 9, 9), 4), Box("dog", (1, 1, 9, 9), 5), Box("cat", (1, 1, 9, 9), 6)]
    found = checked(boxes, SIZE)
    assert len(found.boxes) == 2
    assert found.bad == [(boxes[2], "the box of cat that line 4 has already")]


number = st.floats() | st.integers(-3, 70).map(float)


@given(st.tuples(number, number, number, number))
def test_whatever_the_numbers_what_is_kept_lies_inside_and_has_an_area(corners):
    found = checked([Box("cat", corners, 1)], SIZE)
    assert len(found.boxes) + len(found.bad) == 1
    for box in found.boxes:
        x1, y1, x2, y2 = box.corners
        assert 0 <= x1 < x2 <= 64
        assert 0 <= y1 < y2 <= 48
        assert min(x2 - x1, y2 - y1) >= LEAST


def test_a_hundred_thousand_boxes_take_a_moment():
    boxes = [Box("cat", (i % 50, i / 3000, 60, 47), i) for i in range(100_000)]
    start = time.process_time()
    assert len(checked(boxes, SIZE).boxes) == 100_000
    assert time.process_time() - start < 10  # about 0.5: no loop in a loop
