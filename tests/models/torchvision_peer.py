"""What the tests of parity with torchvision share."""

import torch
from torch import nn


def pair(build_theirs, build_ours):
    """(theirs, ours) with the same random weights: built without weights, which are drawn once."""
    with torch.device("meta"):
        theirs, ours = build_theirs(), build_ours()
    state = randomised(theirs.to_empty(device="cpu")).state_dict()
    ours.load_state_dict({key: value.clone() for key, value in state.items()}, assign=True)
    return theirs, ours


@torch.no_grad()
def randomised(model, seed=0):
    """The peer with asymmetric weights and fresh running statistics, in float64."""
    draw = torch.Generator().manual_seed(seed)
    for layer in model.double().modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.num_batches_tracked.zero_()
            layer.running_mean.normal_(0, 0.1, generator=draw)
            layer.running_var.uniform_(0.5, 1.5, generator=draw)
            layer.weight.uniform_(0.5, 1.5, generator=draw)
            layer.bias.normal_(0, 0.1, generator=draw)
        elif isinstance(layer, nn.Conv2d | nn.Linear):
            fan_in = layer.weight[0].numel()
            layer.weight.normal_(0, (2 / fan_in) ** 0.5, generator=draw)
            if layer.bias is not None:
                layer.bias.normal_(0, 0.1, generator=draw)
    return model


def pictures(count, size, seed=1):
    """Random inputs in float64: (count, 3, size, size)."""
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(count, 3, size, size, generator=draw, dtype=torch.float64)


def assert_near(a, b):
    """Equal to 1e-10 of the largest value, which is not nothing."""
    assert a.shape == b.shape
    largest = max(1.0, b.abs().max().item())
    assert b.std() > 1e-3
    assert (a - b).abs().max().item() <= 1e-10 * largest


def assert_same_state(a, b):
    """The same names; parameters bit for bit, statistics to 1e-10."""
    ours, theirs = a.state_dict(), b.state_dict()
    assert list(ours.keys() ^ theirs.keys()) == []
    for key, value in ours.items():
        torch.testing.assert_close(value, theirs[key], rtol=1e-10, atol=1e-10, msg=key)
