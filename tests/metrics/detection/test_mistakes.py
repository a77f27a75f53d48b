"""The worst misses and false alarms: which, in which order, and why."""

import pytest
import torch

from tests.metrics.detection.sets import random_set
from zoo.metrics.detection.mistakes import worst_alarms, worst_misses
from zoo.metrics.detection.operating_point import Counts
from zoo.metrics.detection.scores import evaluate
from zoo.ops.boxes.objects import Detections, objects

CLASSES = ("cat", "dog")
FAR, NEAR, LOW = [300, 300, 340, 340], [0, 0, 40, 40], [0, 0, 40, 24]


def scored(found, truth):
    """Of one image: found are (box, label, score), truth (box, label)."""
    boxes = torch.tensor([box for box, *_ in found], dtype=torch.float32).view(-1, 4)
    labels, scores = ([one[n] for one in found] for n in (1, 2))
    side = Detections(boxes, torch.tensor(labels, dtype=torch.int64), torch.tensor(scores))
    truths = objects([box for box, _ in truth], [label for _, label in truth])
    return evaluate([side], [truths], 2)


@pytest.mark.parametrize(
    ("found", "truth", "reason"),
    [
        ((NEAR, 0, 0.9), [(FAR, 0)], "nothing there"),
        ((NEAR, 0, 0.9), [(NEAR, 1)], "it is dog"),
        ((NEAR, 0, 0.9), [(LOW, 1), (NEAR, 1)], "it is dog"),
        ((NEAR, 0, 0.9), [([0, 0, 40, 15], 0)], "IoU 0.39"),
        ((NEAR, 0, 0.9), [([0, 0, 40, 2], 0)], "nothing there"),
    ],
)
def test_a_false_alarm_has_a_reason(found, truth, reason):
    (one,) = worst_alarms(scored([found], truth), CLASSES, 0.5, 9)
    assert (one.image, one.label, one.reason) == (0, 0, reason)
    assert one.box == tuple(found[0])
    assert one.score == pytest.approx(0.9)


def test_a_second_box_is_said_to_be_one():
    alarms = worst_alarms(scored([(NEAR, 0, 0.9), (LOW, 0, 0.8)], [(NEAR, 0)]), CLASSES, 0.5, 9)
    assert [one.reason for one in alarms] == ["second box"]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([], "nothing found"),
        ([(FAR, 0, 0.9)], "nothing found"),
        ([(NEAR, 1, 0.9)], "taken for dog 0.90"),
        ([(NEAR, 1, 0.4)], "nothing found"),  # below the threshold
        ([(NEAR, 0, 0.4)], "score 0.40"),
        ([(NEAR, 0, 0.4), ([0, 0, 40, 15], 0, 0.9)], "score 0.40"),
        ([([0, 0, 40, 15], 0, 0.9)], "IoU 0.39"),
    ],
)
def test_a_missed_object_has_a_reason(found, reason):
    found = sorted(found, key=lambda one: -one[2])
    (one,) = worst_misses(scored(found, [(NEAR, 0)]), CLASSES, 0.5, 9)
    assert (one.image, one.label, one.score, one.reason) == (0, 0, None, reason)
    assert one.box == tuple(NEAR)


def test_one_box_for_two_neighbours_misses_one():
    scores = scored([(NEAR, 0, 0.9)], [(NEAR, 0), ([2, 0, 42, 40], 0)])
    (one,) = worst_misses(scores, CLASSES, 0.5, 9)
    assert one.reason == "its box went to a neighbour"


def test_what_nothing_overlaps_comes_first_the_largest_before_and_then_low_scores():
    large, small = [100, 100, 200, 200], [250, 0, 260, 10]
    truth = [(NEAR, 0), (small, 0), (large, 0), (FAR, 0)]
    misses = worst_misses(scored([(NEAR, 0, 0.4), (FAR, 0, 0.3)], truth), CLASSES, 0.5, 9)
    assert [list(one.box) for one in misses] == [large, small, FAR, NEAR]
    assert len(worst_misses(scored([], truth), CLASSES, 0.5, 2)) == 2


def test_there_are_as_many_as_are_counted():
    found, truth, _ = random_set(4, crowds=0.2, difficult=0.2)
    scores, names = evaluate(found, truth, 3), ("a", "b", "c")
    for threshold in (0.3, 0.8):
        counts = sum(scores.counts(threshold), Counts())
        misses = worst_misses(scores, names, threshold, 10**6)
        alarms = worst_alarms(scores, names, threshold, 10**6)
        assert (len(misses), len(alarms)) == (counts.missed, counts.alarms)
        for one in misses:
            here = truth[one.image]
            at = (here.boxes == torch.tensor(one.box)).all(1) & (here.labels == one.label)
            assert at.any()
        values = [one.score for one in alarms]
        assert values == sorted(values, reverse=True)
