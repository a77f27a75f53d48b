"""Boxes go where the pixels go."""

import pytest
import torch
from torchvision.transforms import v2
from torchvision.tv_tensors import BoundingBoxes

from zoo.data.image.augment_colour import colour
from zoo.data.image.boxes.augment import (
    BoxAugment,
    chain,
    flip_boxes,
    of_pixels,
    scale_jitter,
    zoom_and_shift,
)
from zoo.data.image.boxes.place import GREY
from zoo.errors import BadInput
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
        scale_jitter(0.3, (0.5, 1.0)),
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


def test_flips_are_those_of_torchvision() -> None:
    pixels, truth = scene()
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, pixels.shape, generator=draw, dtype=torch.uint8)
    for vertical, peer in ((False, v2.functional.hflip), (True, v2.functional.vflip)):
        seen = set()
        for seed in range(4):
            made, found = flip_boxes(vertical=vertical)(pixels, truth, _draw(seed))
            for before, after, old, new in zip(pixels, made, truth, found, strict=True):
                flipped = not torch.equal(before, after)
                seen.add(flipped)
                boxes = BoundingBoxes(old.boxes, format="XYXY", canvas_size=(80, 120))
                expected = peer(boxes) if flipped else old.boxes
                assert torch.equal(new.boxes, torch.as_tensor(expected))
                assert torch.equal(after, peer(before) if flipped else before)
        assert seen == {True, False}


def test_without_change_nothing_changes() -> None:
    pixels, truth = scene()
    for change in (zoom_and_shift(0, 0), scale_jitter(0, (1, 1))):
        made, found = change(pixels, truth, _draw(0))
        assert torch.equal(made, pixels)
        assert [one.boxes.tolist() for one in found] == [one.boxes.tolist() for one in truth]


def test_jitter_shows_all_of_a_small_image_and_fills_the_canvas_with_a_large_one() -> None:
    white = torch.full((40, 3, 40, 60), 255, dtype=torch.uint8)
    truth = [objects([[0, 0, 60, 40]], [0])] * 40
    small, found = scale_jitter(0.3, (0.25, 1))(white, truth, _draw(0))
    sizes = torch.stack([one.boxes[0, 2:] - one.boxes[0, :2] for one in found])
    shown = (small == 255).all(1).flatten(1).sum(1)
    assert (shown - sizes.prod(1)).abs().max() == 0
    longest = (sizes / torch.tensor([60, 40])).amax(1)
    assert 0.25 <= longest.min() < 0.35
    assert 0.9 < longest.max() <= 1.02
    ratios = sizes[:, 0] / sizes[:, 1] / 1.5
    assert 0.5 < ratios.min() < 0.75
    assert 1.3 < ratios.max() < 2
    large, _ = scale_jitter(0, (1, 2))(white, truth, _draw(0))
    assert (large == 255).all()


@pytest.mark.parametrize("wrong", [{"zoom": 1.0}, {"zoom": -0.1}, {"shift": -1}, {"aspect": 1}])
def test_strengths_without_meaning_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="must be from 0 to below 1"):
        zoom_and_shift(**wrong)


def test_jitter_without_meaning_is_refused() -> None:
    for wrong in ((0.0, 1.0), (2.0, 1.0)):
        with pytest.raises(BadInput, match="scale above 0, rising"):
            scale_jitter(0.3, wrong)
    with pytest.raises(BadInput, match="aspect must be from 0 to below 1"):
        scale_jitter(1.0)


def _draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
