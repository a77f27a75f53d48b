"""What the losses of YOLOv2 and v3 share."""

import pytest
import torch

from zoo.losses.yolo_truths import covered, last_of_each, truths
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
    boxes = torch.tensor([[0.0, 0, 10, 10], [20, 20, 30, 30], [0, 0, 4, 4]]).expand(2, 3, 4)
    expected = [[True, True, False], [False, False, True]]
    assert covered(boxes, labels, 0.5).tolist() == expected


@pytest.mark.parametrize(("above", "expected"), [(0.5, False), (0.499, True)])
def test_an_iou_as_high_as_the_limit_does_not_cover(above, expected):
    boxes = torch.tensor([[[0.0, 0, 4, 2]]])
    assert covered(boxes, [objects([[0, 0, 4, 4]], [0])], above).item() == expected


def test_empty_boxes_and_those_without_end_cover_nothing():
    labels = [objects([[0, 0, 10, 10]], [0]), objects([], [])]
    inf, nan = float("inf"), float("nan")
    rows = [[0.0, 0, 0, 0], [-inf, -inf, inf, inf], [nan, nan, nan, nan]]
    boxes = torch.tensor(rows).expand(2, 3, 4)
    assert not covered(boxes, labels, 0.0).any()
    assert not covered(boxes, [objects([], [])] * 2, 0.0).any()


def test_the_last_row_of_each_slot():
    slots = torch.tensor([3, 0, 3, 3, 1, 0])
    assert last_of_each(slots, 5).tolist() == [3, 5, 3, 3, 4, 5]
    assert last_of_each(slots[:0], 5).shape == (0,)
