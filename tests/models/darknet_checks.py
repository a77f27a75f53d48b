"""What each Darknet network is held to: the published table, and parity with its cfg file.

The numbers are those of the original cfg files: trainable parameters, bytes of the file of weights
with its 20-byte header, and billions of operations (two for each multiplication of a convolution).
"""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.helpers.darknet_cfg import interpret
from tests.models.detector_checks import near, tensors

HEADER = 20


def check_counts(build, size, parameters, weights_bytes, operations):
    """``build()`` without memory: ``operations`` are those of a ``size`` x ``size`` image."""
    with torch.device("meta"):
        model, image = build().eval(), torch.zeros(1, 3, size, size)
        with FlopCounterMode(display=False) as counter:
            model(image)
    assert sum(p.numel() for p in model.parameters()) == parameters
    state = {k: t for k, t in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    assert HEADER + 4 * sum(t.numel() for t in state.values()) == weights_bytes
    convolutions = counter.get_flop_counts()["Global"][torch.ops.aten.convolution]
    assert round(convolutions / 1e9, 2) == operations


def drawn(build):
    """A network with random, asymmetric numbers everywhere, also in the running averages."""
    torch.manual_seed(5)
    model = build().eval()
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, 0.1, 0.5)
            nn.init.normal_(layer.running_mean, 0.2, 0.5)
            nn.init.uniform_(layer.running_var, 0.5, 2)
        elif getattr(layer, "bias", None) is not None:
            nn.init.normal_(layer.bias, 0.1, 0.5)
    return model


def numbers(model):
    """All numbers in Darknet's order, which is written here once more: bias, norm, weights."""
    flat = []
    for layer in model.darknet_layers():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            flat += [layer.bias, layer.weight]
        else:
            norm = layer.bn
            flat += [norm.bias, norm.weight, norm.running_mean, norm.running_var]
            flat += [layer.conv.weight]
    return torch.cat([t.detach().flatten() for t in flat]).double().numpy()


@torch.no_grad()
def check_parity(build, cfg, size, divisor=1):
    """The same maps as an interpreter of the cfg file: float64 to 1e-10, float32 to 1e-5."""
    model = drawn(build)
    images = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(1))
    expected = interpret(cfg, numbers(model), images, divisor)
    singles = tensors(model(images))
    assert len(singles) == len(expected)
    for theirs, single in zip(expected, singles, strict=True):
        assert near(single, theirs.reshape(single.shape).float())
        assert (theirs[0] - theirs[1]).abs().max() > 1e-3  # the images matter
    for theirs, ours in zip(expected, tensors(model.double()(images.double())), strict=True):
        scale = max(1, theirs.abs().max())
        assert (ours - theirs.reshape(ours.shape)).abs().max() <= 1e-10 * scale
