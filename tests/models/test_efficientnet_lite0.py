"""EfficientNet-Lite0: its count, shapes, parity with plain functions, the smooth form, the peer."""

from importlib.util import find_spec

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from zoo import registry
from zoo.models.efficientnet_lite0 import STAGES, EfficientNetLite0

NAME, SMALL = "efficientnet_lite0", {"size": 64}


def same(size, kernel, stride):
    """TensorFlow's SAME: how many zeros before and after."""
    lack = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return lack // 2, lack - lack // 2


def unit(p, x, at, stride=1, relu=True):
    weight = p[f"{at}.conv.weight"]
    kernel, groups = weight.shape[2], x.shape[1] // weight.shape[1]
    pads = (*same(x.shape[3], kernel, stride), *same(x.shape[2], kernel, stride))
    x = F.conv2d(F.pad(x, pads), weight, stride=stride, groups=groups)
    mean, var = p[f"{at}.bn.running_mean"], p[f"{at}.bn.running_var"]
    x = F.batch_norm(x, mean, var, p[f"{at}.bn.weight"], p[f"{at}.bn.bias"], eps=1e-3)
    return x.clamp(0, 6) if relu else x


def plain(p, x):
    x, number = unit(p, x, "stem", 2), 0
    for _, stride, expansion, _, count in STAGES:
        for first in range(count):
            at, y = f"units.{number}", x
            if expansion != 1:
                y = unit(p, y, f"{at}.expand")
            y = unit(p, y, f"{at}.depthwise", 1 if first else stride)
            y = unit(p, y, f"{at}.project", relu=False)
            x, number = x + y if first else y, number + 1
    return unit(p, x, "head").mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]


def test_parameters():
    """4.65 million are published for Lite0; exactly those of the independent package."""
    assert sum(p.numel() for p in registry.build(NAME).parameters()) == 4_652_008


def test_shapes():
    with torch.device("meta"):
        model = EfficientNetLite0(7)
        stages = model.forward_stages(torch.zeros(1, 3, 224, 224))
    channels = [16, 24, 40, 80, 112, 192, 1280]
    sides = [112, 56, 28, 14, 14, 7, 7]
    assert [tuple(one.shape[1:]) for one in stages] == [
        (c, s, s) for c, s in zip(channels, sides, strict=True)
    ]


@pytest.mark.parametrize("size", [(64, 64), (63, 50)])
def test_parity_with_plain_functions(size):
    model = checks.built(NAME, num_classes=5).double()
    images = torch.randn(2, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        assert torch.allclose(model(images), plain(model.state_dict(), images), atol=1e-9)


def test_the_smooth_form_sees_no_border_and_aliases_less():
    """Of an even picture its maps are even; a shift by a pixel moves them less."""
    smooth = registry.build(NAME, num_classes=5, smooth=True).eval()
    usual = registry.build(NAME, num_classes=5).eval()
    usual.load_state_dict(smooth.state_dict())
    with torch.no_grad():
        flat = smooth.forward_blocks(torch.full((1, 3, 64, 64), 0.5), last=4)[-1]
        assert float(flat.std((2, 3)).max()) < 1e-5
        assert float(usual.forward_blocks(torch.full((1, 3, 64, 64), 0.5), last=4)[-1].std()) > 1e-3
        x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
        moved = x.roll(1, 3)
        changes = []
        for model in (smooth, usual):
            a, b = (model.forward_blocks(one, last=2)[-1] for one in (x, moved))
            changes.append(float((a - b)[..., 2:-2].norm() / a.norm()))
    assert changes[0] < changes[1]


def test_the_independent_package_gives_the_same():
    if find_spec("efficientnet_lite_pytorch") is None:
        pytest.skip("efficientnet_lite_pytorch is not installed")
    from efficientnet_lite_pytorch import EfficientNet

    from zoo.pretrained.efficientnet_lite import renamed

    theirs = EfficientNet.from_name("efficientnet-lite0").eval()
    ours = registry.build(NAME).eval()
    ours.load_state_dict({renamed(k): v for k, v in theirs.state_dict().items()})
    images = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        assert torch.allclose(ours(images), theirs(images), atol=1e-5)


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check(NAME, **SMALL, num_classes=5)
