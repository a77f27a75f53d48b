"""Unexplained variance: against numpy's least squares; its two ends."""

import numpy as np
import pytest
import torch

from zoo.metrics.unexplained_variance import Shares, fit_readout, shares

DRAW = torch.Generator().manual_seed(0)
X, Y = torch.randn(200, 5, generator=DRAW), torch.randn(200, 3, generator=DRAW)


def test_against_numpys_least_squares():
    y = Y + X[:, :3]
    readout = fit_readout([(X[:80], y[:80]), (X[80:150], y[80:150])])
    a = np.concatenate([X.numpy(), np.ones((200, 1))], 1).astype(np.float64)
    weight = np.linalg.lstsq(a[:150], y[:150].numpy().astype(np.float64), rcond=None)[0]
    assert np.allclose(readout.weight.numpy(), weight, atol=1e-4)
    left = y[150:].numpy() - a[150:] @ weight
    expected = (left**2).sum() / (y[150:].numpy() ** 2).sum()
    assert shares(readout, X[150:], y[150:]).unexplained == pytest.approx(expected, rel=1e-4)


def test_all_of_a_linear_map_is_explained_and_nothing_of_noise():
    exact = X @ torch.randn(5, 3, generator=DRAW) + 2
    assert shares(fit_readout([(X, exact)]), X, exact).unexplained < 1e-5
    noise = torch.randn(4000, 1, generator=DRAW)
    x = torch.randn(4000, 2, generator=DRAW)
    assert shares(fit_readout([(x, noise)]), x, noise).unexplained == pytest.approx(1, abs=0.01)


def test_features_that_repeat_each_other_can_be_solved():
    double = torch.cat([X, X], 1)
    assert shares(fit_readout([(double, X)]), double, X).unexplained < 1e-5


def test_the_ends():
    assert np.isnan(Shares(0.0, 0.0).unexplained)
    with pytest.raises(ValueError, match="none"):
        fit_readout([])
