"""The small GoogLeNet: its count by hand, shapes, parity of its modules with plain functions."""

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from tests.models.test_vgg_small import plain, unit
from zoo import registry
from zoo.nn.conv import ConvNormReLU
from zoo.nn.inception import Inception

NAME = "googlenet_small"


def module(c_in, c1, r3, c3, r5, c5, proj):
    """Parameters of an inception module."""
    branches = unit(c_in, c1, 1) + unit(c_in, r3, 1) + unit(r3, c3, 3)
    return branches + unit(c_in, r5, 1) + unit(r5, c5, 5) + unit(c_in, proj, 1)


def test_parameters_by_hand():
    count = unit(1, 16, 3) + module(16, 16, 16, 24, 8, 8, 8)
    count += module(56, 24, 24, 32, 8, 16, 16) + module(88, 32, 32, 64, 12, 24, 24)
    count += module(144, 48, 48, 96, 16, 32, 32) + 208 * 10 + 10
    assert sum(p.numel() for p in registry.build(NAME).parameters()) == count
    assert f"{count:,} parameters" in registry.entry(NAME).summary


def test_shapes():
    stages = registry.build(NAME).forward_stages(torch.zeros(2, 1, 28, 28))
    expected = [(2, 16, 28, 28), (2, 88, 14, 14), (2, 208, 7, 7)]
    assert [tuple(stage.shape) for stage in stages] == expected


def test_inception_parity_with_plain_functions():
    torch.manual_seed(0)
    model = Inception(6, 2, 3, 4, 2, 5, 3, unit=ConvNormReLU).double().eval()
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point():  # means around 0, so that no ReLU is off everywhere
            low = 0.5 if name.endswith("var") else -0.5
            buffer.uniform_(low, low + 1)
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


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check(NAME)


def test_one_batch_is_overfitted():
    checks.check_overfits(NAME, steps=15, training=True)
