"""The style network of PyTorch's example: count, names, parity with plain functions."""

import pytest
import torch
import torch.nn.functional as F

from tests.models import style_checks
from zoo.models.fast_style import fast_style

LAYERS = {  # name: maps in and out, kernel, stride, factor of nearest neighbours, instance norm
    "conv1": (3, 32, 9, 1, 1, "in1"), "conv2": (32, 64, 3, 2, 1, "in2"),
    "conv3": (64, 128, 3, 2, 1, "in3"),
    **{f"res{n}.conv{k}": (128, 128, 3, 1, 1, f"res{n}.in{k}")
       for n in range(1, 6) for k in (1, 2)},
    "deconv1": (128, 64, 3, 1, 2, "in4"), "deconv2": (64, 32, 3, 1, 2, "in5"),
    "deconv3": (32, 3, 9, 1, 1, ""),
}  # fmt: skip


def state(seed=0):
    """Random tensors with the names and shapes of a checkpoint of the example."""
    draw, made = torch.Generator().manual_seed(seed), {}
    for name, (c_in, c_out, kernel, _, _, norm) in LAYERS.items():
        weight = torch.randn(c_out, c_in, kernel, kernel, generator=draw)
        made[f"{name}.conv2d.weight"] = weight / (c_in * kernel**2) ** 0.5
        made[f"{name}.conv2d.bias"] = torch.randn(c_out, generator=draw)
        if norm:
            made[f"{norm}.weight"] = 1 + 0.3 * torch.randn(c_out, generator=draw)
            made[f"{norm}.bias"] = 0.3 * torch.randn(c_out, generator=draw)
    return made


def layer(p, x, name, relu=True):
    """Nearest neighbours, reflection, convolution, instance norm, ReLU."""
    _, _, kernel, stride, factor, norm = LAYERS[name]
    x = x.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    x = F.pad(x, (kernel // 2,) * 4, mode="reflect")
    x = F.conv2d(x, p[f"{name}.conv2d.weight"], p[f"{name}.conv2d.bias"], stride)
    if norm:
        mean, var = x.mean((2, 3), keepdim=True), x.var((2, 3), correction=0, keepdim=True)
        x = (x - mean) / (var + 1e-5).sqrt()
        x = x * p[f"{norm}.weight"][:, None, None] + p[f"{norm}.bias"][:, None, None]
    return x.relu() if relu else x


def example(p, x):
    """The example's forward: pixels 0 to 255 to the same, without a limit."""
    for name in ("conv1", "conv2", "conv3"):
        x = layer(p, x, name)
    for n in range(1, 6):
        x = x + layer(p, layer(p, x, f"res{n}.conv1"), f"res{n}.conv2", relu=False)
    return layer(p, layer(p, layer(p, x, "deconv1"), "deconv2"), "deconv3", relu=False)


def test_parameters():
    with torch.device("meta"):
        model = fast_style()
    assert sum(p.numel() for p in model.parameters()) == 1_679_235
    assert {k: v.shape for k, v in model.state_dict().items()} == {
        k: v.shape for k, v in state().items()
    }


@pytest.mark.parametrize("size", [(32, 24), (29, 26)])
@torch.no_grad()
def test_the_examples_graph_gives_the_same(size):
    """Pixels 0 to 255 outside, [0, 1] here; of sizes that 4 does not divide the rest is cut."""
    model, p = fast_style().eval(), state()
    model.load_state_dict(p)
    pixels = 255 * style_checks.images(2, size).double()
    expected = example({k: v.double() for k, v in p.items()}, pixels)
    assert expected.shape[2] == -(-size[0] // 4) * 4
    expected = expected[:, :, : size[0], : size[1]]
    assert (255 * model.double()(pixels / 255) - expected).abs().max() <= 1e-10
    single = 255 * model.float()(pixels.float() / 255)
    assert (single - expected).abs().max() <= 1e-5 * max(255, expected.abs().max())


@pytest.mark.parametrize("check", style_checks.QUICK, ids=lambda check: check.__name__)
def test_what_every_style_network_must_do(check):
    check(fast_style)


@pytest.mark.long
def test_export_and_compile():
    style_checks.check_export_and_compile(fast_style)


def test_images_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="sides must be at least 5 pixels, got 4 x 9"):
        fast_style()(torch.zeros(1, 3, 4, 9))
