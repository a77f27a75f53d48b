"""Non-maximum suppression: the fast path is the readable one, on ties and at the threshold too."""

import math

import pytest
import torch
import torchvision.ops as peer

from zoo.errors import BadInput
from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.nms import nms, nms_per_class, plain_nms

THRESHOLDS = (0.0, 0.25, 0.3, 1 / 3, 0.45, 0.5, 0.75, 1.0)


def crowded(seed, most=16, dtype=torch.float32):
    """Boxes on a grid of 8, so that IoU is often exactly a fraction; scores of five values."""
    rng = torch.Generator().manual_seed(seed)
    n = int(torch.randint(0, most, (1,), generator=rng))
    corners = torch.randint(0, 8, (n, 2, 2), generator=rng).sort(1).values
    boxes = corners.reshape(n, 4).to(dtype)  # some without area
    scores = torch.randint(0, 5, (n,), generator=rng).to(dtype) / 4
    labels = torch.randint(-1, 3, (n,), generator=rng)
    return boxes, scores, labels


def test_fast_is_readable_in_a_thousand_cases():
    ties = at_threshold = 0
    for seed in range(1000):
        boxes, scores, _ = crowded(seed)
        threshold = THRESHOLDS[seed % len(THRESHOLDS)]
        expected = plain_nms(boxes, scores, threshold)
        assert torch.equal(nms(boxes, scores, threshold), expected), seed
        ties += len(scores) > len(scores.unique())
        at_threshold += bool((iou(boxes, boxes).triu(1) == threshold).any())
    assert ties > 700
    assert at_threshold > 200  # the cases are what they should be


def test_fast_is_readable_on_any_numbers():
    rng = torch.Generator().manual_seed(0)
    for dtype in (torch.float32, torch.float64):
        corners = 100 * torch.rand(300, 2, 2, generator=rng, dtype=dtype)
        boxes, scores = corners.sort(1).values.reshape(300, 4), torch.rand(300, generator=rng)
        assert torch.equal(nms(boxes, scores, 0.45), plain_nms(boxes, scores, 0.45))


def test_by_hand():
    boxes = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 8], [0, 0, 10, 4], [50, 50, 60, 60]])
    scores = torch.tensor([0.8, 0.9, 0.7, 0.1])
    for either in (nms, plain_nms):
        assert either(boxes, scores, 0.5).tolist() == [1, 2, 3]  # IoU .8; of box 2 exactly .5
        assert either(boxes, scores, 0.49).tolist() == [1, 3]
        assert either(boxes, torch.ones(4), 0.5).tolist() == [0, 2, 3]  # of equals the first


def test_the_order_of_boxes_does_not_matter():
    boxes, _, _ = crowded(3, 100)
    scores = torch.rand(len(boxes), generator=torch.Generator().manual_seed(0))
    turned = torch.randperm(len(boxes), generator=torch.Generator().manual_seed(1))
    assert torch.equal(turned[nms(boxes[turned], scores[turned], 0.3)], nms(boxes, scores, 0.3))


def one_class_after_the_other(boxes, scores, labels, threshold):
    kept = []
    for label in labels.unique():
        own = (labels == label).nonzero()[:, 0]
        kept += own[plain_nms(boxes[own], scores[own], threshold)].tolist()
    return sorted(kept, key=lambda i: (-float(scores[i]), i))


def test_classes_do_not_disturb_each_other():
    for seed in range(200):
        boxes, scores, labels = crowded(seed)
        expected = one_class_after_the_other(boxes, scores, labels, 0.4)
        assert nms_per_class(boxes, scores, labels, 0.4).tolist() == expected, seed


@pytest.mark.parametrize("offset", [1e6, -2.0])
def test_far_coordinates_stay_exact_where_an_offset_by_class_does_not(offset):
    """Offsets round large coordinates, and let negative ones reach into the next class."""
    boxes, scores, labels = crowded(12, 300)
    scores = scores + torch.arange(len(scores)) / 1e4
    boxes, labels = boxes / 8, labels + 1
    moved = boxes + offset
    expected = one_class_after_the_other(boxes, scores, labels, 0.4)
    assert nms_per_class(moved, scores, labels, 0.4).tolist() == expected
    largest = moved.max() + 1
    apart = nms(moved + labels[:, None] * largest, scores, 0.4).tolist()
    assert apart != expected


def test_nothing_one_and_half_precision():
    for either in (nms, plain_nms):
        assert either(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []
        assert either(torch.zeros(1, 4), torch.zeros(1), 0.5).tolist() == [0]
        half = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 9]]).half()
        assert either(half, torch.tensor([0.5, 0.75]).bfloat16(), 0.5).tolist() == [1]
    empty = nms_per_class(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0).long(), 0.5)
    assert empty.tolist() == []
    assert empty.dtype == torch.int64


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", ["box", "score"])
def test_what_is_not_finite_is_named(bad, where):
    boxes, scores = torch.tensor([[0.0, 0, 1, 1]] * 3), torch.ones(3)
    (boxes[1] if where == "box" else scores)[1] = bad
    for either in (nms, plain_nms, lambda *x: nms_per_class(*x[:2], torch.ones(3), x[2])):
        with pytest.raises(BadInput, match="must be finite, got box 1"):
            either(boxes, scores, 0.5)


def test_boxes_whose_sum_is_not_finite_are_none_the_worse():
    boxes = torch.tensor([[0.0, 0.0, 3e38, 3e38], [0.0, 0.0, 3e38, 1e38], [0.0, 0.0, 9.0, 9.0]])
    for either in (nms, plain_nms):
        assert either(boxes, torch.tensor([0.5, 0.25, 1.0]), 0.5).tolist() == [2, 0, 1]


@pytest.mark.parametrize("shapes", [((3, 5), (3,)), ((3, 4), (2,)), ((4,), (1,)), ((3, 4), (3, 1))])
def test_other_shapes_are_refused(shapes):
    with pytest.raises(BadInput, match=r"boxes must be \(n, 4\)"):
        nms(*map(torch.zeros, shapes), 0.5)


def test_labels_must_be_as_many():
    with pytest.raises(BadInput, match="labels must be as many"):
        nms_per_class(torch.zeros(3, 4), torch.zeros(3), torch.zeros(2).long(), 0.5)


def test_torchvision_keeps_the_same_boxes_by_class():
    boxes, scores, labels = crowded(5, 60)
    theirs = peer.boxes._batched_nms_vanilla(boxes, scores, labels, 0.4)
    assert set(nms_per_class(boxes, scores, labels, 0.4).tolist()) == set(theirs.tolist())
