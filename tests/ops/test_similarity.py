"""The similarity transform: numpy's least squares, exact cases, the gradient of its error."""

import numpy as np
import pytest
import torch

from zoo.ops.similarity import similarity


def least_squares(points, onto):
    """x' = a x - b y + c and y' = b x + a y + d, by numpy."""
    rows, goal = [], []
    for (x, y), (u, v) in zip(points.tolist(), onto.tolist(), strict=True):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        goal += [u, v]
    a, b, c, d = np.linalg.lstsq(np.array(rows), np.array(goal), rcond=None)[0]
    return np.array([[a, -b, c], [b, a, d]])


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_it_is_the_least_squares_solution(count):
    rng = torch.Generator().manual_seed(count)
    points = torch.rand(count, 2, generator=rng, dtype=torch.float64) * 300
    onto = torch.rand(count, 2, generator=rng, dtype=torch.float64) * 112
    assert np.allclose(similarity(points, onto).numpy(), least_squares(points, onto), atol=1e-9)


def test_an_exact_turn_scale_and_shift_comes_out():
    angle = torch.tensor(0.7, dtype=torch.float64)
    turn = 1.8 * torch.stack(
        [torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])]
    )
    shift = torch.tensor([12.0, -7.0], dtype=torch.float64)
    points = torch.tensor([[0.0, 0], [5, 1], [-2, 8], [30, 4]], dtype=torch.float64)
    found = similarity(points, points @ turn.T + shift)
    assert torch.allclose(found, torch.cat((turn, shift[:, None]), 1), atol=1e-12)


def test_there_is_no_reflection():
    mirrored = similarity(
        torch.tensor([[0.0, 0], [1, 0], [0, 1]]), torch.tensor([[0.0, 0], [-1, 0], [0, 1]])
    )
    turn = mirrored[:, :2]
    assert turn[0, 0] * turn[1, 1] - turn[0, 1] * turn[1, 0] >= 0


@pytest.mark.parametrize(
    ("points", "onto"),
    [
        (torch.ones(5, 2), torch.rand(5, 2)),
        (torch.rand(4, 2), torch.rand(5, 2)),
        (torch.rand(3), torch.rand(3)),
    ],
)
def test_what_has_no_answer(points, onto):
    with pytest.raises(ValueError, match="at least two must differ|points must be"):
        similarity(points, onto)
