"""Changes of images with boxes by name."""

import pytest
import torch

from zoo.ops.boxes.objects import objects
from zoo.recipes.common.box_changes import NAMED


@pytest.mark.parametrize("name", NAMED)
def test_every_name_is_a_change_of_images_and_boxes(name):
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (8, 3, 64, 96), generator=draw, dtype=torch.uint8)
    truth = [objects([[20, 10, 50, 40]], [0])] * 8
    made, found = NAMED[name]()(pixels, truth, draw)
    assert made.shape == pixels.shape
    assert made.dtype == torch.uint8
    assert len(found) == 8
    moved = [not torch.equal(one.boxes, truth[0].boxes) for one in found]
    assert torch.equal(made, pixels) == (name == "none")
    assert any(moved) == (name not in ("none", "colour"))
