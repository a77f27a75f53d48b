"""The similarity transform (turn, scale, shift) that lays points upon others with least squares.

Umeyama 1991, "Least-Squares Estimation of Transformation Parameters Between Two Point Patterns",
IEEE PAMI 13(4). In the plane, and without a reflection, its singular value decomposition has a
closed form: with points as complex numbers around their means, the best a in w = a z is
sum(conj(z) w) / sum(|z|^2). Proof: tests/ops/test_similarity.py (numpy's least squares).
"""

import torch
from torch import Tensor


def similarity(points: Tensor, onto: Tensor) -> Tensor:
    """The transform of ``points`` that comes nearest to ``onto``.

    Args:
        points, onto: (p, 2) float, x y; at least two.

    Returns:
        (2, 3) float64: x' = m00 x + m01 y + m02, y' = m10 x + m11 y + m12.

    Raises:
        ValueError: if the shapes differ, or all points are the same, so that nothing is known of
            turn and scale.

    >>> unit = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    >>> similarity(unit, torch.tensor([[5.0, 5.0], [5.0, 7.0]])).tolist()
    [[0.0, -2.0, 5.0], [2.0, 0.0, 5.0]]
    """
    if points.shape != onto.shape or points.dim() != 2 or points.shape[1] != 2:
        got = f"{tuple(points.shape)} and {tuple(onto.shape)}"
        raise ValueError(f"points must be (p, 2), as many of both, got {got}")
    start, end = points.double(), onto.double()
    middle, goal = start.mean(0), end.mean(0)
    z, w = start - middle, end - goal
    spread = z.square().sum()
    if not spread > 0:
        raise ValueError("all points are the same; at least two must differ")
    cosine = (z * w).sum() / spread  # real part of a
    sine = (z[:, 0] * w[:, 1] - z[:, 1] * w[:, 0]).sum() / spread  # imaginary part
    turn = torch.stack((torch.stack((cosine, -sine)), torch.stack((sine, cosine))))
    return torch.cat((turn, (goal - turn @ middle)[:, None]), 1)
