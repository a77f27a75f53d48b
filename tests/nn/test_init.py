import math

import pytest
import torch

from zoo.nn.init import initialise, spread, truncated_normal


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("zero", 0), ("random", 0.01), ("xavier", 1 / math.sqrt(600)), ("he", math.sqrt(2 / 600))],
)
def test_spread_of_a_layer(scheme, expected):
    torch.manual_seed(0)
    layer = torch.nn.Linear(600, 500)
    initialise(layer, scheme)
    assert layer.weight.std().item() == pytest.approx(expected, rel=0.02)
    assert layer.weight.mean().item() == pytest.approx(0, abs=1e-3)
    assert layer.bias.abs().max() == 0


def test_fan_in_of_a_convolution_counts_its_kernel():
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(8, 500, 5)
    initialise(conv, "he")
    assert conv.weight.std().item() == pytest.approx(math.sqrt(2 / 200), rel=0.02)


def test_he_keeps_the_size_of_signals_through_twenty_layers_and_random_does_not():
    torch.manual_seed(0)
    x = torch.randn(64, 200)
    sizes = {}
    for scheme in ("he", "random"):
        layers = [torch.nn.Linear(200, 200) for _ in range(20)]
        a = x
        for layer in layers:
            initialise(layer, scheme)
            a = torch.relu(layer(a))
        sizes[scheme] = a.square().mean().item()
    assert 0.1 < sizes["he"] < 10
    assert sizes["random"] < 1e-10


def test_zero_keeps_units_alike():
    """Why not to start from zero: all units of a layer get the same gradient."""
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    initialise(net, "zero")
    torch.nn.functional.cross_entropy(
        net(torch.randn(5, 4)), torch.tensor([0, 1, 0, 1, 1])
    ).backward()
    assert net[0].weight.grad.abs().max() == 0


def test_an_unknown_scheme_is_said():
    with pytest.raises(ValueError, match="zero, random, xavier, he"):
        spread("kaiming", 3)


def test_truncated_normal_is_cut_at_two_sigma_and_torchvisions_is_not():
    torch.manual_seed(0)
    layer = torch.nn.Linear(600, 500)
    truncated_normal(layer, 0.01)
    assert 0.0199 < layer.weight.abs().max().item() <= 0.02
    # the variance of a normal cut at 2 is 1 - 4 phi(2) / (Phi(2) - Phi(-2)) = 0.774
    assert layer.weight.std().item() == pytest.approx(0.01 * math.sqrt(0.7737), rel=0.01)
    assert layer.weight.mean().item() == pytest.approx(0, abs=1e-4)
    assert layer.bias.abs().max() == 0
    torch.nn.init.trunc_normal_(layer.weight, std=0.01, a=-2, b=2)
    assert layer.weight.abs().max().item() > 0.04
