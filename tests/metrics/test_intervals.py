"""Intervals of counts against scipy and against what they promise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zoo.errors import BadInput
from zoo.metrics.intervals import poisson, wilson


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_is_scipys(count, more, level):
    total = count + more + 1
    theirs = stats.binomtest(count, total).proportion_ci(level, method="wilson")
    assert wilson(count, total, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.one_of(st.integers(0, 20), st.integers(20, 5000)), st.sampled_from([0.5, 0.9, 0.95, 0.99])
)
def test_poisson_is_garwoods(count, level):
    tail = (1 - level) / 2
    low = stats.chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    high = stats.chi2.ppf(1 - tail, 2 * count + 2) / 2
    assert poisson(count, level) == pytest.approx((low, high), rel=1e-8)


def test_nothing_looked_at_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("bad", [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(bad):
    with pytest.raises(BadInput, match=r"at least 0|not possible"):
        wilson(*bad)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0])
def test_impossible_levels_are_refused(level):
    with pytest.raises(BadInput, match="level must lie"):
        poisson(3, level)
