"""Local response normalisation, as published.

Paper: Krizhevsky, Sutskever, Hinton 2012, "ImageNet Classification with Deep Convolutional Neural
Networks", sec. 3.3. Notes: course 4, week 2, "Classic networks". Used by alexnet.
Deviations: none. The trap: PyTorch's and Caffe's layers of this name divide alpha by n, which the
paper does not; given the paper's constants they normalise n times too weakly.
Proof: tests/nn/test_norm.py (the paper's double loop in numpy).
"""

import torch.nn.functional as F
from torch import Tensor, nn


class LocalResponseNorm(nn.Module):
    """b_i = a_i / (k + alpha * sum of a_j^2 over the n maps around i) ^ beta.

    Shapes: (N, C, H, W) -> the same. Near the first and last map the sum has fewer terms.

    Args:
        n: maps in the sum, odd: i itself and (n - 1) / 2 on either side.

    >>> import torch
    >>> LocalResponseNorm(n=1, k=0, alpha=1, beta=0.5)(torch.full((1, 1, 1, 1), 3.0)).item()
    1.0

    Raises:
        ValueError: for an even n, which has no middle.
    """

    def __init__(self, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75) -> None:
        super().__init__()
        if n < 1 or n % 2 == 0:
            raise ValueError(f"n must be odd and positive, got {n}")
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def forward(self, x: Tensor) -> Tensor:
        maps, side = x.shape[1], self.n // 2
        squares = F.pad(x.square(), (0, 0, 0, 0, side, side))  # (N, C + n - 1, H, W)
        total = squares[:, :maps]
        for j in range(1, self.n):  # less than half the time of pooling over the channels
            total = total + squares[:, j : j + maps]
        return x / (self.k + self.alpha * total) ** self.beta

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"n={self.n}, k={self.k}, alpha={self.alpha}, beta={self.beta}"
