"""The binary head of a Siamese network: do two embeddings show the same?

Paper: Koch, Zemel & Salakhutdinov 2015, "Siamese Neural Networks for One-shot Image Recognition",
sec. 3.1: the logistic function of the weighted differences of the features. Notes: course 4,
week 4, "Face Verification and Binary Classification", with both forms:

    weighted_l1  sum_k w_k |f1_k - f2_k| + b
    chi_square   sum_k w_k (f1_k - f2_k)^2 / (f1_k + f2_k) + b

Used by siamese and siamese_small. Deviations: none; 0 / 0 of the second form counts as 0.
Proof: tests/nn/test_pair_head.py.
"""

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

FORMS = ("weighted_l1", "chi_square")
MOST_AT_ONCE = 4_000_000  # differences in memory: 16 MB
SMALLEST = 1e-12  # of f1 + f2; both are outputs of a sigmoid, so 0 only where it underflows


class PairHead(nn.Module):
    """Features (N, D) and (M, D) to the logits (N, M) that two show the same.

    Args:
        size: D.
        form: ``"weighted_l1"`` or ``"chi_square"``, for which features must not be negative.

    Raises:
        ValueError: for another form.
    """

    def __init__(self, size: int, form: str = "weighted_l1") -> None:
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"head must be one of {', '.join(FORMS)}, got {form!r}")
        self.form = form
        self.output = nn.Linear(size, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """The differences are made in pieces: never are N x M x D numbers in memory."""
        size = self.output.in_features
        columns = max(1, min(len(b), MOST_AT_ONCE // size))
        rows = max(1, MOST_AT_ONCE // (size * columns))
        pieces = [
            torch.cat([self._piece(some[:, None], others[None]) for others in b.split(columns)], 1)
            for some in a.split(rows)
        ]
        return torch.cat(pieces)

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        """The same of pairs: features (N, D) and (N, D) to logits (N,)."""
        rows = max(1, MOST_AT_ONCE // self.output.in_features)
        pieces = zip(a.split(rows), b.split(rows), strict=True)
        return torch.cat([self._piece(some, others) for some, others in pieces])

    def _piece(self, a: Tensor, b: Tensor) -> Tensor:
        if torch.is_grad_enabled():  # what backward needs is made again there, not kept
            made: Tensor = checkpoint(self._logits, a, b, use_reentrant=False)
            return made
        return self._logits(a, b)

    def _logits(self, a: Tensor, b: Tensor) -> Tensor:
        """Features (..., D), which are broadcast, to logits (...)."""
        apart = (a - b).abs()
        if self.form == "chi_square":
            apart = apart.square() / (a + b).clamp_min(SMALLEST)
        logits: Tensor = self.output(apart)
        return logits.squeeze(-1)

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"form={self.form!r}"
