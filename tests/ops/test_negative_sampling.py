"""Words are drawn as often as they should be."""

import numpy as np
import pytest
from scipy.stats import chisquare

from zoo.ops.negative_sampling import FULL, alias_table, unigram

COUNTS = np.array([5000, 900, 900, 77, 20, 5, 5, 1])


@pytest.mark.parametrize("p", [unigram(COUNTS), np.array([1.0]), np.full(7, 1 / 7)])
def test_the_alias_table_holds_exactly_the_chances(p):
    limit, other = alias_table(p)
    share = limit / FULL
    found = share.copy()
    np.add.at(found, other, 1 - share)
    assert np.abs(found / len(p) - p).max() < 1e-9


def test_unigrams_to_the_three_quarters():
    weight = COUNTS**0.75
    assert np.allclose(unigram(COUNTS), weight / weight.sum(), atol=1e-15)


def test_compiled_draws_pass_a_chi_square_test():
    kernels = pytest.importorskip("zoo.ops.word2vec_kernels")
    p = unigram(COUNTS)
    limit, other = alias_table(p)
    none = np.zeros(1, np.int64)
    targets = kernels.Targets(5, limit, other, none, none, none)
    drawn = kernels.draws(targets, np.array([7], np.uint64), 200_000)
    assert chisquare(np.bincount(drawn, minlength=8), p * 200_000).pvalue > 1e-3
