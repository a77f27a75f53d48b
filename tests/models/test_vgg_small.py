"""The small VGG: its count by hand, shapes, parity with plain functions."""

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from zoo import registry

NAME = "vgg_small"


def unit(c_in, c_out, kernel=3):
    """Parameters of a convolution without bias and its batch norm."""
    return c_in * c_out * kernel**2 + 2 * c_out


def plain(p, x, at, padding=1):
    """Convolution, batch norm with the running statistics, ReLU."""
    x = F.conv2d(x, p[f"{at}.conv.weight"], padding=padding)
    mean, var = p[f"{at}.bn.running_mean"], p[f"{at}.bn.running_var"]
    return F.batch_norm(x, mean, var, p[f"{at}.bn.weight"], p[f"{at}.bn.bias"]).relu()


def test_parameters_by_hand():
    pairs = [(1, 24), (24, 24), (24, 48), (48, 48), (48, 96), (96, 96)]
    count = sum(unit(a, b) for a, b in pairs) + 96 * 10 + 10
    assert sum(p.numel() for p in registry.build(NAME).parameters()) == count
    assert f"{count:,} parameters" in registry.entry(NAME).summary


def test_shapes():
    stages = registry.build(NAME).forward_stages(torch.zeros(2, 1, 28, 28))
    expected = [(2, 24, 28, 28), (2, 48, 14, 14), (2, 96, 7, 7)]
    assert [tuple(stage.shape) for stage in stages] == expected


def test_parity_with_plain_functions():
    model, images = checks.built(NAME).double(), checks.example(NAME).double()
    p, x = model.state_dict(), images
    for stage in range(3):
        x = F.max_pool2d(x, 2) if stage else x
        for n in (0, 1) if stage == 0 else (1, 2):
            x = plain(p, x, f"stages.{stage}.{n}")
    expected = x.mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]
    with torch.no_grad():
        assert torch.allclose(model(images), expected, atol=1e-10)


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check(NAME)


def test_one_batch_is_overfitted():
    checks.check_overfits(NAME, steps=15, training=True)
