"""Boxes go where the pixels go."""

import pytest
import torch

from zoo.data.image.augment_colour import colour
from zoo.data.image.box_augment import (
    GREY,
    BoxAugment,
    chain,
    clipped,
    flip_boxes,
    of_pixels,
    zoom_and_shift,
)
from zoo.ops.boxes.objects import objects

BOXES = [[30, 20, 60, 44], [8, 10, 20, 18], [70, 50, 100, 76]]  # one a picture: no overlap


def scene() -> tuple[torch.Tensor, list]:  # type: ignore[type-arg]
    pixels = torch.zeros(3, 3, 80, 120, dtype=torch.uint8)
    for image, (x1, y1, x2, y2) in zip(pixels, BOXES, strict=True):
        image[:, y1:y2, x1:x2] = 250
    truth = [objects([box], [i], [True]) for i, box in enumerate(BOXES)]
    return pixels, truth


@pytest.mark.parametrize(
    "change",
    [
        flip_boxes(),
        flip_boxes(vertical=True),
        zoom_and_shift(zoom=0.3, shift=0.0),
        zoom_and_shift(zoom=0.0, shift=0.1),
        chain(zoom_and_shift(aspect=0.2), flip_boxes(), flip_boxes(vertical=True)),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_the_box_surrounds_the_moved_pixels(change: BoxAugment, seed: int) -> None:
    pixels, truth = change(*scene(), torch.Generator().manual_seed(seed))
    for i, (image, one) in enumerate(zip(pixels, truth, strict=True)):
        assert one.labels.tolist() == [i]
        assert one.difficult.tolist() == [True]
        rows, columns = torch.nonzero(image[0] > 190, as_tuple=True)
        corners = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        assert (one.boxes[0] - corners).abs().max() <= 1.01


def test_what_an_image_leaves_is_grey() -> None:
    white = torch.full((1, 3, 60, 60), 255, dtype=torch.uint8)
    for seed in range(20):
        moved, _ = zoom_and_shift(0.0, 0.4)(white, [objects([], [])], _draw(seed))
        if not (moved == 255).all():
            break
    assert (moved == GREY).any()


def test_a_box_is_kept_by_its_area() -> None:
    three = objects([[-50, 0, 50, 10], [-70, 0, 30, 10], [95, 95, 99.5, 140]], [0, 1, 2])
    left = clipped(three, 100, 100)
    assert left.labels.tolist() == [0]  # half of it; 30 %; 11 %
    assert left.boxes.tolist() == [[0, 0, 50, 10]]
    assert clipped(objects([[0, 0, 0.5, 90]], [0]), 100, 100).size == 0


def test_an_empty_image_stays_empty() -> None:
    change = chain(zoom_and_shift(), flip_boxes(), of_pixels(colour(0.3, 0.3, 0.3)))
    pixels, (one,) = change(scene()[0][:1], [objects([], [])], _draw(0))
    assert one.size == 0
    assert one.boxes.shape == (0, 4)
    assert pixels.dtype == torch.uint8


def test_an_example_is_changed_alike_in_a_larger_batch_with_the_same_draw() -> None:
    change = chain(zoom_and_shift(), flip_boxes())
    one = change(*scene(), _draw(3))
    again = change(*scene(), _draw(3))
    assert torch.equal(one[0], again[0])
    assert torch.equal(one[1][2].boxes, again[1][2].boxes)


def _draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
