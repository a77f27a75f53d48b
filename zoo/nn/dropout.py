"""Dropout for sequences: one mask for all steps.

Paper: Gal & Ghahramani 2016, arXiv:1512.05287, sec. 4 (the same mask at each step, "variational").
Merity, Keskar & Socher 2018, arXiv:1708.02182, sec. 4.2, calls it locked dropout. Notes: course 2,
week 1, "Dropout Regularization" (inverted: what is kept is divided by the probability to be kept,
so that nothing is scaled in eval mode).
Deviations: the recurrent mask of Gal & Ghahramani (on h_{t-1}) is left out, torch's fused layers
cannot take it.
Proof: tests/nn/test_dropout.py.
"""

from torch import Tensor, nn

from zoo.errors import BadInput


class LockedDropout(nn.Module):
    """Drops the same features of an example at all of its steps; (N, T, D) -> the same.

    Each example has its own mask. In eval mode nothing is done.

    Args:
        p: probability that a feature is dropped, at least 0 and below 1.

    Raises:
        BadInput: for another p, or an input that is not (N, T, D).
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = _probability(p)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 3:
            raise BadInput(f"x must be (N, T, D), got {tuple(x.shape)}")
        if not self.training or self.p == 0:
            return x
        mask = x.detach().new_empty(len(x), 1, x.shape[2]).bernoulli_(1 - self.p)
        return x * mask.div_(1 - self.p)

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"p={self.p}"


def _probability(p: float) -> float:
    if not 0 <= p < 1:
        raise BadInput(f"p must be at least 0 and below 1, got {p}")
    return p
