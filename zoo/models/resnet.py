"""Residual networks for ImageNet, 18 to 152 layers.

Paper: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385,
Table 1 and Fig. 5. Notes: course 4, week 2, "ResNets".
Deviations: ``resnet50``, ``101`` and ``152`` are the form that torchvision and timm have ("v1.5"):
a bottleneck that halves the size does so in its 3x3 convolution. The paper's, with the stride in
the first 1x1, are ``resnet50_v1``, ``resnet101_v1``, ``resnet152_v1``: as many parameters, fewer
multiplications (3.86 instead of 4.09 thousand million for 50 layers), other weights. 18 and 34
layers have no bottlenecks: there the two are the same. Parameter names are torchvision's.
Proof: tests/models/test_resnet.py (counts, parity with torchvision, cost of both forms).
"""

from collections.abc import Callable

from torch import Tensor, nn

from zoo.nn.conv import projection
from zoo.nn.init import initialise, new_head
from zoo.registry import register

PAPER = "He et al. 2015, arXiv:1512.03385, Table 1"
IMAGENET = (3, 224, 224)


class BasicBlock(nn.Module):
    """y = relu(F(x) + x) with F two 3x3 convolutions (Fig. 5 left)."""

    def __init__(self, c_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        same = c_in == width and stride == 1
        self.downsample = None if same else projection(c_in, width, stride)
        self.out = width

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Bottleneck(nn.Module):
    """y = relu(F(x) + x) with F 1x1, 3x3, 1x1; the last with four times the maps (Fig. 5 right).

    Args:
        first: the first 1x1 has the stride (the paper's), else the 3x3 (v1.5).
    """

    def __init__(self, c_in: int, width: int, stride: int, first: bool = False) -> None:
        super().__init__()
        at_1x1, at_3x3 = (stride, 1) if first else (1, stride)
        self.out = 4 * width
        self.conv1 = nn.Conv2d(c_in, width, 1, at_1x1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, at_3x3, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, self.out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(self.out)
        self.relu = nn.ReLU(inplace=True)
        same = c_in == self.out and stride == 1
        self.downsample = None if same else projection(c_in, self.out, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


def bottleneck_v1(c_in: int, width: int, stride: int) -> Bottleneck:
    """The bottleneck as published."""
    return Bottleneck(c_in, width, stride, first=True)


class ResNet(nn.Module):
    """7x7/2 convolution, 3x3/2 max pooling, four stages of blocks, average pooling, linear layer.

    Args:
        block: (channels in, width, stride) -> a residual block.
        depths: blocks in each stage (Table 1).

    >>> import torch
    >>> ResNet(BasicBlock, (1, 1, 1, 1), 10)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        block: Callable[[int, int, int], BasicBlock | Bottleneck],
        depths: tuple[int, int, int, int],
        num_classes: int = 1000,
        in_chans: int = 3,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_chans, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        stages, channels = [], 64
        for number, depth in enumerate(depths):
            blocks = []
            for place in range(depth):
                stride = 2 if number and not place else 1
                blocks.append(block(channels, 64 * 2**number, stride))
                channels = blocks[-1].out
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.features = channels
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc: nn.Module = nn.Linear(channels, num_classes)
        initialise(self, "he")

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to conv1 and the four stages: H / 2, 4, 8, 16, 32."""
        c1 = self.relu(self.bn1(self.conv1(x)))  # (N, 64, H / 2, W / 2)
        c2 = self.layer1(self.maxpool(c1))
        c3 = self.layer2(c2)
        c4 = self.layer3(c3)
        return [c1, c2, c3, c4, self.layer4(c4)]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to maps (N, D, H / 32, W / 32), D = 512 or 2048."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, D)."""
        means = self.avgpool(features).flatten(1)
        return means if pre_logits else self.fc(means)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.fc

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.features

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer."""
        self.fc = new_head(self, self.features, num_classes)

    def blocks(self) -> list[nn.Module]:
        """The first convolution, the residual blocks one by one, the linear layer."""
        residual = [*self.layer1, *self.layer2, *self.layer3, *self.layer4]
        return [nn.ModuleList([self.conv1, self.bn1]), *residual, self.fc]


@register("resnet18", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet18(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-18: 11,689,512 parameters."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes, in_chans)


@register("resnet34", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet34(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-34: 21,797,672 parameters."""
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes, in_chans)


@register("resnet50", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet50(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-50 v1.5, as torchvision has it: 25,557,032 parameters."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes, in_chans)


@register("resnet101", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet101(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-101 v1.5: 44,549,160 parameters."""
    return ResNet(Bottleneck, (3, 4, 23, 3), num_classes, in_chans)


@register("resnet152", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet152(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-152 v1.5: 60,192,808 parameters."""
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes, in_chans)


@register("resnet50_v1", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet50_v1(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-50 as published, strides in the first 1x1: 25,557,032 parameters."""
    return ResNet(bottleneck_v1, (3, 4, 6, 3), num_classes, in_chans)


@register("resnet101_v1", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet101_v1(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-101 as published: 44,549,160 parameters."""
    return ResNet(bottleneck_v1, (3, 4, 23, 3), num_classes, in_chans)


@register("resnet152_v1", paper=PAPER, input_shape=IMAGENET, stem="conv1.weight", head="fc")
def resnet152_v1(num_classes: int = 1000, in_chans: int = 3) -> ResNet:
    """ResNet-152 as published: 60,192,808 parameters."""
    return ResNet(bottleneck_v1, (3, 8, 36, 3), num_classes, in_chans)
