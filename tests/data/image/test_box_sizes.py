"""Sizes of training batches."""

import torch

from zoo.data.image.box_sizes import rescaled
from zoo.ops.boxes.objects import objects


def test_boxes_are_stretched_with_their_image() -> None:
    images = torch.zeros(1, 3, 40, 80)
    images[:, :, 10:20, 40:60] = 1
    small, (found,) = rescaled(images, [objects([[40, 10, 60, 20]], [0])], (20, 20))
    assert small.shape == (1, 3, 20, 20)
    assert found.boxes.tolist() == [[10, 5, 15, 10]]
    inside = small[0, 0, 5:10, 10:15]
    assert inside.mean() > 0.85 > 0.2 > (small.sum() / 3 - inside.sum()) / 375
    same, _ = rescaled(images, [], (40, 80))
    assert same is images
