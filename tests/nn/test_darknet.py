"""The blocks of Darknet against its loops, written here by hand over its flat memory."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from zoo.nn import darknet


def numbers(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def darknet_reorg(x):
    """``reorg_cpu`` with stride 2 and forward = 0, as ``forward_reorg_layer`` calls it."""
    batch, c, h, w = x.shape
    source, out_c, stride = x.reshape(-1), c // 4, 2
    out = np.zeros(batch * c * h * w)
    for b, k, j, i in itertools.product(range(batch), range(c), range(h), range(w)):
        place = i + w * (j + h * (k + c * b))
        c2, offset = k % out_c, k // out_c
        w2, h2 = i * stride + offset % stride, j * stride + offset // stride
        out[place] = source[w2 + w * stride * (h2 + h * stride * (c2 + out_c * b))]
    return out.reshape(batch, 4 * c, h // 2, w // 2)


def test_reorg_is_darknets():
    x = numbers(2, 8, 4, 6)
    assert np.array_equal(darknet.reorg(x).numpy(), darknet_reorg(x.numpy()))
    assert not torch.equal(darknet.reorg(x), nn.functional.pixel_unshuffle(x, 2))


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (5, 3)])
def test_pool_with_stride_1_sees_minus_infinity_beyond_the_edge(size):
    x = numbers(2, 3, *size) - 5  # all negative: a zero from padding would win
    expected = torch.full_like(x, -torch.inf)
    for row, column, dy, dx in itertools.product(range(size[0]), range(size[1]), (0, 1), (0, 1)):
        if row + dy < size[0] and column + dx < size[1]:
            best = torch.maximum(expected[..., row, column], x[..., row + dy, column + dx])
            expected[..., row, column] = best
    assert torch.equal(darknet.PoolStride1()(x), expected)


def test_running_averages_move_by_a_hundredth():
    layer = darknet.DarknetConv(3, 4, 3).double().train()
    x = numbers(2, 3, 5, 7)
    made = layer.conv(x)
    layer(x)
    assert torch.allclose(layer.bn.running_mean, 0.01 * made.mean((0, 2, 3)))
    variance = made.transpose(0, 1).flatten(1).var(1)
    assert torch.allclose(layer.bn.running_var, 0.99 + 0.01 * variance)


def test_convolution_norm_and_leaky_relu():
    layer = darknet.DarknetConv(3, 4, 3, stride=2).double().eval()
    state = {name: numbers(*t.shape, seed=1).abs() for name, t in layer.state_dict().items()}
    layer.load_state_dict(state | {"conv.weight": numbers(4, 3, 3, 3, seed=2)})
    x = numbers(1, 3, 6, 6)
    made = nn.functional.conv2d(x, layer.conv.weight, None, 2, 1)
    bn = {name: state[f"bn.{name}"].view(-1, 1, 1) for name in ("running_mean", "running_var")}
    normed = (made - bn["running_mean"]) / (bn["running_var"] + 1e-5).sqrt()
    normed = normed * state["bn.weight"].view(-1, 1, 1) + state["bn.bias"].view(-1, 1, 1)
    expected = torch.where(normed > 0, normed, 0.1 * normed)
    assert torch.allclose(layer(x), expected, rtol=0, atol=1e-12)
    assert 0.1 < (expected < 0).double().mean() < 0.9


def test_a_new_head_starts_with_rare_objects():
    bias = darknet.detection_layer(8, 3, 2).bias.detach().view(3, 7)
    assert torch.equal(bias[:, 4].sigmoid().round(decimals=2), torch.full((3,), 0.01))
    assert bias.count_nonzero() == 3
    with pytest.raises(ValueError, match="at least 1, got 0"):
        darknet.detection_layer(8, 3, 0)


@pytest.mark.parametrize(
    "anchors", [[], [[1, 2, 3]], [[1, 0]], [[1, -2]], [[1, float("nan")]], 5, "x"]
)
def test_anchors_that_are_none(anchors):
    with pytest.raises(ValueError, match="pairs of width and height above 0"):
        darknet.checked_anchors(anchors)


@pytest.mark.parametrize(
    "masks", [[[0]], [[0], []], [[0], [3]], [[-1], [0]], [[0, 0], [1]], [[0.5], [1]], 3]
)
def test_masks_that_are_none(masks):
    with pytest.raises(ValueError, match="2 lists of anchors, 0 to 2"):
        darknet.checked_masks(masks, 2, 3)


def test_sides_are_multiples_of_the_stride():
    darknet.check_images(torch.zeros(1, 3, 64, 32), 32)
    with pytest.raises(ValueError, match=r"multiples of 32, got \(1, 3, 64, 33\)"):
        darknet.check_images(torch.zeros(1, 3, 64, 33), 32)
