"""The vote of several networks is the mean of their probabilities."""

import pytest
import torch
from torch import nn

from zoo.errors import BadInput
from zoo.practice.ensemble import average


def models(*classes):
    torch.manual_seed(0)
    return [nn.Sequential(nn.Flatten(), nn.Linear(12, k)).double() for k in classes]


def test_it_is_the_mean_of_the_probabilities():
    parts, x = models(5, 5, 5), 4 * torch.randn(7, 3, 2, 2, dtype=torch.float64)
    p = torch.stack([part(x).softmax(1) for part in parts])
    got = average(*parts)(x)
    assert torch.allclose(got.exp(), p.mean(0), atol=1e-12)
    assert torch.allclose(got.softmax(1), p.mean(0), atol=1e-12)  # it stands where logits do
    weighted = average(*parts, weights=(1, 0, 3))(x)
    assert torch.allclose(weighted.exp(), p[0] / 4 + 3 * p[2] / 4, atol=1e-12)


def test_one_votes_alone():
    (part,), x = models(5), torch.randn(7, 3, 2, 2, dtype=torch.float64)
    assert torch.allclose(average(part)(x), part(x).log_softmax(1), atol=1e-12)


def test_logits_beyond_exp_do_not_overflow():
    parts = models(5, 5)
    got = average(*parts)(1e5 * torch.ones(1, 3, 2, 2, dtype=torch.float64))
    assert not torch.isnan(got).any()
    assert got.exp().sum().item() == pytest.approx(1)


def test_its_mode_is_that_of_its_parts():
    ensemble = average(nn.Dropout(), nn.Dropout()).eval()
    assert not any(part.training for part in ensemble.models)


@pytest.mark.parametrize("weights", [(1,), (1, -1), (0, 0), (1, float("nan"))])
def test_weights_that_cannot_be_are_refused(weights):
    with pytest.raises(BadInput, match="weight of 0 or more"):
        average(*models(5, 5), weights=weights)


def test_no_models_and_unlike_models_are_refused():
    with pytest.raises(BadInput, match="needs models"):
        average()
    with pytest.raises(BadInput, match="same classes, got 5, 4"):
        average(*models(5, 4))(torch.zeros(1, 3, 2, 2, dtype=torch.float64))
