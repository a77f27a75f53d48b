"""The one entry: names, percent, orders of boxes and images, sets without anything, bad input."""

import math

import numpy as np
import pytest
import torch

from tests.metrics.detection.sets import random_set
from zoo.metrics.detection.scores import PROTOCOLS, evaluate
from zoo.ops.boxes.objects import Detections, no_detections, objects


def test_the_means_are_those_of_the_protocols():
    found, truth, areas = random_set(0)
    scores = evaluate(found, truth, 3, areas=areas)
    assert scores.means.keys() == PROTOCOLS.keys()
    assert scores.means["map_coco"] == pytest.approx(100 * scores.coco.twelve["AP"])
    assert scores.means["map_coco50"] == pytest.approx(100 * scores.coco.twelve["AP50"])
    assert scores.means["map_voc10"] == pytest.approx(np.mean(scores.classes["map_voc10"]))


def test_the_order_of_images_and_of_boxes_changes_nothing():
    found, truth, areas = random_set(1, ties=False, images=20)
    first = evaluate(found, truth, 3, areas=areas)
    rng = torch.Generator().manual_seed(0)
    images = torch.randperm(len(found), generator=rng).tolist()
    shuffled = []
    for n in images:
        a, b = (torch.randperm(one.size, generator=rng) for one in (found[n], truth[n]))
        shuffled.append((found[n].pick(a), truth[n].pick(b), torch.tensor(areas[n])[b]))
    second = evaluate(*zip(*((f, t) for f, t, _ in shuffled), strict=True), 3,
                      areas=[area for *_, area in shuffled])  # fmt: skip
    assert list(first.means.values()) == pytest.approx(list(second.means.values()), abs=1e-10)
    assert first.coco.twelve == pytest.approx(second.coco.twelve, abs=1e-12)
    assert first.f1.best == second.f1.best


@pytest.mark.parametrize(
    ("found", "truth"),
    [
        ([], []),
        ([no_detections()], [objects([], [])]),
        ([no_detections()], [objects([[0, 0, 9, 9]], [1])]),
        (
            [Detections(torch.ones(1, 4), torch.tensor([0]), torch.tensor([0.9]))],
            [objects([], [])],
        ),
        (
            [Detections(torch.ones(1, 4), torch.tensor([0]), torch.tensor([0.9]))],
            [objects([[0, 0, 9, 9]], [0], difficult=[True], crowd=[True])],
        ),
    ],
)
def test_sets_without_objects_or_detections_have_a_score_of_zero(found, truth):
    scores = evaluate(found, truth, 2)
    assert scores.means == dict.fromkeys(PROTOCOLS, 0.0)
    assert scores.f1.best is None
    assert [counts.f1 for counts in scores.counts(0.5)] == [0, 0]


def test_a_box_that_is_not_finite_is_a_false_alarm_and_a_score_that_is_nan_is_left_out():
    truth = [objects([[0, 0, 9, 9]], [0])]
    boxes = [[0, 0, 9, 9], [0, 0, math.inf, math.inf], [math.nan] * 4, [0, 0, 9, 9]]
    scores = torch.tensor([0.5, 0.9, 0.8, math.nan])
    found = [Detections(torch.tensor(boxes), torch.zeros(4).long(), scores)]
    result = evaluate(found, truth, 1)
    assert result.means["map_voc10"] == pytest.approx(100 / 3)
    assert result.means["map_coco50"] == pytest.approx(100 / 3)
    assert result.matches[0].scores.tolist() == pytest.approx([0.9, 0.8, 0.5])


def test_boxes_without_an_area_match_nothing():
    truth = [objects([[5, 5, 5, 5]], [0])]
    found = [Detections(torch.full((1, 4), 5.0), torch.tensor([0]), torch.tensor([0.9]))]
    assert evaluate(found, truth, 1).means["map_coco"] == 0


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="detections of 0 images but objects of 1"):
        evaluate([], [objects([], [])], 2)
    with pytest.raises(ValueError, match=r"labels of the objects must be in 0 ... 1, got 0 ... 2"):
        evaluate([no_detections()] * 2, [objects([[0, 0, 9, 9]], [k]) for k in (0, 2)], 2)
    with pytest.raises(ValueError, match="0 areas for 1 objects"):
        evaluate([no_detections()], [objects([[0, 0, 9, 9]], [0])], 2, areas=[[]])
