"""VOC's protocol: average precision at IoU above .5, by 11 points (2007) or by area (from 2010).

Everingham et al. 2010, "The PASCAL Visual Object Classes Challenge", and its development kit. In
the order of their scores, over all images, detections of a class look for the truth with the
highest IoU, of *all* truths of the image, taken or not. If it is above .5, the first to come takes
it and is a hit; who comes second is a false alarm, though another truth might be near. A difficult
object, or a crowd (VOC has none), makes neither hit nor false alarm, and is not missed. Corners are
pixels that belong to the box: its width is x2 - x1 + 1.

Ties: of equal scores the one earlier in the list comes first, of equal IoUs the earlier truth.
Proof: tests/metrics/detection/test_voc.py (a plain form of the kit, COCO-100).
"""

from dataclasses import dataclass

import numpy as np

from zoo.metrics.detection.lists import Bools, Floats, Ints, Lists, pairs, shared

OVERLAP = 0.5
POINTS = np.arange(11) / 10  # 3 of 10 objects are a recall of .3; arange(0, 1.1, .1) has .3 + 6e-17


@dataclass(frozen=True, eq=False)
class Matches:
    """Detections of one class by descending score, and what becomes of them.

    Attributes:
        scores: (n,).
        right: (n,) hits.
        wrong: (n,) false alarms; what is neither does not count.
        truths: the number of objects that count.
    """

    scores: Floats
    right: Bools
    wrong: Bools
    truths: int

    @property
    def recall(self) -> Floats:
        """Of the objects that count, the part that is found so far, (n,); 0 without any."""
        return np.cumsum(self.right) / max(self.truths, 1)

    @property
    def precision(self) -> Floats:
        """Of the detections that count, the part that are hits so far, (n,); 0 without any."""
        hits = np.cumsum(self.right)
        return hits / np.maximum(hits + np.cumsum(self.wrong), 1)


@dataclass(frozen=True, eq=False)
class Fates:
    """What becomes of each detection of a set, in the order of ``Found``.

    Attributes:
        nearest: (D,) the truth of its class and image with the highest IoU, -1 if that is not
            above .5.
        right: (D,) hits.
        wrong: (D,) false alarms.
    """

    nearest: Ints
    right: Bools
    wrong: Bools


def fates(lists: Lists) -> Fates:
    """Who takes a truth, of those that look for the same one the one with the highest score."""
    nearest = _nearest(lists)
    counts = np.ones(len(nearest), bool)
    near = nearest >= 0
    counts[near] = ~_free(lists)[nearest[near]]
    # Those of an image and a class are in the order of their scores, so the first of them takes it.
    wanted, first = np.unique(nearest, return_index=True)
    takes = np.zeros(len(nearest), bool)
    takes[first[wanted >= 0]] = True
    return Fates(nearest, takes & counts, ~takes & counts)


def _free(lists: Lists) -> Bools:
    """Which truths do not count."""
    return lists.truth.difficult | lists.truth.crowd


def matches(lists: Lists, what: Fates) -> tuple[Matches, ...]:
    """The matches of each class."""
    found = lists.found
    order = np.lexsort((-found.scores, found.labels))
    ends = np.searchsorted(found.labels[order], np.arange(lists.classes + 1))
    truths = np.bincount(lists.truth.labels[~_free(lists)], minlength=lists.classes)
    return tuple(
        Matches(found.scores[rows], what.right[rows], what.wrong[rows], int(count))
        for rows, count in zip(np.split(order, ends[1:-1]), truths, strict=True)
    )


def _nearest(lists: Lists) -> Ints:
    """Of each detection the truth of its group with the highest IoU, -1 if that is not above .5."""
    nearest = np.full(len(lists.found.group), -1)
    for detection, of in pairs(lists):
        both, area, other = shared(lists, detection, of, pixel=1)
        iou = both / (area + other - both)
        near = iou > OVERLAP
        detection, of, iou = detection[near], of[near], iou[near]
        order = np.lexsort((-of, iou, detection))  # of those of a detection, the last one wins
        nearest[detection[order]] = of[order]
    return nearest


def eleven_points(matches: Matches) -> float | None:
    """VOC07: the mean of the highest precisions at recalls from 0, .1, ... 1 on.

    None for a class without an object that counts.
    """
    if not matches.truths:
        return None
    recall, precision = matches.recall, matches.precision
    return float(np.mean([precision[recall >= point].max(initial=0) for point in POINTS]))


def area_under_curve(matches: Matches) -> float | None:
    """VOC10: the area under precision that decreases with recall.

    None for a class without an object that counts.
    """
    if not matches.truths:
        return None
    envelope = np.maximum.accumulate(matches.precision[::-1])[::-1]
    return float(np.sum(envelope * np.diff(matches.recall, prepend=0)))
