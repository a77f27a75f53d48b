"""Darknet-19: 19 convolutions, the body of YOLOv2 and a classifier.

Paper: Redmon & Farhadi 2016, "YOLO9000: Better, Faster, Stronger", arXiv:1612.08242, sec. 3 and
Table 6. Notes: course 4, week 2, "Network in Network" (the 1x1 convolutions).
Deviations: none of the network; initial weights have He's variance.
Proof: tests/models/test_darknet19.py (Darknet's count; parity with an interpreter of cfg files).
"""

from torch import Tensor, nn

from zoo.nn.darknet import DarknetConv, classifying_layer, convs_of, leaky_he, like, pool
from zoo.registry import register

TABLE_6 = (  # kernel and channels, in parts of the widest
    ((3, 32),),
    ((3, 64),),
    ((3, 128), (1, 64), (3, 128)),
    ((3, 256), (1, 128), (3, 256)),
    ((3, 512), (1, 256), (3, 512), (1, 256), (3, 512)),
    ((3, 1024), (1, 512), (3, 1024), (1, 512), (3, 1024)),
)


def stages(in_chans: int, divisor: int = 1) -> nn.ModuleList:
    """Table 6 up to the last line: max pooling before each stage but the first.

    Args:
        divisor: of all channels.
    """
    parts: list[nn.Module] = []
    for row in TABLE_6:
        layers: list[nn.Module] = [pool()] if parts else []
        for kernel, channels in row:
            layers.append(DarknetConv(in_chans, channels // divisor, kernel))
            in_chans = channels // divisor
        parts.append(nn.Sequential(*layers))
    return nn.ModuleList(parts)


class Darknet19(nn.Module):
    """Six stages, a 1x1 convolution to one map for each class, global average pooling.

    >>> import torch
    >>> with torch.device("meta"):
    ...     Darknet19()(torch.zeros(2, 3, 256, 256)).shape
    torch.Size([2, 1000])
    """

    def __init__(self, num_classes: int = 1000, in_chans: int = 3, divisor: int = 1) -> None:
        super().__init__()
        self.stages = stages(in_chans, divisor)
        self.maps = TABLE_6[-1][-1][1] // divisor
        self.classes = classifying_layer(self.maps, num_classes)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        leaky_he(self)

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to maps of 1, 1/2, 1/4, 1/8, 1/16 and 1/32 of their sides."""
        outputs = []
        for stage in self.stages:
            x = stage(x)
            outputs.append(x)
        return outputs

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to maps (N, 1024, H / 32, W / 32)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to the means (N, 1024) of which these are linear functions."""
        maps = features if pre_logits else self.classes(features)
        return self.avgpool(maps).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The last convolution."""
        return self.classes

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.maps

    def reset_classifier(self, num_classes: int) -> None:
        """A new last convolution."""
        self.classes = like(classifying_layer(self.maps, num_classes), self)

    def blocks(self) -> list[nn.Module]:
        """Each stage, the last convolution."""
        return [*self.stages, self.classes]

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of ``darknet19.cfg``."""
        return [*convs_of(self.stages), self.classes]


@register(
    "darknet19",
    paper="Redmon & Farhadi 2016, arXiv:1612.08242, Table 6",
    input_shape=(3, 256, 256),
    stem="stages.0.0.conv.weight",
    head="classes",
)
def darknet19(num_classes: int = 1000, in_chans: int = 3) -> Darknet19:
    """The classifier of YOLOv2's paper; 20,842,376 parameters."""
    return Darknet19(num_classes, in_chans)
