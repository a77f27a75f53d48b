"""An exponential moving average of the weights, to evaluate and ship instead of the last ones.

Polyak & Juditsky 1992; notes: course 2, week 2, "Exponentially weighted averages".
"""

import copy

import torch
from torch import nn


class EMA:
    """v <- decay * v + (1 - decay) * w after each step, with the notes' bias correction by ramp.

    The decay used at update t (from 1) is min(decay, t / (t + 9)), so that early averages are not
    dominated by the random start. Buffers (batch-norm statistics, counters) are copied.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"decay must lie between 0 and 1, got {decay}")
        self.decay = decay
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self._pairs = list(zip(self.model.parameters(), model.parameters(), strict=True))
        self._buffers = list(zip(self.model.buffers(), model.buffers(), strict=True))

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after update ``step`` (counted from 1)."""
        weight = 1 - min(self.decay, step / (step + 9))
        averages, current = zip(*self._pairs, strict=True)
        torch._foreach_lerp_(averages, [p.detach() for p in current], weight)
        for average, buffer in self._buffers:
            average.copy_(buffer)
