"""Scores of localization, by hand and against torchvision's IoU."""

import torch
from torchvision.ops import box_iou

from zoo.metrics.localization import Boxes, Found, Points, corners, read_outputs
from zoo.models.localizer import Landmark, Localizer


def found(p, boxes, labels):
    return Found(torch.tensor(p), torch.tensor(boxes).view(-1, 2, 2), torch.tensor(labels))


SAID = found(
    [0.9, 0.4, 0.8, 0.7],
    [[0.0, 0.0, 0.5, 0.5], [0.1, 0.1, 0.3, 0.3], [0.0, 0.0, 1.0, 1.0], [0.2, 0.2, 0.4, 0.4]],
    [0, 1, 0, 1],
)
TRUE = found(
    [1.0, 1.0, 1.0, 0.0],
    [[0.0, 0.0, 0.5, 0.4], [0.1, 0.1, 0.3, 0.3], [0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 0.0]],
    [0, 1, 1, -1],
)


def test_boxes_by_hand():
    """IoU 0.8, 1 and 0.25; the second p is wrong, and the last; the third class is wrong."""
    scores = Boxes.scores(Boxes.each(SAID, TRUE).sum(0), 4)
    expected = {"iou": 2.05 / 3, "p_error": 50.0, "class_error": 100 / 3, "found": 100 / 3}
    assert scores.keys() == expected.keys() == Boxes.SCORES.keys()
    for name, value in expected.items():
        assert abs(scores[name] - value) < 1e-4, name


def test_iou_is_torchvisions():
    draw = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 50, 2, 2, generator=draw)
    ones, labels = torch.ones(50), torch.zeros(50).long()
    got = Boxes.each(Found(ones, a, labels), Found(ones, b, labels))[:, 1]
    assert torch.allclose(got.float(), box_iou(corners(a), corners(b)).diagonal(), atol=1e-6)


def test_points_by_hand():
    said = Found(torch.tensor([0.9, 0.1]), torch.zeros(2, 2, 2), torch.zeros(2).long())
    spots = torch.tensor([[[0.3, 0.4], [0.0, 0.1]], [[0.0, 0.0], [0.0, 0.0]]])
    true = Found(torch.tensor([1.0, 0.0]), spots, torch.tensor([0, -1]))
    scores = Points.scores(Points.each(said, true).sum(0), 2)
    assert abs(scores["distance"] - 30.0) < 1e-4  # 0.5 and 0.1
    assert scores["p_error"] == 0


def test_without_an_object_nothing_is_nan():
    nothing = Found(torch.zeros(4), torch.zeros(4, 2, 2), torch.full((4,), -1))
    said = Found(torch.full((4,), 0.2), torch.zeros(4, 2, 2), torch.zeros(4).long())
    none = {"iou": 0.0, "p_error": 0.0, "class_error": 0.0, "found": 0.0}
    assert Boxes.scores(Boxes.each(said, nothing).sum(0), 4) == none
    assert Points.scores(Points.each(said, nothing).sum(0), 4) == {"distance": 0.0, "p_error": 0.0}


def test_outputs_are_read_in_the_notes_order():
    y = torch.tensor([[2.0, 0.0, 0.0, -1.0, -2.0, 0.1, 0.9]])
    read = read_outputs(y, Localizer.decode, 4)
    box = torch.cat([read.points[0, 0], read.points[0, 1]])
    height, width = torch.tensor([-1.0, -2.0]).sigmoid()
    half = torch.stack([width, height]) / 2
    assert torch.allclose(box, torch.cat([0.5 - half, 0.5 + half]))
    assert read.labels.tolist() == [1]
    assert torch.allclose(read.p, torch.tensor([2.0]).sigmoid())
    marks = read_outputs(torch.zeros(1, 5), Landmark.decode, 4)
    assert torch.equal(marks.points, torch.full((1, 2, 2), 0.5))
    assert marks.labels.tolist() == [0]
