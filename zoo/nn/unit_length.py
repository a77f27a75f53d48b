"""Vectors of length 1 and their squared distances: what a network trained by triplets compares.

Paper: Schroff, Kalenichenko & Philbin 2015, arXiv:1503.03832, sec. 3.1. Notes: course 4, week 4,
"Triplet Loss". Used by facenet and facenet_small.
Deviations: none that can be measured; a vector of zeros stays one instead of becoming NaN.
Proof: tests/nn/test_unit_length.py.
"""

from torch import Tensor

EPSILON = 1e-12  # below the square root, so that the gradient of a vector of zeros is finite


def unit_length(x: Tensor) -> Tensor:
    """Vectors (N, D) divided by their length.

    >>> import torch
    >>> unit_length(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 0.0000]])
    """
    return x * (x.square().sum(1, keepdim=True) + EPSILON).rsqrt()


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """|a_i - b_j|^2 of vectors (N, D) and (M, D), (N, M), by one matrix product.

    Its gradient is finite everywhere, which that of a root is not where two vectors meet.

    >>> import torch
    >>> squared_distances(torch.eye(2), torch.eye(2)[:1])
    tensor([[0.],
            [2.]])
    """
    squares = a.square().sum(1)[:, None] + b.square().sum(1)
    return (squares - 2 * a @ b.T).clamp_min(0)  # rounding may leave -1e-7 of a 0
