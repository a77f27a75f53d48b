"""GloVe's loss: the paper's formulas, number by number."""

import math

import pytest
import torch

from zoo.losses.glove import glove_loss, weighting


def test_the_loss_is_the_formula():
    scores, counts = [0.3, -1.2, 2.0, 0.0], [0.1, 7.0, 100.0, 2500.0]
    by_hand = 0.0
    for score, count in zip(scores, counts, strict=True):
        f = (count / 100) ** 0.75 if count < 100 else 1.0
        by_hand += f * (score - math.log(count)) ** 2
    loss = glove_loss(*(torch.tensor(t, dtype=torch.float64) for t in (scores, counts)))
    assert loss.item() == pytest.approx(by_hand / 2 / 4, rel=1e-12)


def test_x_max_and_alpha_are_heard():
    counts = torch.tensor([0.5, 5.0, 10.0, 11.0]).double()
    expected = torch.tensor([0.05**0.5, 0.5**0.5, 1, 1]).double()
    torch.testing.assert_close(weighting(counts, x_max=10, alpha=0.5), expected)


def test_gradients():
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(6, generator=generator).double().requires_grad_()
    counts = 200 * torch.rand(6, generator=generator).double() + 0.05
    assert torch.autograd.gradcheck(lambda s: glove_loss(s, counts), scores)
    glove_loss(scores, counts).backward()
    closed = weighting(counts) * (scores - counts.log()) / 6
    torch.testing.assert_close(scores.grad, closed.detach(), rtol=1e-12, atol=0)
