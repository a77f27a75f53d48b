"""The input's shape follows from the images; what is asked for is obeyed or refused."""

from pathlib import Path

import pytest

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.own.boxes import Picture
from zoo.errors import BadInput
from zoo.recipes.own.box_reading import reading_of

LIKE = BoxFrontEnd((416, 416))


def pictures(*sizes):
    return [Picture(Path("a"), Path("a"), 1, size, "", ()) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "size", "fit"),
    [
        ([(640, 480)] * 3, (320, 416), "stretch"),  # 312 rows would fit exactly
        ([(480, 640)], (416, 320), "stretch"),
        ([(640, 480), (480, 640)], (416, 416), "letterbox"),  # the median of both shapes
        ([(640, 480), (600, 480), (480, 640)], (320, 416), "letterbox"),
        ([(1920, 1080)], (224, 416), "stretch"),
        ([(100, 100)], (256, 256), "stretch"),  # no larger than need be
        ([(5000, 1)], (64, 416), "letterbox"),
        ([], (256, 256), "stretch"),
    ],
)
def test_the_shape_is_that_of_the_images(sizes, size, fit):
    front_end, told = reading_of(pictures(*sizes), LIKE, 32, {})
    assert (front_end.size, front_end.fit) == (size, fit)
    assert f"images are read as {size[1]} x {size[0]} pixels" in told


def test_what_is_asked_for_is_obeyed():
    some = pictures((640, 480))
    assert reading_of(some, LIKE, 32, {"size": "192"})[0].size == (192, 192)
    assert reading_of(some, LIKE, 32, {"size": "192"})[0].fit == "letterbox"
    assert reading_of(some, LIKE, 32, {"size": "192,256"})[0].fit == "stretch"
    assert reading_of(some, LIKE, 32, {"fit": "letterbox"})[0].fit == "letterbox"
    darknet = BoxFrontEnd((416, 416), "darknet", mean=(0.1, 0.2, 0.3))
    front_end, _ = reading_of(some, darknet, 32, {})
    assert (front_end.fit, front_end.mean) == ("darknet", (0.1, 0.2, 0.3))
    assert reading_of(some, LIKE, 448, {})[0].size == (448, 448)  # that network takes no other


@pytest.mark.parametrize("text", ["100", "0", "-32", "64,64,64", "big", "9600", "1.5"])
def test_a_size_that_cannot_be_is_one_line(text):
    with pytest.raises(BadInput, match="size must be"):
        reading_of(pictures((640, 480)), LIKE, 32, {"size": text})
    with pytest.raises(BadInput, match="fit must be one of"):
        reading_of(pictures((640, 480)), LIKE, 32, {"fit": "crop"})
