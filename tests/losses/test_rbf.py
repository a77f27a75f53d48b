"""Eq. 9 of LeCun et al. 1998, written out term by term."""

import math

import torch

from zoo.losses.rbf import map_loss


def test_equals_the_formula():
    y = torch.tensor([[0.5, 3.0, 7.0], [4.0, 2.0, 9.0]], dtype=torch.float64)
    labels, j = torch.tensor([0, 2]), 1.5
    expected = 0.0
    for row, label in zip(y.tolist(), labels.tolist(), strict=True):
        expected += row[label] + math.log(math.exp(-j) + sum(math.exp(-v) for v in row))
    assert abs(map_loss(-y, labels, j).item() - expected / 2) < 1e-12


def test_gradient():
    y = torch.rand(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: map_loss(-v, torch.tensor([0, 1, 2, 1])), y)


def test_penalties_beyond_j_are_left_alone():
    """A wrong class that is already far away is pushed no further."""
    y = torch.tensor([[0.0, 200.0, 1.0]], requires_grad=True)
    map_loss(-y, torch.tensor([0]), j=5.0).backward()
    assert abs(y.grad[0, 1]) < 1e-12
    assert y.grad[0, 0] > 0  # descending lowers the right penalty
    assert y.grad[0, 2] < 0  # and raises the near wrong one


def test_large_penalties_do_not_overflow():
    loss = map_loss(torch.full((2, 10), -1e4), torch.tensor([1, 2]), j=1.0)
    assert torch.isfinite(loss)
