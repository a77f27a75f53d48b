"""Both errors against scikit-learn's curve and against counting; the thresholds that are chosen."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn import metrics

from zoo.errors import BadInput
from zoo.metrics.verification.roc import error_rates, roc_curve

VALUES = st.lists(st.integers(0, 12), min_size=1, max_size=30)


def drawn(seed, same=70, two=400):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(same, generator=draw).abs(), torch.randn(two, generator=draw).abs() + 0.8


def theirs(same, two):
    labels = np.r_[np.ones(len(same)), np.zeros(len(two))]
    return metrics.roc_curve(labels, -torch.cat([same, two]).numpy(), drop_intermediate=False)


@pytest.mark.parametrize("seed", range(4))
def test_the_curve_is_scikit_learns(seed):
    same, two = drawn(seed)
    same = same.round(decimals=1)  # ties
    false_accept, true_accept, thresholds = theirs(same, two)
    curve = roc_curve(same, two)
    np.testing.assert_allclose(curve.false_accept / 100, false_accept, atol=1e-12)
    np.testing.assert_allclose(1 - curve.false_reject / 100, true_accept, atol=1e-12)
    np.testing.assert_allclose(curve.thresholds[1:], -thresholds[1:])


@pytest.mark.parametrize("seed", range(4))
def test_the_equal_error_rate_lies_on_the_line_through_the_points(seed):
    same, two = drawn(seed)
    false_accept, true_accept, _ = theirs(same, two)
    line = interp1d(false_accept, true_accept)
    expected = brentq(lambda x: 1 - x - line(x), 0.0, 1.0)
    assert roc_curve(same, two).eer == pytest.approx(100 * expected, abs=1e-3)


def test_a_curve_by_hand():
    curve = roc_curve(torch.tensor([1.0, 2.0, 5.0]), torch.tensor([2.0, 4.0, 6.0, 7.0]))
    assert curve.thresholds.tolist() == [-np.inf, 1, 2, 4, 5, 6, 7]
    assert curve.false_accept.tolist() == [0, 0, 25, 50, 50, 75, 100]
    assert curve.false_reject.tolist() == pytest.approx([100, 200 / 3, 100 / 3, 100 / 3, 0, 0, 0])
    # between (25, 33.3) and (50, 33.3)
    assert curve.eer == pytest.approx(100 / 3)
    assert curve.eer_threshold == 3.0  # halfway from 2, which is nearer than 4


def test_ends():
    apart = roc_curve(torch.tensor([0.1, 0.2]), torch.tensor([0.6, 0.7]))
    assert apart.eer == 0
    assert apart.eer_threshold == pytest.approx(0.4)
    assert roc_curve(torch.tensor([2.0]), torch.tensor([1.0])).eer == 100
    constant = roc_curve(torch.ones(5), torch.ones(7))
    assert constant.eer == 50  # tells nothing


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES, st.integers(0, 100))
def test_the_threshold_for_a_wished_rate_is_the_highest(same, two, wish):
    same, two = torch.tensor(same).float(), torch.tensor(two).float()
    curve = roc_curve(same, two)
    threshold = curve.threshold_at(wish)
    rates = error_rates(same, two, threshold)
    assert rates[0] <= wish
    higher = [error_rates(same, two, float(t))[0] for t in curve.thresholds if t > threshold]
    assert all(rate > wish for rate in higher)
    at = (curve.thresholds <= threshold).nonzero()[-1]
    assert rates == pytest.approx((float(curve.false_accept[at]), float(curve.false_reject[at])))
    assert 0 <= curve.eer <= 100


def test_what_is_no_number_is_refused_or_not_accepted():
    nan = torch.tensor([torch.nan])
    with pytest.raises(BadInput, match="1 of 3 dissimilarities are not finite"):
        roc_curve(torch.cat([nan, torch.ones(1)]), torch.ones(1))
    assert error_rates(nan, nan, 5.0) == (0, 100)
    assert error_rates(torch.ones(0), torch.ones(0), 1.0) == (0, 0)
    with pytest.raises(BadInput, match="0 pairs of the same and 1 of two"):
        roc_curve(torch.ones(0), torch.ones(1))
