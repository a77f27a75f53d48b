"""How much of some features cannot be predicted from others by a linear map, position by position.

The map is fitted by least squares on one set and measured on another: 0 is all of it explained, 1
what predicting the means of the first set explains.
Proof: tests/metrics/test_unexplained_variance.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

RIDGE = 1e-6  # of the mean square of a feature, so that the equations can always be solved


@dataclass(frozen=True)
class Readout:
    """A linear map from features (n, D) to targets (n, K)."""

    weight: Tensor  # (D + 1, K) float64; the last row is the bias

    def __call__(self, features: Tensor) -> Tensor:
        return with_one(features) @ self.weight


class Shares(NamedTuple):
    """Sums of squares over positions and channels; those of several sets may be added."""

    missed: float  # of what the map does not predict
    all: float  # of the targets, which are deviations from the means of train

    @property
    def unexplained(self) -> float:
        """The unexplained share; NaN for targets that do not vary."""
        return self.missed / self.all if self.all > 0 else float("nan")


def fit_readout(pairs: Iterable[tuple[Tensor, Tensor]]) -> Readout:
    """The least-squares map of features (n, D) to targets (n, K), given part by part.

    Raises:
        ValueError: without any.
    """
    inner: Tensor | None = None
    cross: Tensor | None = None
    for features, targets in pairs:
        x = with_one(features)
        inner = x.T @ x if inner is None else inner + x.T @ x
        cross = x.T @ targets.double() if cross is None else cross + x.T @ targets.double()
    if inner is None or cross is None:
        raise ValueError("a readout needs features and targets, got none")
    inner += RIDGE * inner.diagonal().mean() * torch.eye(len(inner), dtype=torch.float64)
    return Readout(torch.linalg.solve(inner, cross))


def shares(readout: Readout, features: Tensor, targets: Tensor) -> Shares:
    """Of one set: features (n, D) and targets (n, K), as deviations from the means of train."""
    targets = targets.double()
    missed = (readout(features) - targets).square().sum()
    return Shares(float(missed), float(targets.square().sum()))


def with_one(features: Tensor) -> Tensor:
    """(n, D) to (n, D + 1) float64, with a column of ones."""
    return torch.cat([features.double(), features.new_ones(len(features), 1).double()], 1)
