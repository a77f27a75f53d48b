"""IoU and its kinds: by hand, against torchvision, without NaN where boxes have no area."""

import pytest
import torch
import torchvision.ops as peer

from tests.ops.boxes.test_formats import some_boxes
from zoo.ops.boxes.iou import (
    area,
    ciou,
    diou,
    giou,
    iou,
    paired_ciou,
    paired_diou,
    paired_giou,
    paired_iou,
    wh_iou,
)

KINDS = {
    "iou": (iou, paired_iou, peer.box_iou),
    "giou": (giou, paired_giou, peer.generalized_box_iou),
    "diou": (diou, paired_diou, peer.distance_box_iou),
    "ciou": (ciou, paired_ciou, peer.complete_box_iou),
}
LOSSES = {
    paired_giou: peer.generalized_box_iou_loss,
    paired_diou: peer.distance_box_iou_loss,
    paired_ciou: peer.complete_box_iou_loss,
}
POINT = [5.0, 5.0, 5.0, 5.0]
NO_AREA = [POINT, [5.0, 0.0, 5.0, 9.0], [0.0, 5.0, 9.0, 5.0], [0.0, 0.0, 9.0, 9.0], POINT]


@pytest.mark.parametrize("kind", KINDS)
def test_pairs_are_torchvisions(kind):
    ours, paired, theirs = KINDS[kind]
    a, b = some_boxes(40)[:25], some_boxes(40)[20:]
    torch.testing.assert_close(ours(a, b), theirs(a, b), rtol=0, atol=1e-6)  # theirs has an epsilon
    torch.testing.assert_close(paired(a[:20], b), ours(a[:20], b).diagonal(), rtol=0, atol=0)
    assert ours(a, b).shape == (25, 20)
    assert ours(a[:0], b).shape == (0, 20)
    assert ours(a, b[:0]).shape == (25, 0)


def test_by_hand():
    a = torch.tensor([[0.0, 0.0, 4.0, 2.0]])
    b = torch.tensor([[2.0, 0.0, 6.0, 2.0], [4.0, 0.0, 8.0, 2.0], [0.0, 0.0, 4.0, 2.0]])
    assert area(b).tolist() == [8, 8, 8]
    torch.testing.assert_close(iou(a, b), torch.tensor([[4 / 12, 0, 1]]))
    torch.testing.assert_close(giou(a, b), torch.tensor([[4 / 12, 0, 1]]))  # the hull is full
    far = torch.tensor([[8.0, 0.0, 12.0, 2.0]])
    assert float(giou(a, far)) == pytest.approx(-8 / 24)
    assert float(diou(a, far)) == pytest.approx(-64 / (144 + 4))
    assert float(ciou(a, far)) == float(diou(a, far))  # the same aspect ratio


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_without_area_give_numbers_and_finite_gradients(kind):
    pairs, paired, _ = KINDS[kind]
    boxes = torch.tensor(NO_AREA)
    assert pairs(boxes, boxes).isfinite().all()
    if kind == "iou":
        expected = torch.zeros(5, 5)
        expected[3, 3] = 1
        assert torch.equal(pairs(boxes, boxes), expected)
    a, b = boxes.clone().requires_grad_(), boxes.flip(0).clone().requires_grad_()
    (paired(a, b).sum() + paired(a, boxes).sum()).backward()
    assert a.grad.isfinite().all()
    assert b.grad.isfinite().all()


@pytest.mark.parametrize("paired", LOSSES)
def test_gradients_are_torchvisions(paired):
    a, b = some_boxes(40)[:20], some_boxes(40)[20:]
    ours, theirs = a.clone().requires_grad_(), a.clone().requires_grad_()
    (1 - paired(ours, b)).sum().backward()
    LOSSES[paired](theirs, b, reduction="sum").backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-6)


def test_a_box_turned_inside_out_overlaps_nothing():
    boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [7.0, 2.0, 3.0, 6.0], [7.0, 6.0, 3.0, 2.0]])
    assert torch.equal(iou(boxes, boxes), torch.diag(torch.tensor([1.0, 0.0, 0.0])))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_spoils_its_own_pairs_only(bad):
    boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, bad, bad]])
    found = iou(boxes, boxes)
    assert found[0, 0] == 1
    assert all(x.isnan() or x == 0 for x in found.flatten()[1:])


def test_sizes_are_compared_at_the_same_corner():
    sizes = some_boxes(30)[:, 2:]
    at_origin = torch.cat([torch.zeros_like(sizes), sizes], 1)
    torch.testing.assert_close(wh_iou(sizes[:10], sizes), iou(at_origin[:10], at_origin))
    assert wh_iou(torch.zeros(1, 2), torch.zeros(1, 2)).tolist() == [[0.0]]
