"""Sizes of training batches."""

import pytest
import torch

from zoo.data.image.boxes.input_sizes import DARKNET, NAMED, multi_scale, rescaled
from zoo.errors import BadInput
from zoo.ops.boxes.objects import objects

SQUARE = (416, 416)


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


def test_sizes_change_every_so_many_images_by_the_seed() -> None:
    size = multi_scale(every=640)
    first = [size(seen, SQUARE, 32) for seen in range(0, 640 * 60, 64)]
    runs = [first[i : i + 10] for i in range(0, len(first), 10)]
    assert all(len(set(run)) == 1 for run in runs)
    assert {run[0] for run in runs} == set(DARKNET)
    assert DARKNET[0] == (320, 320)
    assert DARKNET[-1] == (608, 608)
    assert len(DARKNET) == 10
    again = [multi_scale(every=640)(seen, SQUARE, 32) for seen in range(0, 640 * 60, 64)]
    assert again == first  # it needs no state: a resumed run has the same sizes
    assert [multi_scale(seed=1)(64 * i, SQUARE, 32) for i in range(600)] != first


def test_sizes_are_in_proportion_to_the_images_in_whole_cells() -> None:
    size = NAMED["multi_scale"]()
    assert size is not None
    drawn = {size(80 * n, (320, 416), 32) for n in range(100)}
    assert {width for _, width in drawn} == {width for _, width in DARKNET}
    assert {(256, 320), (320, 416), (480, 608)} <= drawn
    assert size(0, (448, 448), 448) == (448, 448)  # of YOLOv1, whose size is fixed
    assert size(0, (32, 32), 32) == (32, 32)
    assert multi_scale([(96, 64)])(0, SQUARE, 32) == (96, 64)
    assert NAMED["none"]() is None


def test_sizes_that_are_none_are_refused() -> None:
    with pytest.raises(BadInput, match="multi_scale needs sizes"):
        multi_scale([])
    with pytest.raises(BadInput, match="every >= 1, got 10 and 0"):
        multi_scale(every=0)
