"""A small network of features with random weights, for tests of style transfer."""

import torch
from torch import nn

from zoo.nn.features import SequentialFeatures


def small_features(seed: int = 0, padding: str = "reflect") -> SequentialFeatures:
    """Three stages of 8, 12 and 16 maps; its ReLUs are in place, as torchvision's."""
    rng = torch.Generator().manual_seed(seed)
    parts: list[nn.Module] = []
    maps = 3
    for stage, widths in enumerate(((8,), (12, 12), (16,))):
        parts += [nn.MaxPool2d(2)] if stage else []
        for width in widths:
            conv = nn.Conv2d(maps, width, 3, padding=1, padding_mode=padding)
            conv.weight.data = torch.randn(conv.weight.shape, generator=rng) * (2 / 9 / maps) ** 0.5
            conv.bias.data = torch.rand(width, generator=rng) * 0.1
            parts += [conv, nn.ReLU(inplace=True)]
            maps = width
    return SequentialFeatures(nn.Sequential(*parts))
