"""Initial weights. Notes: course 2, week 1, "Weight initialization for deep networks".

Biases start at zero. ``fan_in`` is the number of inputs of a unit.

    zero    W = 0: every unit of a layer stays the same as its neighbour (why this fails)
    random  N(0, 0.01^2), the notes' ``randn * 0.01``
    xavier  variance 1 / fan_in, for tanh (the notes' form of Glorot & Bengio 2010)
    he      variance 2 / fan_in, for ReLU (He et al. 2015, arXiv:1502.01852, eq. 10)
"""

import math

import torch
from torch import nn


def spread(scheme: str, fan_in: int) -> float:
    """Standard deviation of the initial weights.

    >>> spread("he", 50)
    0.2

    Raises:
        ValueError: for an unknown scheme.
    """
    table = {"zero": 0.0, "random": 0.01, "xavier": 1 / math.sqrt(fan_in)}
    table["he"] = math.sqrt(2 / fan_in)
    if scheme not in table:
        raise ValueError(f"init must be one of {', '.join(table)}, got {scheme!r}")
    return table[scheme]


@torch.no_grad()
def initialise(model: nn.Module, scheme: str) -> None:
    """Draw the weights of every linear and convolutional layer of ``model`` anew."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.weight.normal_(0, 1).mul_(spread(scheme, layer.weight[0].numel()))
            if layer.bias is not None:
                layer.bias.zero_()


@torch.no_grad()
def truncated_normal(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear, std: float) -> None:
    """Draw weights from N(0, std^2) cut at two standard deviations, as TensorFlow's ports do.

    torch cuts at absolute values; torchvision passes -2 and 2, which for std = 0.01 never cuts.
    """
    nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)
    if layer.bias is not None:
        layer.bias.zero_()


def new_head(
    model: nn.Module, features: int, num_classes: int, scheme: str = "xavier"
) -> nn.Module:
    """A fresh last layer for ``num_classes``; for 0 classes one that changes nothing.

    Args:
        model: whose device and dtype the layer gets.
    """
    if num_classes == 0:
        return nn.Identity()
    head = nn.Linear(features, num_classes)
    initialise(head, scheme)
    return head.to(next(model.parameters(), head.weight))
