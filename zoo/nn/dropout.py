"""Dropout for sequences: one mask for all steps, and whole words.

Paper: Gal & Ghahramani 2016, arXiv:1512.05287, sec. 4 (the same mask at each step, "variational";
4.2: words are dropped by type). Merity, Keskar & Socher 2018, arXiv:1708.02182, sec. 4.2 and 4.3,
calls the first locked dropout. Notes: course 2, week 1, "Dropout Regularization" (inverted: what is
kept is divided by the probability to be kept, so that nothing is scaled in eval mode).
Deviations: the recurrent mask of Gal & Ghahramani (on h_{t-1}) is left out, torch's fused layers
cannot take it.
Proof: tests/nn/test_dropout.py.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from zoo.errors import BadInput


class LockedDropout(nn.Module):
    """Drops the same features of an example at all of its steps; (N, T, D) -> the same.

    Each example has a mask of its own. Without ``training`` nothing is done.

    Args:
        p: probability to be dropped, at least 0 and below 1.

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
        return x * _mask(x, (len(x), 1, x.shape[2]), self.p)

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"p={self.p}"


class WordDropout(nn.Module):
    """Looks words up in a table from which, in training, whole words are missing.

    A word that is dropped is so wherever it stands in the batch: its vector is zero. The others
    are divided by 1 - p. ``table`` is the caller's, so that it may be tied to the output layer.
    Shapes: tokens (N, T), integers -> (N, T, D).

    Args:
        p: probability that a word of the vocabulary is dropped, at least 0 and below 1.

    Raises:
        BadInput: for another p.
    """

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = _probability(p)

    def forward(self, tokens: Tensor, table: nn.Embedding) -> Tensor:
        vectors = table(tokens)  # and then the mask: the whole table is not copied
        if not self.training or self.p == 0:
            return vectors
        return vectors * F.embedding(tokens, _mask(table.weight, (len(table.weight), 1), self.p))

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"p={self.p}"


def _mask(like: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """Zeros with probability p, else 1 / (1 - p)."""
    return like.detach().new_empty(shape).bernoulli_(1 - p).div_(1 - p)


def _probability(p: float) -> float:
    if not 0 <= p < 1:
        raise BadInput(f"p must be at least 0 and below 1, got {p}")
    return p
