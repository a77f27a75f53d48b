"""An image drawn onto another, beside torchvision's transforms."""

import pytest
import torch
from torchvision.transforms import v2
from torchvision.tv_tensors import BoundingBoxes

from zoo.data.image.boxes.place import GREY, clipped, place, stretched
from zoo.ops.boxes.objects import objects

BOXES = [[30.0, 20, 60, 44], [0, 0, 120, 80], [100, 60, 120, 80], [7, 3, 9, 78]]
CASES = [  # size, row and column
    ((80, 120), (0, 0)),
    ((40, 60), (10, 25)),
    ((160, 300), (-31, -77)),
    ((61, 200), (-5, 13)),
    ((20, 20), (70, -15)),
    ((80, 120), (3, -4)),
]


def image() -> torch.Tensor:
    draw = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (3, 80, 120), generator=draw, dtype=torch.uint8)


@pytest.mark.parametrize(("size", "at"), CASES)
def test_boxes_and_pixels_go_where_torchvision_puts_them(size, at):
    canvas = torch.full((3, 90, 110), GREY, dtype=torch.uint8)
    found = place(image(), objects(BOXES, range(4)), canvas, size, at)

    boxes = BoundingBoxes(torch.tensor(BOXES), format="XYXY", canvas_size=(80, 120))
    boxes = v2.functional.resize(boxes, list(size))
    boxes = torch.as_tensor(v2.functional.crop(boxes, -at[0], -at[1], 90, 110)).float()
    before = torch.tensor(BOXES) * torch.tensor([size[1] / 120, size[0] / 80] * 2)
    area, whole = ((b[:, 2:] - b[:, :2]).clamp(min=0).prod(1) for b in (boxes, before))
    kept = area >= 0.4 * whole
    assert kept.any()
    assert found.labels.tolist() == kept.nonzero().flatten().tolist()
    torch.testing.assert_close(found.boxes, boxes[kept], atol=1e-4, rtol=0)

    pixels = image().permute(1, 2, 0).contiguous().permute(2, 0, 1)
    pixels = v2.functional.resize(pixels, list(size), antialias=True)
    drawn = torch.ones(3, *size, dtype=torch.uint8)
    expected = v2.functional.crop(pixels, -at[0], -at[1], 90, 110)
    inside = v2.functional.crop(drawn, -at[0], -at[1], 90, 110).bool()  # torchvision's ground is 0
    assert torch.equal(canvas, torch.where(inside, expected, torch.tensor(GREY).byte()))


def test_a_box_is_kept_by_its_area_and_cut():
    three = objects([[-50, 0, 50, 10], [-70, 0, 30, 10], [95, 95, 99.5, 140]], [0, 1, 2])
    left = clipped(three, 100, 100)
    assert left.labels.tolist() == [0]  # half of it; 30 %; 11 %
    assert left.boxes.tolist() == [[0, 0, 50, 10]]


def test_what_is_left_of_a_box_has_a_pixel_on_each_side():
    thin = objects([[0, 0, 0.9, 90], [0, 0, 90, 0.9], [0, 0, 1, 1], [-0.5, 0, 0.8, 9]], range(4))
    assert clipped(thin, 100, 100).labels.tolist() == [2]


def test_difficult_and_crowd_stay_with_their_object():
    flags = {"difficult": [False, True, False, True], "crowd": [False, False, True, True]}
    truth = objects(BOXES, [3, 2, 1, 0], **flags)
    canvas = torch.zeros(3, 80, 120, dtype=torch.uint8)
    found = place(image(), truth, canvas, (80, 120), (0, 60))  # the right half is outside
    assert found.labels.tolist() == [3, 2, 0]
    assert found.difficult.tolist() == [False, True, True]
    assert found.crowd.tolist() == [False, False, True]


def test_an_image_beside_the_canvas_leaves_nothing():
    canvas = torch.full((3, 40, 40), GREY, dtype=torch.uint8)
    for at in ((40, 0), (0, 40), (-80, 0), (0, -120), (-500, 500)):
        found = place(image(), objects(BOXES, range(4)), canvas, (80, 120), at)
        assert found.size == 0
        assert found.boxes.shape == (0, 4)
    assert (canvas == GREY).all()


def test_a_part_of_a_canvas_is_drawn_on_alone():
    canvas = torch.full((3, 40, 40), GREY, dtype=torch.uint8)
    place(image(), objects([], []), canvas[:, 10:20, 5:40], (80, 120), (-8, -8))
    assert torch.equal(canvas[:, 10:20, 5:40], image()[:, 8:18, 8:43])
    canvas[:, 10:20, 5:40] = GREY
    assert (canvas == GREY).all()


def test_a_stretched_image_may_be_one_pixel():
    one = stretched(image(), (1, 1))
    assert one.shape == (3, 1, 1)
    assert (one.flatten().float() - image().float().mean((1, 2))).abs().max() < 2
