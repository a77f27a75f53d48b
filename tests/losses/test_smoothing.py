"""Smoothed labels: Szegedy's formula, for labels of both kinds and objectives of every shape."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from zoo.errors import BadInput
from zoo.losses.smoothing import smoothed


def several(outputs, labels, weight=0.3, objective=F.cross_entropy):
    """A loss over several outputs, as networks with auxiliary heads have it."""
    return objective(outputs[0], labels) + weight * objective(outputs[1], labels)


def by_formula(logits, q, eps):
    q = (1 - eps) * q + eps / q.shape[1]
    return -(q * logits.log_softmax(1)).sum(1).mean()


def batch():
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 5, generator=draw, dtype=torch.float64)
    return logits, torch.tensor([0, 4, 2, 2, 1, 3])


@pytest.mark.parametrize("eps", [0.0, 0.1, 0.9])
def test_it_is_the_papers_formula(eps):
    logits, labels = batch()
    q = F.one_hot(labels, 5).double()
    right = by_formula(logits, q, eps)
    assert torch.allclose(smoothed(F.cross_entropy, eps)(logits, labels), right, atol=1e-12)
    assert torch.allclose(smoothed(F.cross_entropy, eps)(logits, q), right, atol=1e-12)
    mixed = 0.7 * q + 0.3 * q.roll(1, 0)
    got = smoothed(F.cross_entropy, eps)(logits, mixed)
    assert torch.allclose(got, by_formula(logits, mixed, eps), atol=1e-12)


def test_a_loss_over_several_outputs_smooths_each():
    logits, labels = batch()
    q = F.one_hot(labels, 5).double()
    first, second = by_formula(logits, q, 0.2), by_formula(-logits, q, 0.2)
    for loss, weight in ((several, 0.3), (partial(several, weight=0.5), 0.5)):
        got = smoothed(loss, 0.2)((logits, -logits), labels)
        assert torch.allclose(got, first + weight * second, atol=1e-12)


def test_class_weights_stay():
    logits, labels = batch()
    weights = torch.tensor([1.0, 2, 3, 4, 5], dtype=torch.float64)
    weighted = partial(F.cross_entropy, weight=weights)
    right = F.cross_entropy(logits, labels, weight=weights, label_smoothing=0.1)
    assert torch.equal(smoothed(weighted, 0.1)(logits, labels), right)
    within = smoothed(partial(several, objective=weighted), 0.1)
    assert torch.allclose(within((logits, logits), labels), 1.3 * right)


def test_smoothing_twice_is_smoothing_once():
    logits, labels = batch()
    once = smoothed(F.cross_entropy, 0.1)
    assert torch.equal(smoothed(once, 0.1)(logits, labels), once(logits, labels))


@pytest.mark.parametrize("eps", [-0.1, 1.0, float("nan")])
def test_an_epsilon_that_cannot_be_is_refused(eps):
    with pytest.raises(BadInput, match="label_smoothing must be from 0 to below 1"):
        smoothed(F.cross_entropy, eps)


def test_a_loss_that_is_no_cross_entropy_is_refused():
    with pytest.raises(BadInput, match="need cross-entropy"):
        smoothed(F.mse_loss, 0.1)
