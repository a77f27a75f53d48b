"""YOLO's lines: fields that are refused; what is written is read again bit for bit."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zoo.data.own.boxes.yolo_text import (
    classes_used,
    corners_of,
    is_label,
    numbered,
    parsed_line,
    written_line,
)
from zoo.errors import BadInput

SIZE = (64, 48)
NAMES = ("cat", "dog")


def test_a_line():
    box = parsed_line("1\t0.3125 .291667 +0.375 4.16666e-1", 7, NAMES, SIZE)
    assert (box.name, box.line) == ("dog", 7)
    assert box.corners == pytest.approx((8, 4, 32, 24), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0 0.5 0.5 0.5", "4 fields, expected 5: class cx cy w h"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3", r"7 fields \(a polygon, or a score\?\)"),
        ("0.0 0.5 0.5 0.5 0.5", "the class is '0.0', expected a whole number from 0"),
        ("cat 0.5 0.5 0.5 0.5", "the class is 'cat'"),
        ("-1 0.5 0.5 0.5 0.5", "class -1, expected 0 to 1"),
        ("2 0.5 0.5 0.5 0.5", "class 2, expected 0 to 1, in fact"),
        ("99999999999999999999999999 0.5 0.5 0.5 0.5", "expected 0 to 1"),
        ("0 0.5 0,5 0.5 0.5", "'0,5' is no number"),
    ],
)
def test_what_is_refused(text, what):
    with pytest.raises(BadInput, match=what):
        parsed_line(text, 1, NAMES, SIZE, hint=", in fact")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "snan", "1e999999", "-1e400"])
def test_numbers_that_are_none_become_corners_that_are_refused_later(number):
    corners = parsed_line(f"0 0.5 {number} 0.5 0.5", 1, NAMES, SIZE).corners
    assert not all(abs(value) < 1e300 for value in corners)


side = st.integers(1, 10_000)


@st.composite
def boxes(draw):
    """A size, and corners in it: any floats, whole numbers, or what six digits give."""
    size = draw(st.tuples(side, side))
    corners = []
    for whole in size:
        exact = st.floats(0, whole, allow_nan=False)
        rounded = st.integers(0, 10 * whole).map(lambda n: n / 10)
        pair = sorted([draw(exact | rounded), draw(exact | rounded | st.just(float(whole)))])
        corners.append(pair)
    (x1, x2), (y1, y2) = corners
    return size, (x1, y1, x2, y2)


@settings(max_examples=300, deadline=None)
@given(boxes())
@example(((640, 480), (0.0, 0.0, 640.0, 480.0)))
@example(((3, 7), (5e-324, 0.1, 2.9999999999999996, 7.0)))
def test_what_is_written_is_read_again_bit_for_bit(box):
    size, corners = box
    row, *numbers = written_line(3, corners, size).split()
    assert row == "3"
    assert corners_of([Decimal(one) for one in numbers], size) == corners
    assert all(float(one) <= 1 for one in numbers)  # as any other reader takes them


def test_whole_pixels_of_round_sizes_are_written_short():
    assert written_line(0, (8, 4, 32, 24), (64, 50)) == "0 0.3125 0.28 0.375 0.4"
    longest = max(map(len, written_line(0, (1, 2, 30, 31), (41, 47)).split()))
    assert longest <= 22  # of thirds and their like it takes some 20 digits


def test_lines_and_classes_of_files():
    assert list(numbered("a\r\n\r\nb\n")) == [(1, "a"), (3, "b")]
    assert list(numbered("a\u2028b\rc")) == [(1, "a\u2028b"), (2, "c")]
    assert is_label("0 0.5 0.5 0.5 0.5")
    assert is_label("\n3 1 2 3 4 5 6\n")
    assert not is_label("Export of 3 boxes today at 5")
    assert not is_label("")
    assert classes_used(["2 0 0 0 0\n1 0 0 0 0", "x"]) == (1, 2)
    assert classes_used(["", "cat 1"]) == (0, -1)
