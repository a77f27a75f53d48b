"""What the losses of YOLOv2 and v3 share."""

import pytest
import torch

from zoo.losses.yolo_truths import covered, places, truths
from zoo.ops.boxes.objects import objects


def test_objects_of_a_batch_stand_one_after_another_without_those_marked():
    labels = [
        objects([[0, 0, 10, 20], [4, 4, 8, 6]], [1, 2], difficult=[False, True]),
        objects([], []),
        objects([[1, 1, 2, 3], [10, 0, 14, 10]], [0, 3], crowd=[True, False]),
    ]
    found = truths(labels, torch.float64)
    assert found.image.tolist() == [0, 2]
    assert found.label.tolist() == [1, 3]
    assert found.center.tolist() == [[5, 10], [12, 5]]
    assert found.size.tolist() == [[10, 20], [4, 10]]
    assert found.size.dtype == torch.float64


def test_a_box_covers_an_object_of_its_own_image_only():
    labels = [objects([[0, 0, 10, 10], [20, 20, 30, 30]], [0, 0]), objects([[0, 0, 4, 4]], [0])]
    boxes = torch.tensor([[0.0, 0, 10, 10], [20, 20, 30, 30], [0, 0, 4, 4]])
    expected = [[True, True, False], [False, False, True]]
    found = covered(boxes.view(1, 3, 1, 1, 4).expand(2, 3, 1, 1, 4), labels, 0.5)
    assert found.shape == (2, 3, 1, 1)
    assert found.flatten(1).tolist() == expected


@pytest.mark.parametrize(("above", "expected"), [(0.5, False), (0.499, True)])
def test_an_iou_as_high_as_the_limit_does_not_cover(above, expected):
    boxes = torch.tensor([0.0, 0, 4, 2]).view(1, 1, 1, 1, 4)
    assert covered(boxes, [objects([[0, 0, 4, 4]], [0])], above).item() == expected


def test_empty_boxes_and_those_without_end_cover_nothing():
    labels = [objects([[0, 0, 10, 10]], [0]), objects([], [])]
    inf, nan = float("inf"), float("nan")
    rows = [[0.0, 0, 0, 0], [-inf, -inf, inf, inf], [nan, nan, nan, nan]]
    boxes = torch.tensor(rows).view(1, 1, 1, 3, 4).expand(2, 1, 1, 3, 4)
    assert not covered(boxes, labels, 0.0).any()
    assert not covered(boxes, [objects([], [])] * 2, 0.0).any()


def test_an_object_is_in_the_cell_of_its_center_and_the_last_counts():
    labels = [
        objects([[0, 0, 16, 16], [50, 20, 78, 28], [52, 22, 76, 26]], [0, 1, 2]),
        objects([[0, 0, 64, 32], [60, 28, 68, 36], [-60, -60, 260, 90]], [0, 1, 2]),
    ]
    target = truths(labels, torch.float32)
    raw = torch.zeros(2, 3, 4, 8, 6)  # cells of 8 pixels: 64 x 32
    place = places(target, torch.tensor([0, 2, 2, 1, 0, 1]), raw, 8)
    image, anchor, row, column = (each.tolist() for each in place.at)
    assert image == [0, 0, 0, 1, 1, 1]
    assert anchor == [0, 2, 2, 1, 0, 1]
    assert row == [1, 3, 3, 2, 3, 1]
    assert column == [1, 7, 7, 4, 7, 7]
    assert place.offset.tolist() == [[0, 0], [1, 0], [1, 0], [0, 0], [1, 1], [1, 0.875]]
    assert place.last.tolist() == [0, 2, 2, 3, 4, 5]
    assert place.counts.flatten().tolist() == [1, 0, 1, 1, 1, 1]
    shares = [256 / 2048, None, 96 / 2048, 1, 64 / 2048, 1]
    expected = [0 if share is None else 2 - share for share in shares]
    assert place.scale.flatten().tolist() == pytest.approx(expected)
