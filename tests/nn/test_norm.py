"""Local response normalisation against the paper's formula as a plain loop."""

import numpy as np
import pytest
import torch

from zoo.nn.norm import LocalResponseNorm


def formula(a, n, k, alpha, beta):
    """Sec. 3.3, letter by letter: j from max(0, i - n/2) to min(N - 1, i + n/2)."""
    b = np.empty_like(a)
    for i in range(a.shape[1]):
        total = np.zeros_like(a[:, 0])
        for j in range(max(0, i - n // 2), min(a.shape[1] - 1, i + n // 2) + 1):
            total += a[:, j] ** 2
        b[:, i] = a[:, i] / (k + alpha * total) ** beta
    return b


def maps(channels=9, scale=50.0):
    draw = np.random.default_rng(0)
    return scale * draw.normal(size=(2, channels, 4, 5))


@pytest.mark.parametrize("channels", [1, 2, 4, 5, 9])
def test_the_papers_formula(channels):
    a = maps(channels)
    expected = formula(a, 5, 2, 1e-4, 0.75)
    assert np.abs(expected / a).max() < 0.6  # at most 2^-0.75 = 0.59
    assert np.abs(expected / a).min() < 0.5  # and the sum counts
    ours = LocalResponseNorm()(torch.from_numpy(a))
    np.testing.assert_allclose(ours.numpy(), expected, rtol=0, atol=1e-10)
    single = LocalResponseNorm()(torch.from_numpy(a).float())
    np.testing.assert_allclose(single.numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize(
    "constants",
    [
        {"n": 1, "k": 1, "alpha": 0.3, "beta": 0.5},
        {"n": 3, "k": 1.5, "alpha": 1e-3, "beta": 1},
        {"n": 7, "k": 2, "alpha": 2e-4, "beta": 0.75},
    ],
    ids=str,
)
def test_other_constants(constants):
    a = maps()
    ours = LocalResponseNorm(**constants)(torch.from_numpy(a)).numpy()
    np.testing.assert_allclose(ours, formula(a, **constants), rtol=0, atol=1e-10)


def test_the_trap_pytorch_divides_alpha_by_n():
    a = maps()
    trap = torch.nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2)(torch.from_numpy(a)).numpy()
    assert np.abs(trap - formula(a, 5, 2, 1e-4, 0.75)).max() > 1
    np.testing.assert_allclose(trap, formula(a, 5, 2, 1e-4 / 5, 0.75), rtol=0, atol=1e-10)


def test_channels_last_gives_the_same():
    a = torch.from_numpy(maps())
    last = LocalResponseNorm()(a.contiguous(memory_format=torch.channels_last))
    assert torch.allclose(last, LocalResponseNorm()(a), rtol=0, atol=1e-12)


def test_gradients():
    a = torch.from_numpy(maps(scale=1)).requires_grad_()
    assert torch.autograd.gradcheck(LocalResponseNorm(3, 2, 0.5, 0.75), (a,))


@pytest.mark.parametrize("n", [4, 0, -1])
def test_an_even_n_has_no_middle(n):
    with pytest.raises(ValueError, match=f"n must be odd and positive, got {n}"):
        LocalResponseNorm(n)


def test_print_shows_the_constants():
    assert repr(LocalResponseNorm()) == "LocalResponseNorm(n=5, k=2.0, alpha=0.0001, beta=0.75)"
