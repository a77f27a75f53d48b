"""Anchors by hand, and as torchvision has them."""

import torch
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

from zoo.ops.boxes.anchor_grid import anchor_grid, base_anchors


def test_by_hand() -> None:
    base = base_anchors([8, 16], [1.0])
    assert base.tolist() == [[-4, -4, 4, 4], [-8, -8, 8, 8]]
    grid = anchor_grid(base, 2, 3, (10, 20))
    assert grid.shape == (12, 4)
    assert grid[:4].tolist() == [[-4, -4, 4, 4], [-8, -8, 8, 8], [16, -4, 24, 4], [12, -8, 28, 8]]
    assert grid[6].tolist() == [-4, 6, 4, 14]  # the second row


def test_as_torchvision() -> None:
    sizes, ratios = (32, 64, 111), (0.5, 1.0, 2.0)
    theirs = AnchorGenerator((sizes,), (ratios,))
    images = ImageList(torch.zeros(1, 3, 64, 96), [(64, 96)])
    [expected] = theirs(images, [torch.zeros(1, 1, 8, 6)])
    assert torch.equal(anchor_grid(base_anchors(sizes, ratios), 8, 6, (8, 16)), expected)
