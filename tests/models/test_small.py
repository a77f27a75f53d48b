"""The two small networks: counts by hand, shapes, parity with plain functions."""

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from zoo import registry
from zoo.nn.conv import ConvNormReLU
from zoo.nn.inception import Inception

NAMES = ("vgg_small", "googlenet_small")


def unit(c_in, c_out, kernel):
    """Parameters of a convolution without bias and its batch norm."""
    return c_in * c_out * kernel**2 + 2 * c_out


def module(c_in, c1, r3, c3, r5, c5, proj):
    """Parameters of an inception module."""
    branches = unit(c_in, c1, 1) + unit(c_in, r3, 1) + unit(r3, c3, 3)
    return branches + unit(c_in, r5, 1) + unit(r5, c5, 5) + unit(c_in, proj, 1)


def test_parameters_by_hand():
    pairs = [(1, 24), (24, 24), (24, 48), (48, 48), (48, 96), (96, 96)]
    vgg = sum(unit(a, b, 3) for a, b in pairs) + 96 * 10 + 10
    inception = unit(1, 16, 3) + module(16, 16, 16, 24, 8, 8, 8)
    inception += module(56, 24, 24, 32, 8, 16, 16) + module(88, 32, 32, 64, 12, 24, 24)
    inception += module(144, 48, 48, 96, 16, 32, 32) + 208 * 10 + 10
    for name, count in zip(NAMES, (vgg, inception), strict=True):
        assert sum(p.numel() for p in registry.build(name).parameters()) == count
        assert f"{count:,} parameters" in registry.entry(name).summary


def test_shapes():
    pictures = torch.zeros(2, 1, 28, 28)
    for name, maps in zip(NAMES, ((24, 48, 96), (16, 88, 208)), strict=True):
        stages = registry.build(name).forward_stages(pictures)
        expected = [(2, c, s, s) for c, s in zip(maps, (28, 14, 7), strict=True)]
        assert [tuple(stage.shape) for stage in stages] == expected


def plain(p, x, at, padding):
    """Convolution, batch norm with the running statistics, ReLU."""
    x = F.conv2d(x, p[f"{at}.conv.weight"], padding=padding)
    mean, var = p[f"{at}.bn.running_mean"], p[f"{at}.bn.running_var"]
    return F.batch_norm(x, mean, var, p[f"{at}.bn.weight"], p[f"{at}.bn.bias"]).relu()


def test_vgg_parity_with_plain_functions():
    model, pictures = checks.built("vgg_small").double(), checks.example("vgg_small").double()
    p, x = model.state_dict(), pictures
    for stage in range(3):
        x = F.max_pool2d(x, 2) if stage else x
        for n in (0, 1) if stage == 0 else (1, 2):
            x = plain(p, x, f"stages.{stage}.{n}", 1)
    expected = x.mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]
    with torch.no_grad():
        assert torch.allclose(model(pictures), expected, atol=1e-10)


def test_inception_parity_with_plain_functions():
    torch.manual_seed(0)
    model = Inception(6, 2, 3, 4, 2, 5, 3, unit=ConvNormReLU).double().eval()
    for buffer in model.buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    p, x = model.state_dict(), torch.randn(2, 6, 9, 7).double()
    pooled = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-torch.inf), 3, 1)
    expected = [
        plain(p, x, "branch1", 0),
        plain(p, plain(p, x, "branch2.0", 0), "branch2.1", 1),
        plain(p, plain(p, x, "branch3.0", 0), "branch3.1", 2),
        plain(p, pooled, "branch4.1", 0),
    ]
    with torch.no_grad():
        assert torch.allclose(model(x), torch.cat(expected, 1), atol=1e-10)
    assert model.out == 14


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(name, check):
    check(name)


@pytest.mark.parametrize("name", NAMES)
def test_one_batch_is_learned_by_heart(name):
    checks.check_overfits(name, steps=15, training=True)
