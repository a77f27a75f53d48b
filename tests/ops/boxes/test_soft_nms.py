"""Soft-NMS: against the paper's algorithm as loops over numbers, and its two limits."""

import math

import pytest
import torch

from tests.ops.boxes.test_nms import crowded
from zoo.errors import BadInput
from zoo.ops.boxes.nms import nms
from zoo.ops.boxes.soft_nms import gaussian_soft_nms, linear_soft_nms


def overlap(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    inter = max(width, 0) * max(height, 0)
    union = sum((x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)) - inter
    return inter / union if union else 0.0


def figure_2(boxes, scores, penalty, least):
    """The paper's pseudo-code: B and S are emptied, D is filled."""
    left = {i: s for i, s in enumerate(scores) if s >= least}
    found = []
    while left:
        m = max(left, key=lambda i: (left[i], -i))
        found.append((m, left.pop(m)))
        for i in list(left):
            left[i] *= penalty(overlap(boxes[m], boxes[i]))
            if left[i] < least:
                del left[i]
    return found


CASES = {
    "linear": (linear_soft_nms, lambda o: 1 - o if o >= 0.3 else 1.0),
    "gaussian": (gaussian_soft_nms, lambda o: math.exp(-o * o / 0.5)),
}


@pytest.mark.parametrize("kind", CASES)
def test_as_the_papers_figure(kind):
    ours, penalty = CASES[kind]
    for seed in range(40):
        boxes, scores, _ = crowded(seed, dtype=torch.float64)
        index, found = ours(boxes, scores, least=0.05)
        expected = figure_2(boxes.tolist(), scores.tolist(), penalty, 0.05)
        assert index.tolist() == [i for i, _ in expected], seed
        assert found.tolist() == pytest.approx([s for _, s in expected])
        assert found.tolist() == sorted(found.tolist(), reverse=True)


def test_boxes_apart_keep_their_scores_and_copies_lose_them():
    apart = torch.tensor([[0.0, 0, 1, 1], [5.0, 5, 6, 6]])
    for soft in (linear_soft_nms, gaussian_soft_nms):
        index, scores = soft(apart, torch.tensor([0.25, 0.5]))
        assert index.tolist() == [1, 0]
        assert scores.tolist() == [0.5, 0.25]
    twice = apart[:1].repeat(3, 1)
    assert linear_soft_nms(twice, torch.ones(3))[0].tolist() == [0]
    assert (
        gaussian_soft_nms(twice, torch.ones(3), 1e-3)[0].tolist()
        == nms(twice, torch.ones(3), 0.5).tolist()
    )


def test_nothing_and_what_is_not_finite():
    assert [len(x) for x in linear_soft_nms(torch.zeros(0, 4), torch.zeros(0))] == [0, 0]
    with pytest.raises(BadInput, match="must be finite"):
        gaussian_soft_nms(torch.full((1, 4), math.nan), torch.ones(1))
