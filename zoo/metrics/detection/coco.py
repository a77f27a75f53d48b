"""COCO's protocol: average precision at 101 recalls, over IoU .50:.05:.95; the twelve numbers.

Lin et al. 2014, "Microsoft COCO: Common Objects in Context", and the evaluation code of the
challenge. Detections of a class in an image, the 100 best, take one truth each, in the order of
their scores: of the truths that are not taken and have IoU >= t, the one with the highest. Truths
that do not count - crowds, and those whose area is outside the range that is measured - are taken
only if no other is left; who takes one counts neither as found nor as false alarm, nor does who
takes none and is itself outside the range. A crowd can be taken often, and IoU with it is measured
on the detection's area alone. Classes without a truth that counts have no score. COCO does not know
difficult objects: they count.

Ties: of equal scores the one earlier in the list comes first, of equal IoUs the later truth, as in
COCO's code. Proof: tests/metrics/detection/test_coco.py (pycocotools, a plain form, COCO-100).
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from zoo.metrics.detection.lists import Bools, Floats, Ints, Lists, box_areas, pairs, shared

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
RANGES = np.array([[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]])  # of areas, inclusive
LIMITS = (1, 10, 100)  # detections of a class in an image
NAMES = ("AP", "AP50", "AP75", "AP small", "AP medium", "AP large",
         "AR 1", "AR 10", "AR 100", "AR small", "AR medium", "AR large")  # fmt: skip


@dataclass(frozen=True, eq=False)
class CocoScores:
    """COCO's scores as fractions; -1 where nothing counts, as COCO writes it.

    Attributes:
        precision: (K, A, T) mean over 101 recalls, A ranges of areas and T thresholds of the IoU;
            -1 for a class without truth in that range.
        recall: (L, K, A, T) at most ``LIMITS`` detections of a class in an image; -1 likewise.
    """

    precision: Floats
    recall: Floats

    @property
    def twelve(self) -> dict[str, float]:
        """The numbers that COCO prints, in its order."""
        ap, ar = self.precision, self.recall
        values = [ap[:, 0], ap[:, 0, 0], ap[:, 0, 5], *(ap[:, area] for area in (1, 2, 3)),
                  *ar[:, :, 0], *(ar[2, :, area] for area in (1, 2, 3))]  # fmt: skip
        return {name: _mean(value) for name, value in zip(NAMES, values, strict=True)}

    def of_class(self, label: int) -> float:
        """AP of one class, over all IoUs; -1 without truth."""
        return _mean(self.precision[label, 0])

    def of_class_at_half(self, label: int) -> float:
        """AP of one class at IoU >= .5; -1 without truth."""
        return float(self.precision[label, 0, 0])


def _mean(values: Floats) -> float:
    there = values[values > -1]
    return float(there.mean()) if there.size else -1.0


def coco(lists: Lists) -> CocoScores:
    """Match, then score each class."""
    found, truth = lists.found, lists.truth
    counted = _in_range(truth.areas) & ~truth.crowd[:, None]  # (G, A)
    taken, ignored = match(lists, counted)
    order = np.lexsort((-found.scores, found.labels))
    order = order[found.rank[order] < LIMITS[-1]]
    starts = np.searchsorted(found.labels[order], np.arange(lists.classes + 1))
    shape = (lists.classes, len(RANGES), len(THRESHOLDS))
    precision, recall = np.full(shape, -1.0), np.full((len(LIMITS), *shape), -1.0)
    for label in np.unique(truth.labels):
        rows = order[starts[label] : starts[label + 1]]
        truths = counted[truth.labels == label].sum(0)  # (A,)
        right, wrong = taken[rows] & ~ignored[rows], ~taken[rows] & ~ignored[rows]  # (n, A, T)
        for area in np.flatnonzero(truths):
            ap = average_precision(right[:, area], wrong[:, area], truths[area])
            precision[label, area] = ap
        there = truths > 0
        for n, limit in enumerate(LIMITS):
            hits = right[found.rank[rows] < limit].sum(0)  # (A, T)
            recall[n, label, there] = hits[there] / truths[there, None]
    return CocoScores(precision, recall)


def _in_range(areas: Floats) -> Bools:
    """Whether areas (n,) are in each range, (n, A)."""
    return (areas[:, None] >= RANGES[:, 0]) & (areas[:, None] <= RANGES[:, 1])


def match(lists: Lists, counted: Bools) -> tuple[Bools, Bools]:
    """Which detections take a truth, and which do not count, (D, A, T) both.

    In round r those detections choose at once, one of each group, before which r others of their
    group have chosen. A detection without a truth that it may take chooses in no round.

    Args:
        counted: (G, A) whether a truth counts.
    """
    found, truth = lists.found, lists.truth
    shape = len(RANGES), len(THRESHOLDS)
    gone = np.zeros((len(truth.group), *shape), bool)
    takes = np.zeros((len(found.group), *shape), bool)
    ignored = np.zeros_like(takes)
    detection, of, iou, rounds = _candidates(lists)
    enough = (iou[:, None] >= THRESHOLDS)[:, None]  # (P, 1, T)
    # A pair's worth is its place, for pairs of a detection ascend; any truth that counts is worth
    # more than any that does not.
    worth = np.arange(len(of))[:, None] + len(of) * counted[of]  # (P, A)
    for first, last in pairwise(rounds):
        now = slice(first, last)
        free = enough[now] & ~gone[of[now]]  # (n, A, T)
        offers = np.where(free, worth[now, :, None], -1)
        chooser = np.flatnonzero(np.diff(detection[now], prepend=-1))
        best = np.maximum.reduceat(offers, chooser)  # (choosers, A, T)
        place = np.nonzero(best >= 0)
        pair = best[place] % len(of)
        gone[of[pair], *place[1:]] = ~truth.crowd[of[pair]]
        takes[detection[pair], *place[1:]] = True
        ignored[detection[pair], *place[1:]] = best[place] < len(of)
    ignored |= ~takes & ~_in_range(box_areas(found.boxes))[:, :, None]
    return takes, ignored


def _candidates(lists: Lists) -> tuple[Ints, Ints, Floats, Ints]:
    """Pairs with IoU >= .5: detection, truth, IoU (P,), and where each round begins.

    Sorted by round, then by detection, then by IoU, then by truth.
    """
    found = lists.found
    kept = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for detection, of in pairs(lists):
        both, area, other = shared(lists, detection, of)
        union = np.where(lists.truth.crowd[of], area, area + other - both)
        with np.errstate(divide="ignore", invalid="ignore"):  # boxes without an area match nothing
            iou = both / union
        near = (iou >= THRESHOLDS[0]) & (found.rank[detection] < LIMITS[-1])
        kept.append((detection[near], of[near], iou[near]))
    detection, of, iou = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    chooser, which = np.unique(detection, return_inverse=True)
    group = found.group[chooser]
    turn = (np.arange(len(chooser)) - np.searchsorted(group, group))[which]
    order = np.lexsort((of, iou, detection, turn))
    rounds = np.searchsorted(turn[order], np.arange(turn.max(initial=-1) + 2))
    return detection[order], of[order], iou[order], rounds


def average_precision(right: Bools, wrong: Bools, truths: int) -> Floats:
    """Mean precision at 101 recalls of a class at each threshold, (T,).

    At a recall counts the highest precision that is reached at this recall or a higher one; at a
    recall that is never reached it is 0. Both change for the better at hits only, so those suffice.

    Args:
        right: (n, T) whether a detection is a hit; by descending score.
        wrong: likewise, a false alarm.
        truths: the number of truths that count, at least 1.
    """
    hits = right.cumsum(0)
    precision = hits / (hits + wrong.cumsum(0) + np.spacing(1))
    reached = np.maximum.accumulate(precision[::-1])[::-1]
    at_hit = np.zeros((truths + 1, right.shape[1]))  # what is reached from the n-th hit on
    detection, threshold = np.nonzero(right)
    at_hit[hits[detection, threshold], threshold] = reached[detection, threshold]
    means: Floats = at_hit[_hits_needed(truths)].mean(0)
    return means


@lru_cache(maxsize=4096)
def _hits_needed(truths: int) -> Ints:
    """The lowest number of hits, at least 1, with hits / truths >= each recall, (101,)."""
    needed = np.ceil(RECALLS * truths).astype(np.int64)
    needed -= (needed - 1) / truths >= RECALLS  # where the product was rounded up
    needed += needed / truths < RECALLS  # or down
    return np.maximum(needed, 1)
