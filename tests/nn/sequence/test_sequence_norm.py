"""Batch norm over real steps: torch's on what is left without the padding."""

import torch
from torch import nn

from zoo.nn.sequence.sequence_norm import SequenceNorm


def pair(features=3):
    torch.manual_seed(0)
    ours, theirs = SequenceNorm(features).double(), nn.BatchNorm1d(features).double()
    with torch.no_grad():
        ours.weight.uniform_(0.5, 2)
        ours.bias.normal_()
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def test_training_it_is_batch_norm_of_the_real_steps_and_so_are_its_statistics():
    ours, theirs = pair()
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    real = torch.arange(5) < torch.tensor([[5], [2]])
    x[~real] = 1e6  # would be seen
    out = ours(x, real)
    assert torch.allclose(out[real], theirs(x[real]), atol=1e-12)
    assert not out[~real].any()
    assert torch.allclose(ours.running_mean, theirs.running_mean, atol=1e-12)
    assert torch.allclose(ours.running_var, theirs.running_var, atol=1e-12)


def test_maps_are_normalised_over_time_and_bands():
    ours, theirs = pair()
    x = torch.randn(2, 5, 4, 3, dtype=torch.float64)
    real = torch.ones(2, 5, dtype=torch.bool)
    expected = theirs(x.flatten(0, 2)).view_as(x)
    assert torch.allclose(ours(x, real), expected, atol=1e-12)


def test_in_eval_mode_it_is_batch_norm_with_the_running_averages():
    ours, theirs = pair()
    x, real = torch.randn(2, 5, 3, dtype=torch.float64), torch.ones(2, 5, dtype=torch.bool)
    ours(x, real), theirs(x.flatten(0, 1))
    ours.eval(), theirs.eval()
    assert torch.allclose(ours(x, real).flatten(0, 1), theirs(x.flatten(0, 1)), atol=1e-12)
    assert torch.equal(ours(x, real)[:1], ours(x[:1], real[:1]))
