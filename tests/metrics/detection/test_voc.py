"""VOC's average precision: against a plain form of the development kit, and small cases."""

import numpy as np
import pytest
import torch

from tests.metrics.detection.sets import every, random_set
from zoo.metrics.detection.voc import area_under_curve, eleven_points
from zoo.ops.boxes.objects import Detections, no_detections, objects


def kit(found, truth, label):
    """(AP by 11 points, AP by area) as the development kit goes through the detections."""
    rows = {}
    count = 0
    for n, one in enumerate(truth):
        mine = one.pick(one.labels == label)
        free = (mine.difficult | mine.crowd).tolist()
        rows[n] = [mine.boxes.double().numpy(), free, [False] * mine.size]
        count += free.count(False)
    lines = [
        (-float(score), n, box.double().numpy())
        for n, one in enumerate(found)
        for box, k, score in zip(one.boxes, one.labels, one.scores, strict=True)
        if k == label
    ]
    hits, alarms = np.zeros(len(lines)), np.zeros(len(lines))
    for d, (_, n, box) in enumerate(sorted(lines, key=lambda line: line[0])):
        boxes, free, seen = rows[n]
        best, at = -np.inf, None
        if len(boxes):
            width = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0]) + 1
            height = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1]) + 1
            both = np.maximum(width, 0) * np.maximum(height, 0)
            area = (box[2] - box[0] + 1) * (box[3] - box[1] + 1)
            others = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
            overlaps = both / (area + others - both)
            at = int(np.argmax(overlaps))
            best = overlaps[at]
        if best <= 0.5:
            alarms[d] = 1
        elif not free[at]:
            hits[d], alarms[d] = not seen[at], seen[at]
            seen[at] = True
    hits, alarms = np.cumsum(hits), np.cumsum(alarms)
    recall, precision = hits / count, hits / np.maximum(hits + alarms, np.finfo(float).eps)
    points = [max(precision[recall >= k / 10], default=0) for k in range(11)]
    r, p = np.concatenate([[0], recall, [1]]), np.concatenate([[0], precision, [0]])
    for n in range(len(p) - 1, 0, -1):
        p[n - 1] = max(p[n - 1], p[n])
    steps = np.flatnonzero(r[1:] != r[:-1])
    return sum(points) / 11, float(np.sum((r[steps + 1] - r[steps]) * p[steps + 1]))


@pytest.mark.parametrize("ties", [False, True])
def test_both_areas_are_the_kits(ties):
    for seed in range(5):
        found, truth, _ = random_set(seed, ties=ties)
        for label, matches in enumerate(every(found, truth, 3)):
            points, area = kit(found, truth, label)
            assert eleven_points(matches) == pytest.approx(points, abs=1e-12)
            assert area_under_curve(matches) == pytest.approx(area, abs=1e-12)


def one_class(boxes, scores):
    corners = torch.tensor(boxes, dtype=torch.float32).view(-1, 4)
    return Detections(corners, torch.zeros(len(scores)).long(), torch.tensor(scores))


def only(found, truth):
    return every([found], [truth], 1)[0]


def test_who_comes_second_is_a_false_alarm_though_another_truth_is_near():
    truth = objects([[0, 0, 10, 10], [1, 0, 11, 10]], [0, 0])
    matches = only(one_class([[0, 0, 10, 10], [0, 0, 10, 10]], [0.9, 0.8]), truth)
    assert matches.right.tolist() == [True, False]
    assert matches.wrong.tolist() == [False, True]


def test_an_iou_of_exactly_a_half_is_no_hit():
    truth = objects([[0, 0, 9, 9]], [0])  # 10 x 10 pixels
    assert not only(one_class([[0, 0, 9, 4]], [0.9]), truth).right.any()
    assert only(one_class([[0, 0, 9, 5]], [0.9]), truth).right.all()


def test_a_difficult_object_is_neither_found_nor_missed():
    truth = objects([[0, 0, 9, 9], [50, 50, 59, 59]], [0, 0], difficult=[True, False])
    matches = only(
        one_class([[0, 0, 9, 9], [0, 0, 9, 9], [50, 50, 59, 59]], [0.9, 0.8, 0.7]), truth
    )
    assert matches.right.tolist() == [False, False, True]
    assert not matches.wrong.any()
    assert matches.truths == 1
    assert area_under_curve(matches) == eleven_points(matches) == 1


def test_three_of_ten_objects_are_a_recall_of_three_tenths():
    corners = [[20 * n, 0, 20 * n + 9, 9] for n in range(10)]
    matches = only(one_class(corners[:3], [0.9, 0.8, 0.7]), objects(corners, [0] * 10))
    assert eleven_points(matches) == pytest.approx(4 / 11)  # 0, .1, .2, .3


def test_without_objects_there_is_no_score_and_without_detections_it_is_zero():
    matches = only(one_class([[0, 0, 9, 9]], [0.9]), objects([], []))
    assert eleven_points(matches) is None
    assert area_under_curve(matches) is None
    assert matches.recall.tolist() == matches.precision.tolist() == [0]
    matches = only(no_detections(), objects([[0, 0, 9, 9]], [0]))
    assert eleven_points(matches) == area_under_curve(matches) == 0
