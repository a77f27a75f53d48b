"""The worst mistakes of a detector at a threshold, and what may be the reason of each.

Missed objects: those that no detection of their class overlaps come first, then those whose best
has the lowest score; among equal ones the largest first. False alarms: the highest scores first.
IoU is VOC's, as in the counts (voc.py). Proof: tests/metrics/detection/test_mistakes.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.detection.lists import Floats, Ints, pairs, shared
from zoo.metrics.detection.scores import DetectionScores
from zoo.metrics.detection.voc import OVERLAP

OFF = 0.1  # IoU from which a box belongs to an object, though its corners are wrong


@dataclass(frozen=True)
class BoxMistake:
    """A missed object, or a false alarm.

    Attributes:
        image: its number.
        label: the class of the object, or of the detection.
        box: x1 y1 x2 y2.
        score: of the false alarm; None for a missed object.
        reason: "taken for WBC 0.93", "it is RBC", "IoU 0.42", "second box", "nothing there".
    """

    image: int
    label: int
    box: tuple[float, float, float, float]
    score: float | None
    reason: str


def worst_misses(
    scores: DetectionScores, classes: Sequence[str], threshold: float, most: int
) -> list[BoxMistake]:
    """Objects that count and that no detection of at least ``threshold`` takes."""
    lists, truth = scores.lists, scores.lists.truth
    used = scores.fates.right & (lists.found.scores >= threshold)
    missed = ~(truth.difficult | truth.crowd)
    missed[scores.fates.nearest[used]] = False
    best = np.zeros(len(missed))  # score of a detection of the same class that overlaps it
    for detection, of in pairs(lists):
        near = _iou(scores, detection, of) > OVERLAP
        np.maximum.at(best, of[near], lists.found.scores[detection[near]])
    rows = np.flatnonzero(missed)
    rows = rows[np.lexsort((-truth.areas[rows], best[rows]))][:most]
    return [
        BoxMistake(int(truth.group[t] // lists.classes), int(truth.labels[t]),
                   _corners(truth.boxes[t]), None, _why_missed(scores, classes, threshold, t))
        for t in rows.tolist()
    ]  # fmt: skip


def worst_alarms(
    scores: DetectionScores, classes: Sequence[str], threshold: float, most: int
) -> list[BoxMistake]:
    """Detections of at least ``threshold`` that take no object."""
    found, classes_ = scores.lists.found, scores.lists.classes
    rows = np.flatnonzero(scores.fates.wrong & (found.scores >= threshold))
    rows = rows[np.argsort(-found.scores[rows], kind="stable")][:most]
    return [
        BoxMistake(int(found.group[d] // classes_), int(found.labels[d]), _corners(found.boxes[d]),
                   float(found.scores[d]), _why_alarm(scores, classes, d))
        for d in rows.tolist()
    ]  # fmt: skip


def _why_missed(scores: DetectionScores, classes: Sequence[str], threshold: float, row: int) -> str:
    found, truth = scores.lists.found, scores.lists.truth
    there = _of_image(found.group, truth.group[row], scores.lists.classes)
    iou = _iou(scores, there, np.full_like(there, row))
    same, shown = found.labels[there] == truth.labels[row], found.scores[there] >= threshold
    for near in there[(iou > OVERLAP) & ~same & shown]:  # the highest score of a class first
        return f"taken for {classes[found.labels[near]]} {found.scores[near]:.2f}"
    for near in there[(iou > OVERLAP) & same & ~shown]:
        return f"score {found.scores[near]:.2f}"
    if ((iou > OVERLAP) & same).any():
        return "its box went to a neighbour"
    overlap = iou[same & shown].max(initial=0)
    return f"IoU {overlap:.2f}" if overlap > OFF else "nothing found"


def _why_alarm(scores: DetectionScores, classes: Sequence[str], row: int) -> str:
    found, truth = scores.lists.found, scores.lists.truth
    if scores.fates.nearest[row] >= 0:
        return "second box"
    there = _of_image(truth.group, found.group[row], scores.lists.classes)
    iou = _iou(scores, np.full_like(there, row), there)
    for near in there[np.argsort(-iou, kind="stable")][: int((iou > OVERLAP).sum())]:
        return f"it is {classes[truth.labels[near]]}"
    overlap = iou[truth.labels[there] == found.labels[row]].max(initial=0)
    return f"IoU {overlap:.2f}" if overlap > OFF else "nothing there"


def _of_image(groups: Ints, group: np.int64, classes: int) -> Ints:
    """Rows of the image of ``group``."""
    first = group // classes * classes
    return np.arange(*np.searchsorted(groups, (first, first + classes)))


def _iou(scores: DetectionScores, detection: Ints, truth: Ints) -> Floats:
    both, area, other = shared(scores.lists, detection, truth, pixel=1)
    return both / (area + other - both)


def _corners(box: Floats) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box.tolist()
    return x1, y1, x2, y2
