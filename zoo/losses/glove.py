"""GloVe's objective: weighted least squares on the logarithms of co-occurrence counts.

Paper: Pennington, Socher and Manning 2014, eq. 8 and 9. Notes: course 5, week 2, "GloVe word
vectors". Deviations: half of the paper's J, and its mean over the non-zero cells instead of the
sum: the cost that the authors' program prints.
Proof: tests/losses/test_glove.py.
"""

from torch import Tensor


def weighting(counts: Tensor, x_max: float = 100.0, alpha: float = 0.75) -> Tensor:
    """f(x) = (x / x_max)^alpha, and 1 from x_max on (eq. 9): rare pairs count less, 0 nothing.

    >>> import torch
    >>> weighting(torch.tensor([0.0, 6.25, 100.0, 900.0]))
    tensor([0.0000, 0.1250, 1.0000, 1.0000])
    """
    return (counts / x_max).clamp(max=1.0) ** alpha


def glove_loss(scores: Tensor, counts: Tensor, x_max: float = 100.0, alpha: float = 0.75) -> Tensor:
    """The mean over cells of f(X_ij) (w_i . w~_j + b_i + b~_j - log X_ij)^2 / 2 (eq. 8).

    Args:
        scores: (N,), what the model gives for N cells.
        counts: (N,) X_ij > 0 of these cells.
    """
    return (weighting(counts, x_max, alpha) * (scores - counts.log()).square()).mean() / 2
