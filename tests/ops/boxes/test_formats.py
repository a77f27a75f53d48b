"""Box formats there and back, against torchvision's, and on odd boxes."""

import pytest
import torch
from torchvision.ops import box_convert, clip_boxes_to_image

from zoo.ops.boxes.formats import (
    clipped,
    cxcywh_to_xyxy,
    xywh_to_xyxy,
    xyxy_to_cxcywh,
    xyxy_to_xywh,
)

PAIRS = {
    ("xyxy", "xywh"): xyxy_to_xywh,
    ("xywh", "xyxy"): xywh_to_xyxy,
    ("xyxy", "cxcywh"): xyxy_to_cxcywh,
    ("cxcywh", "xyxy"): cxcywh_to_xyxy,
}


def some_boxes(n, dtype=torch.float64):
    corners = 100 * torch.rand(n, 2, 2, generator=torch.Generator().manual_seed(0), dtype=dtype)
    return corners.sort(1).values.reshape(n, 4)


@pytest.mark.parametrize("names", PAIRS)
def test_formats_are_torchvisions_and_return(names):
    boxes = box_convert(some_boxes(50), "xyxy", names[0])
    there = PAIRS[names](boxes)
    torch.testing.assert_close(there, box_convert(boxes, *names), rtol=0, atol=1e-12)
    torch.testing.assert_close(PAIRS[names[::-1]](there), boxes, rtol=0, atol=1e-12)


@pytest.mark.parametrize("convert", PAIRS.values())
def test_no_boxes_and_boxes_by_image(convert):
    assert convert(torch.zeros(0, 4)).shape == (0, 4)
    boxes = some_boxes(6)
    assert torch.equal(convert(boxes.view(2, 3, 4)).view(6, 4), convert(boxes))


def test_whole_pixels_return_with_the_same_bits():
    boxes = some_boxes(200, torch.float32).mul(40).round()
    assert torch.equal(xywh_to_xyxy(xyxy_to_xywh(boxes)), boxes)
    assert torch.equal(cxcywh_to_xyxy(xyxy_to_cxcywh(boxes)), boxes)


def test_boxes_are_cut_at_the_edge():
    boxes = 2 * some_boxes(50) - 60
    assert torch.equal(clipped(boxes, 70, 90), clip_boxes_to_image(boxes, (70, 90)))
