"""From any image to a detector's input, and boxes back to the image."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from zoo.data.image.boxes.front_end import FITS, SIDES, BoxFrontEnd
from zoo.errors import BadFile, BadInput
from zoo.ops.letterbox import GREY


def bright_square(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("RGB", (width, height), (10, 20, 30))
    image.paste((250, 240, 230), box)
    return image


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("shape", [(200, 100), (90, 300), (64, 96)])
def test_a_box_found_in_the_input_is_where_it_lies_in_the_image(
    fit: str, shape: tuple[int, int]
) -> None:
    width, height = shape
    box = (width // 4, height // 4, width // 4 + width // 2, height // 4 + height // 2)
    image, place = BoxFrontEnd((64, 96), fit)(bright_square(width, height, box))
    assert image.shape == (3, 64, 96)
    rows, columns = torch.nonzero(image[0] > 0.6, as_tuple=True)
    corners = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    found = place.to_image(torch.tensor([corners], dtype=torch.float32))
    pixel = max(width / place.width, height / place.height)  # of the input, in the image
    assert (found - torch.tensor([box])).abs().max() <= 1.1 * pixel
    assert torch.allclose(place.to_image(place.to_input(found)), found, atol=1e-3)


def test_bars_are_grey_and_a_stretched_image_has_none() -> None:
    white = Image.new("RGB", (100, 50), (255, 255, 255))
    boxed, place = BoxFrontEnd((64, 64))(white)
    assert (place.top, place.height) == (16, 32)
    assert torch.allclose(boxed[:, :16], torch.tensor(GREY), atol=0.01)
    assert torch.equal(boxed[:, 16:48], torch.ones(3, 32, 64))
    assert torch.equal(BoxFrontEnd((64, 64), "stretch")(white).image, torch.ones(3, 64, 64))


def test_darknets_fit_keeps_what_lies_between_grey_levels() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 70, 3), np.uint8))
    exact = BoxFrontEnd((32, 64), "darknet")(noise).image * 255
    assert not torch.allclose(exact, exact.round(), atol=0.01)


def test_boxes_are_clipped_to_the_image() -> None:
    _, place = BoxFrontEnd((64, 64))(Image.new("RGB", (100, 50)))
    outside = place.to_image(torch.tensor([[-5.0, 0, 70, 64]]))
    assert outside.tolist() == [[0, 0, 100, 50]]


def test_one_line_of_pixels() -> None:
    for fit in FITS:
        image, place = BoxFrontEnd((32, 64), fit)(Image.new("RGB", (5000, 1), (9, 9, 9)))
        assert image.shape == (3, 32, 64)
        assert place.height >= 1
        assert image.isfinite().all()


def test_mean_and_std() -> None:
    front_end = BoxFrontEnd((4, 4), "stretch", (0.5, 0.25, 0.0), (0.5, 0.25, 2.0))
    image = front_end(Image.new("RGB", (4, 4), (255, 255, 255))).image
    assert image[:, 0, 0].tolist() == [1.0, 3.0, 0.5]


def test_the_card_gives_it_back() -> None:
    front_end = BoxFrontEnd((320, 416), "stretch", (0.1, 0.2, 0.3))
    record = json.loads(json.dumps(front_end.to_card()))
    assert BoxFrontEnd.from_card(record) == front_end


@pytest.mark.parametrize(
    "change", [{"kind": "picture"}, {"size": [0, 4]}, {"fit": "crop"}, {"std": [0, 1, 1]}, {"x": 1}]
)
def test_another_record_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadFile, match="front end"):
        BoxFrontEnd.from_card({**BoxFrontEnd((32, 32)).to_card(), **change})


def test_sizes_that_cannot_be() -> None:
    for size in ((0, 32), (32, 10**6), (32.5, 32)):
        with pytest.raises(BadInput, match="size must be"):
            BoxFrontEnd(size)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(427, 640), (640, 427), (480, 640), (375, 500), (50, 300)])
def test_scaled_to_sides_as_torchvision(shape: tuple[int, int]) -> None:
    draw = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (3, *shape), generator=draw, dtype=torch.uint8)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    theirs = GeneralizedRCNNTransform(160, 267, list(mean), list(std))
    expected, _ = theirs([image.float() / 255])
    height, width = expected.image_sizes[0]
    made, place = BoxFrontEnd((160, 267), SIDES, mean, std).placed(image)
    assert made.shape == (3, height, width)
    assert place == (0, 0, width, height, shape[1], shape[0])
    torch.testing.assert_close(made, expected.tensors[0, :, :height, :width], rtol=0, atol=1e-5)


def test_one_line_of_pixels_to_sides() -> None:
    front_end = BoxFrontEnd((800, 1333), SIDES)
    made, place = front_end.placed(torch.zeros(3, 1, 5000, dtype=torch.uint8))
    assert made.shape == (3, 1, 1333)
    assert place.to_image(torch.tensor([[0.0, 0, 1333, 1]])).tolist() == [[0, 0, 5000, 1]]
    assert BoxFrontEnd.from_card(json.loads(json.dumps(front_end.to_card()))) == front_end


def test_own_size_changes_nothing_and_a_set_lies_at_the_upper_left():
    front_end = BoxFrontEnd((20, 30), "own", (0.5, 0.5, 0.5), (128 / 255,) * 3)
    image = torch.randint(0, 256, (3, 50, 7), dtype=torch.uint8)
    placed = front_end.placed(image)
    assert torch.allclose(placed.image, (image.float() - 127.5) / 128, atol=1e-6)
    assert placed.place == (0, 0, 7, 50, 7, 50)
    small = image[:, :11]
    kept, place = front_end.pixels(small)
    assert (kept.shape, place) == ((3, 20, 30), (0, 0, 7, 11, 7, 11))
    assert torch.equal(kept[:, :11, :7], small)
    shrunk, place = front_end.pixels(image)  # too high: what fits is kept, at the upper left
    assert (shrunk.shape, place) == ((3, 20, 30), (0, 0, 2, 20, 7, 50))
    assert front_end.no_larger_than([7, 9], [11, 5]).size == (11, 9)
    assert front_end.no_larger_than([], []) is front_end
    letterbox = BoxFrontEnd((20, 30))
    assert letterbox.no_larger_than([7], [11]) is letterbox
