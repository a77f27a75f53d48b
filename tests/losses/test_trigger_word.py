"""The loss of rare ones, beside a loop over the steps."""

import math

import pytest
import torch

from zoo.losses.trigger_word import rare_positives_loss


def test_it_is_the_two_means_weighted():
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 20, generator=draw, dtype=torch.float64)
    target = (torch.rand(3, 20, generator=draw) < 0.2).double()
    counts = (torch.rand(3, 20, generator=draw) < 0.8).double()
    ones, zeros = [], []
    for x, y, c in zip(logits.flatten(), target.flatten(), counts.flatten(), strict=True):
        p = 1 / (1 + math.exp(-x))
        if c and y:
            ones.append(-math.log(p))
        elif c:
            zeros.append(-math.log(1 - p))
    expected = 0.3 * sum(ones) / len(ones) + 0.7 * sum(zeros) / len(zeros)
    assert rare_positives_loss(logits, target, counts, 0.3).item() == pytest.approx(expected)


def test_steps_that_do_not_count_have_no_gradient():
    logits = torch.zeros(1, 4, requires_grad=True)
    target = torch.tensor([[1.0, 1, 0, 0]])
    counts = torch.tensor([[1.0, 0, 1, 0]])
    rare_positives_loss(logits, target, counts, 0.3).backward()
    assert logits.grad[0].tolist() == pytest.approx([-0.15, 0, 0.35, 0])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_batch_of_one_kind_only_is_finite(value):
    loss = rare_positives_loss(torch.zeros(2, 3), torch.full((2, 3), value), torch.ones(2, 3), 0.3)
    assert loss.item() == pytest.approx((0.3 if value else 0.7) * math.log(2))
