"""Residual networks for 32x32 images: 6n + 2 layers, 16, 32, 64 maps.

Paper: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385,
sec. 4.2 and Table 6. Notes: course 4, week 2, "ResNets".
Deviations: none. Shortcuts that change shape are option A, as in the paper's CIFAR networks: every
second row and column, zeros for the new maps, no parameters; ``shortcut="B"`` is the projection
of sec. 4.1. The zeros come after the old maps (the paper does not say where).
Proof: tests/models/test_resnet_cifar.py (counts, parity with plain functions).
"""

import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn.conv import projection
from zoo.nn.init import initialise, new_head
from zoo.registry import register

PAPER = "He et al. 2015, arXiv:1512.03385, sec. 4.2"


class ZeroPadShortcut(nn.Module):
    """Option A: (N, C, H, W) -> (N, C + extra, H / stride, W / stride), nothing to learn."""

    def __init__(self, extra: int, stride: int) -> None:
        super().__init__()
        self.extra, self.stride = extra, stride

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))


class BasicBlock(nn.Module):
    """y = relu(F(x) + x) with F two 3x3 convolutions, each with batch norm (Fig. 2, eq. 1)."""

    def __init__(self, c_in: int, c_out: int, stride: int, shortcut: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.shortcut: nn.Module = nn.Identity()
        if c_in != c_out or stride != 1:
            a = shortcut == "A"
            self.shortcut = (
                ZeroPadShortcut(c_out - c_in, stride) if a else projection(c_in, c_out, stride)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class CifarResNet(nn.Module):
    """A 3x3 convolution, three stages of n blocks, global average pooling, a linear layer.

    >>> import torch
    >>> CifarResNet(3)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self, n: int, num_classes: int = 10, in_chans: int = 3, shortcut: str = "A"
    ) -> None:
        super().__init__()
        if shortcut not in ("A", "B"):
            raise ValueError(f"shortcut must be 'A' or 'B', got {shortcut!r}")
        self.conv1 = nn.Conv2d(in_chans, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.layer1 = self._stage(n, 16, 16, 1, shortcut)
        self.layer2 = self._stage(n, 16, 32, 2, shortcut)
        self.layer3 = self._stage(n, 32, 64, 2, shortcut)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc: nn.Module = nn.Linear(64, num_classes)
        initialise(self, "he")  # "as in [13]"

    @staticmethod
    def _stage(n: int, c_in: int, c_out: int, stride: int, shortcut: str) -> nn.Sequential:
        first = BasicBlock(c_in, c_out, stride, shortcut)
        return nn.Sequential(first, *(BasicBlock(c_out, c_out, 1, shortcut) for _ in range(n - 1)))

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 32, 32) to what the three stages give."""
        x = self.relu(self.bn1(self.conv1(x)))  # (N, 16, 32, 32)
        one = self.layer1(x)
        two = self.layer2(one)  # (N, 32, 16, 16)
        return [one, two, self.layer3(two)]  # (N, 64, 8, 8)

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to maps (N, 64, 8, 8)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, 64)."""
        means = self.avgpool(features).flatten(1)
        return means if pre_logits else self.fc(means)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.fc

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return 64

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer."""
        self.fc = new_head(self, 64, num_classes, "he")

    def blocks(self) -> list[nn.Module]:
        """The first convolution, the residual blocks one by one, the linear layer."""
        residual = [*self.layer1, *self.layer2, *self.layer3]
        return [nn.ModuleList([self.conv1, self.bn1]), *residual, self.fc]


@register("resnet20", paper=PAPER, input_shape=(3, 32, 32), stem="conv1.weight", head="fc")
def resnet20(num_classes: int = 10, in_chans: int = 3, shortcut: str = "A") -> CifarResNet:
    """ResNet-20 for CIFAR: n = 3, 269,722 parameters."""
    return CifarResNet(3, num_classes, in_chans, shortcut)


@register("resnet32", paper=PAPER, input_shape=(3, 32, 32), stem="conv1.weight", head="fc")
def resnet32(num_classes: int = 10, in_chans: int = 3, shortcut: str = "A") -> CifarResNet:
    """ResNet-32 for CIFAR: n = 5, 464,154 parameters."""
    return CifarResNet(5, num_classes, in_chans, shortcut)


@register("resnet44", paper=PAPER, input_shape=(3, 32, 32), stem="conv1.weight", head="fc")
def resnet44(num_classes: int = 10, in_chans: int = 3, shortcut: str = "A") -> CifarResNet:
    """ResNet-44 for CIFAR: n = 7, 658,586 parameters."""
    return CifarResNet(7, num_classes, in_chans, shortcut)


@register("resnet56", paper=PAPER, input_shape=(3, 32, 32), stem="conv1.weight", head="fc")
def resnet56(num_classes: int = 10, in_chans: int = 3, shortcut: str = "A") -> CifarResNet:
    """ResNet-56 for CIFAR: n = 9, 853,018 parameters."""
    return CifarResNet(9, num_classes, in_chans, shortcut)


@register("resnet110", paper=PAPER, input_shape=(3, 32, 32), stem="conv1.weight", head="fc")
def resnet110(num_classes: int = 10, in_chans: int = 3, shortcut: str = "A") -> CifarResNet:
    """ResNet-110 for CIFAR: n = 18, 1,727,962 parameters."""
    return CifarResNet(18, num_classes, in_chans, shortcut)


@register("resnet1202", paper=PAPER, input_shape=(3, 32, 32), stem="conv1.weight", head="fc")
def resnet1202(num_classes: int = 10, in_chans: int = 3, shortcut: str = "A") -> CifarResNet:
    """ResNet-1202 for CIFAR: n = 200, 19,421,274 parameters."""
    return CifarResNet(200, num_classes, in_chans, shortcut)
