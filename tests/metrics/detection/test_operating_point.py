"""Counts at a threshold, F1 against it, and the best one: against counting by hand."""

import numpy as np
import pytest

from tests.metrics.detection.sets import every, random_set
from zoo.metrics.detection.operating_point import Counts, counts_at, f1_curve
from zoo.metrics.detection.voc import Matches


def matches(scores, right, truths):
    hits = np.array(right, bool)
    return Matches(np.array(scores, float), hits, ~hits, truths)


def test_the_curve_is_what_counting_at_each_threshold_gives():
    for seed in range(3):
        found, truth, _ = random_set(seed)
        classes = every(found, truth, 3)
        curve = f1_curve(classes)
        assert (np.diff(curve.thresholds) < 0).all()  # each score once
        for threshold, f1 in zip(curve.thresholds, curve.f1, strict=True):
            alone = sum((counts_at(one, threshold) for one in classes), Counts())
            assert f1 == pytest.approx(alone.f1)
        best = sum((counts_at(one, curve.best) for one in classes), Counts())
        assert best.f1 == pytest.approx(curve.f1.max())


def test_counts_and_their_rates():
    counts = counts_at(matches([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 1], 4), 0.7)
    assert counts == Counts(2, 1, 4)
    assert counts.missed == 2
    assert counts.precision == pytest.approx(100 * 2 / 3)
    assert counts.recall == 50
    assert counts.f1 == pytest.approx(400 / 7)


def test_the_best_threshold_lies_between_two_scores():
    assert f1_curve([matches([0.9, 0.8, 0.4], [1, 1, 0], 2)]).best == pytest.approx(0.6)
    assert f1_curve([matches([0.9, 0.8], [1, 1], 2)]).best == pytest.approx(0.4)  # next is 0


def test_equal_scores_come_in_together():
    one, other = matches([0.5], [1], 1), matches([0.5], [0], 0)
    curve = f1_curve([one, other])
    assert curve.thresholds.tolist() == [0.5]
    assert curve.f1.tolist() == [pytest.approx(200 / 3)]


def test_without_anything_found_there_is_no_threshold_and_no_rate_is_nan():
    assert f1_curve([]).best is None
    assert f1_curve([matches([], [], 3)]).best is None
    assert f1_curve([matches([0.9], [0], 0)]).best is None
    nothing = Counts()
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
