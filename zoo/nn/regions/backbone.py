"""What turns an image into maps for the R-CNN family, and a small one in the manner of VGG.

Used by rcnn, fast_rcnn, faster_rcnn. Proof: tests/nn/regions/test_backbone.py.
"""

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from zoo.nn.conv import ConvNormReLU
from zoo.nn.init import initialise

STAGES = ((16, 1), (32, 2), (64, 2), (128, 3), (128, 2))  # maps and 3x3 convolutions
POOLED = (1, 2, 3)  # the stages that begin with max pooling


class Backbone(nn.Module):
    """The interface: maps of an image, the finest first, all with as many channels.

    Attributes:
        channels: of each map.
        multiple: H and W must be multiples of it.
    """

    channels: int
    multiple: int

    @abstractmethod
    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to maps (N, channels, h, w)."""

    @abstractmethod
    def blocks(self) -> list[nn.Module]:
        """All parameters, parted from input to output."""


class SmallBackbone(Backbone):
    """Ten 3x3 convolutions with batch norm and three max poolings: one map of stride 8."""

    def __init__(self, in_chans: int = 3) -> None:
        super().__init__()
        stages, maps = [], in_chans
        for number, (width, depth) in enumerate(STAGES):
            units: list[nn.Module] = [nn.MaxPool2d(2)] if number in POOLED else []
            for _ in range(depth):
                units.append(ConvNormReLU(maps, width, 3, 1, 1))
                maps = width
            stages.append(nn.Sequential(*units))
        self.stages = nn.ModuleList(stages)
        self.channels, self.multiple = maps, 8
        initialise(self, "he")

    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to one map (N, 128, H / 8, W / 8)."""
        for stage in self.stages:
            x = stage(x)
        return [x]

    def blocks(self) -> list[nn.Module]:
        """The stages."""
        return list(self.stages)


def padded(images: Tensor, multiple: int) -> Tensor:
    """Images (N, C, H, W) with zeros to the right and below, so that H and W are multiples."""
    height, width = images.shape[2:]
    if height % multiple == width % multiple == 0:
        return images
    return pad(images, (0, -width % multiple, 0, -height % multiple))


def full(x: Tensor) -> Tensor:
    """At least float32: what mixed precision has computed in less is not enough for boxes."""
    return x if x.dtype is torch.float64 else x.float()
