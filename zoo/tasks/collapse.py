"""Whether a network that compares images has begun to make one point of all of them.

A triplet loss that sticks at its margin is the sign: all distances are 0, and 0 - 0 + margin is
left. What is looked at is kept on the device, and read once in ``WINDOW`` steps.
Proof: tests/tasks/test_collapse.py.
"""

import math

import torch
from torch import Tensor

WINDOW = 100  # steps whose means are looked at; the first are left to the warm-up
STUCK = 0.02  # how near the loss is to that of a network that tells nothing apart, relative
NARROW = 0.02  # of the squared length of vectors: how far apart they are on average, squared
POINT = 1e-4  # the same, of one point, whatever the loss
ADVICE = "a lower lr, more warm-up, larger batches"


def spread(vectors: Tensor) -> Tensor:
    """How far apart vectors (N, D) are: the mean squared distance of two over twice their square.

    1 for directions that have nothing in common, 0 for one point.

    >>> spread(torch.eye(2)), spread(torch.ones(2, 3))
    (tensor(1.), tensor(0.))
    """
    vectors = vectors.detach().float()
    squares = vectors.square().sum(1).mean()
    return vectors.var(0).sum() / squares.clamp_min(1e-30)  # half the mean squared distance


class CollapseWatch:
    """The last steps of a run.

    Args:
        objective: its name.
        idle: the loss of a network that tells nothing apart.
        device: where the sums are kept.
    """

    def __init__(self, objective: str, idle: float, device: torch.device) -> None:
        self.objective, self.idle = objective, idle
        self._sums = torch.zeros(2, device=device)
        self._steps, self._windows, self.told = 0, 0, False

    def add(self, loss: Tensor, vectors: Tensor) -> str:
        """Count a step; what there is to tell, once, else "".

        Args:
            loss: of the step, a scalar.
            vectors: (B, D), those it was computed from.
        """
        self._sums += torch.stack([loss.detach().float(), spread(vectors)])
        self._steps += 1
        if self._steps < WINDOW:
            return ""
        mean, apart = (self._sums / self._steps).tolist()  # the only wait for a GPU
        self._sums.zero_()
        self._steps, self._windows = 0, self._windows + 1
        if self.told or self._windows == 1:
            return ""
        stuck = abs(mean - self.idle) < STUCK * self.idle and apart < NARROW
        self.told = stuck or apart < POINT
        return self._line(mean, apart) if self.told else ""

    def _line(self, loss: float, apart: float) -> str:
        known = math.isfinite(self.idle)
        point = f" (that of one point for all images is {self.idle:.4f})" if known else ""
        return (
            f"collapse: for {WINDOW} steps the loss was {loss:.4f}{point} and vectors were "
            f"{apart:.1e} of their length apart; try {advice(self.objective)}"
        )


def advice(objective: str) -> str:
    """What to do about it."""
    other = objective.startswith(("batch_hard", "all_triplets"))
    return f"objective=semi_hard, {ADVICE}" if other else ADVICE


def collapsed(vectors: Tensor) -> bool:
    """Whether a network has made one point of different images, as far as can be seen."""
    return len(vectors) > 1 and bool(spread(vectors) < POINT)
