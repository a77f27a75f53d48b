"""Precision, recall and F1 of a detector that is used at one threshold, and the best threshold.

Matches are VOC's (voc.py). All detections of one score come in together. Of thresholds with the
same F1 the highest is best. Proof: tests/metrics/detection/test_operating_point.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.detection.lists import Floats
from zoo.metrics.detection.voc import Matches


@dataclass(frozen=True)
class Counts:
    """What is found: hits, false alarms, and the objects there are; difficult ones left out."""

    hits: int = 0
    alarms: int = 0
    truths: int = 0

    @property
    def missed(self) -> int:
        """Objects that are not found."""
        return self.truths - self.hits

    @property
    def precision(self) -> float:
        """Percent of the detections that are hits; 0 without detections."""
        return 100 * self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 0.0

    @property
    def recall(self) -> float:
        """Percent of the objects that are found; 0 without objects."""
        return 100 * self.hits / self.truths if self.truths else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, percent; 0 if nothing is found."""
        return 200 * self.hits / (self.truths + self.hits + self.alarms) if self.hits else 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.hits + other.hits, self.alarms + other.alarms, self.truths + other.truths
        )


def counts_at(matches: Matches, threshold: float) -> Counts:
    """The counts of one class with the detections of at least this score."""
    used = matches.scores >= threshold
    return Counts(int(matches.right[used].sum()), int(matches.wrong[used].sum()), matches.truths)


@dataclass(frozen=True, eq=False)
class F1Curve:
    """F1 in percent against the threshold, all classes together.

    Attributes:
        thresholds: (n,) the different scores, descending.
        f1: (n,) with all detections of at least that score.
    """

    thresholds: Floats
    f1: Floats

    @property
    def best(self) -> float | None:
        """The threshold with the highest F1; None if no object is found at any.

        It lies halfway between the lowest score that is used and the next (or 0), so that a score
        that is computed a little differently elsewhere is on the same side of it.
        """
        if not self.f1.any():
            return None
        at = int(self.f1.argmax())
        below = self.thresholds[at + 1] if at + 1 < len(self.thresholds) else 0.0
        return float(self.thresholds[at] + below) / 2


def f1_curve(classes: Sequence[Matches]) -> F1Curve:
    """F1 of all classes together (micro average) at each score."""
    scores = np.concatenate([np.zeros(0), *(one.scores for one in classes)])
    right = np.concatenate([np.zeros(0, bool), *(one.right for one in classes)])
    wrong = np.concatenate([np.zeros(0, bool), *(one.wrong for one in classes)])
    order = np.argsort(-scores, kind="stable")
    hits, alarms = right[order].cumsum(), wrong[order].cumsum()
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf))  # of each score
    truths = sum(one.truths for one in classes)
    used = hits[last] + alarms[last] + truths
    return F1Curve(scores[order][last], 200 * hits[last] / np.maximum(used, 1))
