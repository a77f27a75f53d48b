"""COCO's twelve numbers: against pycocotools, a plain form, and small cases by hand."""

import numpy as np
import pytest
import torch

from tests.metrics.detection.sets import pycocotools, random_set
from zoo.metrics.detection import coco as module
from zoo.metrics.detection.coco import LIMITS, NAMES, RANGES, RECALLS, THRESHOLDS, coco
from zoo.metrics.detection.lists import flatten
from zoo.ops.boxes.objects import Detections, no_detections, objects

KINDS = {
    "distinct scores": dict(ties=False, crowds=0.0),
    "ties": dict(crowds=0.0),
    "ties and crowds": {},
    "many crowds": dict(crowds=0.6),
    "one class, over 100 detections": dict(images=2, classes=1, many=60),
    "many classes, few objects": dict(classes=30, many=3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_are_those_of_pycocotools(kind):
    for seed in range(2):
        found, truth, areas = random_set(seed, **KINDS[kind])
        classes = KINDS[kind].get("classes", 3)
        stats, precision = pycocotools(found, truth, areas, classes)
        ours = coco(flatten(found, truth, classes, areas))
        assert list(ours.twelve.values()) == pytest.approx(stats, abs=1e-12)
        assert np.allclose(ours.precision, precision, rtol=0, atol=1e-12)


def iou(a, b, crowd):
    """Of boxes as lists; of a crowd ``b`` relative to ``a`` alone."""
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    area, other = ((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return width * height / (area if crowd else area + other - width * height)


def plain_matches(found, truth, areas, label, span, threshold, limit):
    """(score, hit or false alarm) of the detections of a class that count, and the truths' number.

    The protocol in words of Python: an image after the other, a detection after the other.
    """
    fates, truths = [], 0
    for there, right, sizes in zip(found, truth, areas, strict=True):
        rows = [n for n in range(right.size) if right.labels[n] == label]
        boxes, crowd = right.boxes.tolist(), right.crowd.tolist()
        free = {n for n in rows if crowd[n] or not span[0] <= sizes[n] <= span[1]}
        truths += len(rows) - len(free)
        mine = there.pick(there.labels == label)
        best_first = sorted(range(mine.size), key=lambda n: -float(mine.scores[n]))[:limit]
        gone = set()
        for n in best_first:
            box, chosen = mine.boxes[n].tolist(), None
            for candidates in ([r for r in rows if r not in free], [r for r in rows if r in free]):
                worth = [
                    (iou(box, boxes[r], crowd[r]), r)
                    for r in candidates
                    if r not in gone and iou(box, boxes[r], crowd[r]) >= threshold
                ]
                if worth:
                    chosen = max(worth)[1]
                    break
            if chosen is not None and not crowd[chosen]:
                gone.add(chosen)
            area = (box[2] - box[0]) * (box[3] - box[1])
            outside = chosen is None and not span[0] <= area <= span[1]
            if not outside and chosen not in free:
                fates.append((float(mine.scores[n]), chosen is not None))
    return sorted(fates, key=lambda fate: -fate[0]), truths


def plain_ap(fates, truths):
    hits, curve = 0, []
    for n, (_, hit) in enumerate(fates, 1):
        hits += hit
        curve.append((hits / truths, hits / n))
    heights = [max((p for r, p in curve if r >= recall), default=0) for recall in RECALLS]
    return sum(heights) / len(heights)


def test_the_fast_form_is_the_plain_one():
    for seed in range(2):
        found, truth, areas = random_set(seed, images=6, many=5, classes=2, crowds=0.2)
        ours = coco(flatten(found, truth, 2, areas))
        for label in range(2):
            for a, span in enumerate(RANGES):
                for t, threshold in list(enumerate(THRESHOLDS))[::4]:
                    fates, truths = plain_matches(found, truth, areas, label, span, threshold, 100)
                    ap = plain_ap(fates, truths) if truths else -1
                    assert ours.precision[label, a, t] == pytest.approx(ap, abs=1e-12)
                    for m, limit in enumerate(LIMITS):
                        few, _ = plain_matches(found, truth, areas, label, span, threshold, limit)
                        recall = sum(hit for _, hit in few) / truths if truths else -1
                        assert ours.recall[m, label, a, t] == pytest.approx(recall, abs=1e-12)


def found(*rows):
    """Detections of class 0 from (box, score)."""
    boxes = torch.tensor([list(map(float, box)) for box, _ in rows]).view(-1, 4)
    return Detections(
        boxes, torch.zeros(len(rows)).long(), torch.tensor([score for _, score in rows])
    )


def test_a_detection_takes_the_best_truth_that_is_left():
    truth = objects([[0, 0, 10, 10], [1, 0, 11, 10]], [0, 0])
    both = found(([0, 0, 10, 10], 0.9), ([0, 0, 10, 10], 0.8))
    scores = coco(flatten([both], [truth], 1))
    assert scores.twelve["AP50"] == 1  # the second takes the neighbour: VOC counts a false alarm
    assert scores.recall[0, 0, 0, 0] == 0.5  # AR 1: only the first may


def test_what_lies_in_a_crowd_does_not_count():
    truth = objects([[0, 0, 100, 100], [200, 200, 210, 210]], [0, 0], crowd=[True, False])
    inside = [([n, n, n + 10, n + 10], 0.9 - n / 100) for n in range(5)]
    scores = coco(flatten([found(*inside, ([200, 200, 210, 210], 0.1))], [truth], 1))
    assert scores.twelve["AP"] == pytest.approx(1)


def test_nothing_that_counts_is_minus_one_and_nothing_found_is_zero():
    nothing = coco(flatten([found(([0, 0, 9, 9], 0.5))], [objects([], [])], 2)).twelve
    assert nothing == dict.fromkeys(NAMES, -1.0)
    missed = coco(flatten([no_detections()], [objects([[0, 0, 9, 9]], [1])], 2)).twelve
    assert missed["AP"] == missed["AR 100"] == missed["AP small"] == 0
    assert missed["AP large"] == -1
    assert coco(flatten([], [], 2)).twelve == nothing


def test_blocks_change_nothing(monkeypatch):
    found, truth, areas = random_set(3)
    whole = coco(flatten(found, truth, 3, areas))
    monkeypatch.setattr("zoo.metrics.detection.lists.BLOCK", 7)
    parts = coco(flatten(found, truth, 3, areas))
    assert (whole.precision == parts.precision).all()
    assert (whole.recall == parts.recall).all()


def test_recalls_are_reached_as_floats_say():
    for truths in range(1, 400):
        reached = np.arange(1, truths + 1) / truths
        needed = np.searchsorted(reached, RECALLS) + 1
        assert (module._hits_needed(truths) == needed).all()
