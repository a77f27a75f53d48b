"""Accuracy over ten folds, and VAL at a false accept rate: the protocol of LFW.

Huang et al. 2007, UMass TR 07-49 ("Labeled Faces in the Wild"), sec. III; VAL: Schroff et al.
2015, arXiv:1503.03832, sec. 4. The threshold that a fold is measured with is chosen on the other
nine: for accuracy the first of 0, 0.01, ... 3.99 (squared L2 on the unit sphere) with most right
answers there; for VAL, the part of pairs of the same that is accepted, the one with the wished
false accept rate there, interpolated between steps of 0.001. Accepted is what is below the
threshold. The deviation over folds is the population's, as D. Sandberg's facenet prints it.
A pair whose images could not be read is left out of its own fold; no other fold notices.
Deviations: where even the highest threshold has fewer false accepts than wished, it is taken.
Proof: tests/metrics/verification/test_folds.py.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.errors import BadInput

Floats = NDArray[np.float64]
UNIT_SPHERE = (0.0, 4.0)  # squared L2 there
STEPS, FINE_STEPS = 400, 4000  # thresholds for accuracy; for VAL
FAR = 0.1  # percent: 1e-3


@dataclass(frozen=True, eq=False)
class FoldScores:
    """Of each fold, in percent; a threshold as the dissimilarities are.

    Attributes:
        accuracy: right answers.
        threshold: with which they were given.
        val: pairs of the same that are accepted ...
        far: ... with so many of two, at a threshold chosen for the wished rate.
    """

    accuracy: Floats
    threshold: Floats
    val: Floats
    far: Floats

    def scores(self) -> dict[str, float]:
        """The means over the folds, and the deviations of accuracy and VAL."""
        return {
            "accuracy": float(self.accuracy.mean()),
            "accuracy_std": float(self.accuracy.std()),
            "val": float(self.val.mean()),
            "val_std": float(self.val.std()),
            "far": float(self.far.mean()),
        }

    def __str__(self) -> str:
        s = self.scores()
        return (
            f"accuracy {s['accuracy']:.2f} +- {s['accuracy_std']:.2f} %, "
            f"VAL {s['val']:.2f} +- {s['val_std']:.2f} % at FAR {s['far']:.3f} % "
            f"({len(self.accuracy)} folds)"
        )


def fold_scores(
    values: Tensor,
    same: Tensor,
    folds: Tensor,
    *,
    limits: tuple[float, float] = UNIT_SPHERE,
    far: float = FAR,
) -> FoldScores:
    """Scores of pairs in folds.

    Args:
        values: (P,) dissimilarities; NaN of a pair that could not be compared: it is left out.
        same: (P,) bool.
        folds: (P,) int64, from 0.
        limits: between which thresholds are tried; other networks' have other dissimilarities.
        far: wished percent of false accepts.

    Raises:
        BadInput: if there are fewer than two folds, or one has no pairs of one kind.
    """
    kept = ~torch.isnan(values)
    values, same, folds = values[kept], same[kept], folds[kept]
    count = int(folds.max()) + 1 if len(folds) else 0
    if count < 2:
        raise BadInput(f"{count} folds with pairs; a threshold is chosen on others: 2 or more")
    accepted, totals = [], []
    for fold in range(count):
        kinds = [values[(folds == fold) & kind].double().numpy() for kind in (same, ~same)]
        if not all(map(len, kinds)):
            raise BadInput(
                f"fold {fold + 1} has {len(kinds[0])} pairs of the same and {len(kinds[1])} of "
                "two that could be compared; both kinds are needed"
            )
        accepted.append([np.sort(kind) for kind in kinds])
        totals.append([len(kind) for kind in kinds])
    accuracy, threshold = _accuracy(accepted, np.array(totals), limits)
    val, rate = _val(accepted, np.array(totals), limits, far / 100)
    return FoldScores(accuracy, threshold, val, rate)


def _accuracy(
    folds: list[list[Floats]], totals: NDArray[np.int64], limits: tuple[float, float]
) -> tuple[Floats, Floats]:
    tried = _grid(limits, STEPS)
    right = np.stack(
        [
            np.searchsorted(same, tried) + len(two) - np.searchsorted(two, tried)
            for same, two in folds
        ]
    )  # (F, T)
    best = (right.sum(0) - right).argmax(1)  # on the others; the first of equals
    found = right[np.arange(len(folds)), best]
    return 100 * found / totals.sum(1), tried[best]


def _val(
    folds: list[list[Floats]],
    totals: NDArray[np.int64],
    limits: tuple[float, float],
    wished: float,
) -> tuple[Floats, Floats]:
    tried = _grid(limits, FINE_STEPS)
    wrong = np.stack([np.searchsorted(two, tried) for _, two in folds])  # (F, T)
    rates = (wrong.sum(0) - wrong) / (totals[:, 1].sum() - totals[:, 1])[:, None]
    val, far = [], []
    for (same, two), rate in zip(folds, rates, strict=True):
        at = int(np.searchsorted(rate, wished, "right")) - 1  # the last with no more than wished
        threshold = tried[max(at, 0)]
        if 0 <= at < len(tried) - 1:
            part = (wished - rate[at]) / (rate[at + 1] - rate[at])
            threshold += part * (tried[at + 1] - tried[at])
        val.append(100 * np.searchsorted(same, threshold) / len(same))
        far.append(100 * np.searchsorted(two, threshold) / len(two))
    return np.array(val), np.array(far)


def _grid(limits: tuple[float, float], steps: int) -> Floats:
    return limits[0] + np.arange(steps, dtype=np.float64) * ((limits[1] - limits[0]) / steps)
