"""Darknet-53: 53 convolutions with shortcuts, the body of YOLOv3 and a classifier.

Paper: Redmon & Farhadi 2018, "YOLOv3: An Incremental Improvement", arXiv:1804.02767, sec. 2.4 and
Table 1. Notes: course 4, week 2, "ResNets".
Deviations: none of the network; initial weights have He's variance.
Proof: tests/models/test_darknet53.py (Darknet's count; parity with an interpreter of cfg files).
"""

from torch import Tensor, nn

from zoo.nn.darknet import DarknetConv, classifying_layer, convs_of, leaky_he, like
from zoo.registry import register

REPEATS = (1, 2, 8, 8, 4)  # of the residual block in each stage


class Residual(nn.Module):
    """x plus a 1x1 convolution to half the channels and a 3x3 one back."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = DarknetConv(channels, channels // 2, 1)
        self.expand = DarknetConv(channels // 2, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.expand(self.reduce(x))


def stages(in_chans: int, width: int = 32) -> nn.ModuleList:
    """Table 1 without its last lines: each stage halves the sides and doubles the channels.

    Args:
        width: channels of the first convolution.
    """
    parts = []
    c_in = width
    for repeats in REPEATS:
        blocks = [Residual(2 * c_in) for _ in range(repeats)]
        parts.append(nn.Sequential(DarknetConv(c_in, 2 * c_in, 3, stride=2), *blocks))
        c_in *= 2
    parts[0].insert(0, DarknetConv(in_chans, width, 3))
    return nn.ModuleList(parts)


class Darknet53(nn.Module):
    """Five stages, global average pooling, a linear layer (a 1x1 convolution).

    >>> import torch
    >>> with torch.device("meta"):
    ...     Darknet53()(torch.zeros(2, 3, 256, 256)).shape
    torch.Size([2, 1000])
    """

    def __init__(self, num_classes: int = 1000, in_chans: int = 3, width: int = 32) -> None:
        super().__init__()
        self.stages = stages(in_chans, width)
        self.maps = width * 2 ** len(REPEATS)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = classifying_layer(self.maps, num_classes)
        leaky_he(self)

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to maps of 1/2, 1/4, 1/8, 1/16 and 1/32 of their sides."""
        outputs = []
        for stage in self.stages:
            x = stage(x)
            outputs.append(x)
        return outputs

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to maps (N, 1024, H / 32, W / 32)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, 1024)."""
        means = self.avgpool(features)
        return (means if pre_logits else self.fc(means)).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The last convolution."""
        return self.fc

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.maps

    def reset_classifier(self, num_classes: int) -> None:
        """A new last convolution."""
        self.fc = like(classifying_layer(self.maps, num_classes), self)

    def blocks(self) -> list[nn.Module]:
        """Each stage, the last convolution."""
        return [*self.stages, self.fc]

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of ``darknet53.cfg``."""
        return [*convs_of(self.stages), self.fc]


@register(
    "darknet53",
    paper="Redmon & Farhadi 2018, arXiv:1804.02767",
    input_shape=(3, 256, 256),
    stem="stages.0.0.conv.weight",
    head="fc",
)
def darknet53(num_classes: int = 1000, in_chans: int = 3) -> Darknet53:
    """The classifier of YOLOv3's paper; 41,609,928 parameters."""
    return Darknet53(num_classes, in_chans)
