"""Network in network: 1x1 convolutions between the large ones, and no fully connected layer.

Paper: Lin, Chen, Yan 2013, "Network In Network", arXiv:1312.4400, sec. 3 and 4.1 (CIFAR-10).
Notes: course 4, week 2, "Networks in networks and 1x1 convolutions".
Where the paper gives no sizes they are those that its authors released for Caffe: 966,986
parameters; pooling 3 wide and 2 apart, the second by average; N(0, 0.05^2); and, as eq. 2 has it,
a ReLU after every layer, the last included: no logit is below zero.
Deviations: dropout divides by 1 - p in training; the average runs over whatever is left of the
image (8 x 8 of 32 x 32), so that other sizes work too.
Proof: tests/models/test_network_in_network.py (numpy; the perceptron at each pixel of eq. 2).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from zoo.registry import register


def perceptrons(*channels: int, kernel: int) -> nn.Sequential:
    """A "mlpconv" layer: a convolution, then 1x1 convolutions, each with ReLU (eq. 2).

    Args:
        channels: of the input and of each layer.
        kernel: of the first convolution; the others see one pixel.
    """
    layers: list[nn.Module] = []
    for number, (c_in, c_out) in enumerate(pairwise(channels)):
        size = 1 if number else kernel
        layers += [nn.Conv2d(c_in, c_out, size, padding=size // 2), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


@torch.no_grad()
def draw(model: nn.Module) -> None:
    """Weights from N(0, 0.05^2), biases zero."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.normal_(0, 0.05)
            layer.bias.zero_()  # type: ignore[union-attr]


class NetworkInNetwork(nn.Module):
    """5x5 192-160-96, 5x5 192-192-192, 3x3 192-192-K, and the average of each map.

    >>> NetworkInNetwork()(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 10, in_chans: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.mlpconv1 = perceptrons(in_chans, 192, 160, 96, kernel=5)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.mlpconv2 = perceptrons(96, 192, 192, 192, kernel=5)
        self.pool2 = nn.AvgPool2d(3, 2, ceil_mode=True)
        self.mlpconv3 = perceptrons(192, 192, 192, kernel=3)
        self.classifier: nn.Module = nn.Conv2d(192, num_classes, 1)
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        draw(self)

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 32, 32) to both poolings, and to what the last convolution takes."""
        first = self.pool1(self.mlpconv1(x))  # (N, 96, 16, 16)
        second = self.pool2(self.mlpconv2(self.dropout(first)))
        return [first, second, self.mlpconv3(self.dropout(second))]  # 192 maps, 8 x 8

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to maps (N, 192, 8, 8)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K); before the last convolution, to the average of each (N, 192)."""
        x = features if pre_logits else self.relu(self.classifier(features))
        return self.avgpool(x).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The last 1x1 convolution."""
        return self.classifier

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return 192

    def reset_classifier(self, num_classes: int) -> None:
        """A new last 1x1 convolution; with none, ReLU finds nothing to change in the maps."""
        like = next(self.parameters())
        self.classifier = nn.Conv2d(192, num_classes, 1) if num_classes else nn.Identity()
        draw(self.classifier)
        self.classifier.to(like)

    def blocks(self) -> list[nn.Module]:
        """Each layer of perceptrons, the last parted from its head."""
        return [self.mlpconv1, self.mlpconv2, self.mlpconv3, self.classifier]


@register(
    "network_in_network",
    paper="Lin et al. 2013, arXiv:1312.4400",
    input_shape=(3, 32, 32),
    stem="mlpconv1.0.weight",
    head="classifier",
)
def network_in_network(
    num_classes: int = 10, in_chans: int = 3, dropout: float = 0.5
) -> NetworkInNetwork:
    """Network in network for CIFAR-10, global average pooling; 966,986 parameters."""
    return NetworkInNetwork(num_classes, in_chans, dropout)
