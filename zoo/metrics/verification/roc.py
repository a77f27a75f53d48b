"""The two kinds of errors at each threshold, the equal error rate, the threshold for a wished rate.

A pair is accepted as the same if its dissimilarity is at most the threshold. A false accept is an
accepted pair of two, a false reject a pair of the same that is not accepted. The curve of both is
the ROC curve, 100 - false rejects against false accepts. Thresholds that are given out lie halfway
to the next dissimilarity, so that one that is computed a little differently elsewhere is on the
same side. Proof: tests/metrics/verification/test_roc.py (scikit-learn's curve, brute force).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.errors import BadInput


def error_rates(same: Tensor, two: Tensor, threshold: float) -> tuple[float, float]:
    """False accepts and false rejects in percent; of no pairs 0. NaN is never accepted.

    Args:
        same: (Q,) dissimilarities of pairs of the same identity.
        two: (R,) of pairs of two.

    >>> error_rates(torch.tensor([0.1, 0.4]), torch.tensor([0.3, 0.9, 1.0, 1.1]), 0.3)
    (25.0, 50.0)
    """
    accepted, right = (int((values <= threshold).sum()) for values in (two, same))
    return (
        100 * accepted / len(two) if len(two) else 0.0,
        100 * (len(same) - right) / len(same) if len(same) else 0.0,
    )


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Both errors, with all thresholds at which they change.

    Attributes:
        thresholds: (n + 1,) float64, ascending; the first is -inf, the others are the different
            dissimilarities there are.
        false_accept: (n + 1,) percent of pairs of two that are accepted, from 0 to 100.
        false_reject: (n + 1,) percent of pairs of the same that are not, from 100 to 0.
    """

    thresholds: Tensor
    false_accept: Tensor
    false_reject: Tensor

    @property
    def eer(self) -> float:
        """The equal error rate (%): where the line through the points has both errors equal."""
        more = self.false_accept - self.false_reject  # rises from -100 to 100
        after = int((more >= 0).nonzero()[0])
        low, high = float(more[after - 1]), float(more[after])
        part = -low / (high - low)
        accept = self.false_accept[after - 1 : after + 1].tolist()
        return accept[0] + part * (accept[1] - accept[0])

    @property
    def eer_threshold(self) -> float:
        """Where both errors are most nearly equal."""
        return self._halfway(int((self.false_accept - self.false_reject).abs().argmin()))

    def threshold_at(self, false_accept: float) -> float:
        """The highest threshold with at most this many false accepts (%).

        >>> curve = roc_curve(torch.tensor([0.1, 0.4]), torch.tensor([0.3, 0.9, 1.0, 1.1]))
        >>> round(curve.threshold_at(0), 2), round(curve.threshold_at(25), 2)
        (0.2, 0.65)
        """
        return self._halfway(int((self.false_accept <= false_accept).nonzero()[-1]))

    def _halfway(self, point: int) -> float:
        """A threshold of this point; just below the next dissimilarity if there is none before."""
        at = self.thresholds[point]
        if point + 1 == len(self.thresholds):
            return float(at)
        after = self.thresholds[point + 1]
        if not at.isfinite():
            return float(torch.nextafter(after.float(), at.float()))
        return float((at + after) / 2)


def roc_curve(same: Tensor, two: Tensor) -> RocCurve:
    """The curve of some pairs.

    Args:
        same, two: as ``error_rates``.

    Raises:
        BadInput: if there is no pair of one kind, or a dissimilarity is not finite.
    """
    if not len(same) or not len(two):
        raise BadInput(
            f"{len(same)} pairs of the same and {len(two)} of two; both kinds are needed"
        )
    both = torch.cat([same, two]).cpu()
    if not both.isfinite().all():
        count = int((~both.isfinite()).sum())
        raise BadInput(f"{count} of {len(both)} dissimilarities are not finite")
    values, alike = np.sort(both.numpy()), np.sort(same.cpu().numpy())
    last = np.append(values[1:] != values[:-1], True)  # of equal ones
    thresholds = values[last]
    right = np.searchsorted(alike, thresholds, "right")  # pairs of the same up to each
    wrong = last.nonzero()[0] + 1 - right
    return RocCurve(
        torch.from_numpy(np.append(-np.inf, thresholds)),
        torch.from_numpy(np.append(0.0, 100 * wrong / len(two))),
        torch.from_numpy(np.append(100.0, 100 * (len(same) - right) / len(same))),
    )
