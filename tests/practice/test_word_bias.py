"""Measures of bias by their formulas, WEAT's p-value by scipy."""

import numpy as np
import pytest
from scipy import stats

from zoo.errors import BadInput
from zoo.practice.word_bias import clustering, direct_bias, extremes, weat
from zoo.practice.word_debias import neutralise


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_direct_bias_is_the_mean_cosine():
    draw = np.random.default_rng(0)
    words, g = draw.standard_normal((30, 5)), draw.standard_normal(5)
    for c in (1, 0.5, 2):
        expected = np.mean([abs(cosine(w, g)) ** c for w in words])
        assert direct_bias(words, g, c) == pytest.approx(expected, abs=1e-12)
    assert direct_bias(neutralise(words, g), g) < 1e-12
    with pytest.raises(BadInput, match="at least one word"):
        direct_bias(np.zeros((0, 5)), g)


def association(w, a, b):
    return np.mean([cosine(w, v) for v in a]) - np.mean([cosine(w, v) for v in b])


def test_weat_is_the_papers_formula_and_scipys_permutation_test():
    draw = np.random.default_rng(1)
    x, y, a, b = draw.standard_normal((4, 5, 8))
    x += 0.4 * a.mean(0)
    one, two = ([association(w, a, b) for w in side] for side in (x, y))
    effect = (np.mean(one) - np.mean(two)) / np.std([*one, *two])
    peer = stats.permutation_test(
        (one, two), lambda s, t: np.sum(s) - np.sum(t), alternative="greater", n_resamples=np.inf
    )
    found = weat(x, y, a, b)
    assert found.effect == pytest.approx(effect, abs=1e-10)
    assert found.p == pytest.approx(peer.pvalue, abs=1e-10)
    assert weat(y, x, a, b).effect == pytest.approx(-effect)


def test_drawn_partitions_are_close_to_all():
    draw = np.random.default_rng(2)
    x, y, a, b = draw.standard_normal((4, 9, 6))  # 48,620 partitions
    one, two = ([association(w, a, b) for w in side] for side in (x, y))
    z = stats.ttest_ind(one, two, alternative="greater").pvalue
    assert weat(x, y, a, b, seed=3).p == pytest.approx(z, abs=0.05)
    assert weat(x, y, a, b, seed=3) == weat(x, y, a, b, seed=3)
    assert weat(x, y, a, b, seed=4).p != weat(x, y, a, b, seed=3).p
    with pytest.raises(BadInput, match="equally many words, got 9 and 8"):
        weat(x, y[1:], a, b)


def test_clusters_find_what_is_left():
    """The direction is gone, but all that leaned one way share something else: the lipstick."""
    draw = np.random.default_rng(3)
    side = np.repeat([-1.0, 1.0], 60)
    other = draw.standard_normal((120, 6))
    part = side * draw.uniform(0.5, 1, 120)
    shared = np.concatenate([other, 5 * side[:, None]], 1)
    assert clustering(part, shared, most=50) == 1
    assert 0.5 <= clustering(part, other, most=50) < 0.7
    with pytest.raises(BadInput, match="4 words or more, got 3"):
        clustering([1, 2, 3], np.eye(3))


def test_extremes_are_sorted_from_the_ends():
    words = ["a", "b", "c", "d"]
    ahead, behind = extremes(words, [[1, 0], [0, 1], [-2, 0], [1, 1]], np.array([2.0, 0]), 2)
    assert [w for w, _ in ahead] == ["a", "d"]
    assert [w for w, _ in behind] == ["c", "b"]
    assert behind[0][1] == pytest.approx(-1)
