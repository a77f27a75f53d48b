"""The proposal network's loss: which anchors count, by hand."""

import math

import pytest
import torch

from zoo.losses.faster_rcnn import proposal_loss
from zoo.nn.regions.proposal import Proposed
from zoo.ops.boxes.objects import objects

ANCHORS = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 5], [50, 50, 60, 60]])


def test_by_hand() -> None:
    # with the truth 0 0 10 9: IoU .9 an object, 5/9 ignored, 0 background
    deltas = torch.zeros(1, 3, 4)
    deltas[0, 0] = torch.tensor([0.0, -0.05, 1.0, math.log(0.9)])  # right but for dw, which is 0
    deltas[0, 1:] = 99.0
    said = Proposed(ANCHORS, torch.tensor([[2.0, 50.0, -1.0]]), deltas, torch.zeros(3))
    truth = [objects([[0, 0, 10, 9]], [4])]
    parts = proposal_loss(said, truth, (0.3, 0.7), torch.Generator())
    expected = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))) / 2
    assert float(parts["objectness"]) == pytest.approx(expected)
    assert float(parts["anchor"]) == pytest.approx((1 - 1 / 18) / 2, rel=1e-5)


def test_without_objects_all_anchors_are_background() -> None:
    said = Proposed(ANCHORS, torch.zeros(2, 3), torch.full((2, 3, 4), 9.0), torch.zeros(3))
    parts = proposal_loss(said, [objects([], [])] * 2, (0.3, 0.7), torch.Generator())
    assert float(parts["objectness"]) == pytest.approx(math.log(2))
    assert float(parts["anchor"]) == 0
