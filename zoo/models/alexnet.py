"""AlexNet: the network that won ImageNet in 2012, and the one that torchvision calls so.

Papers: Krizhevsky, Sutskever, Hinton 2012, "ImageNet Classification with Deep Convolutional Neural
Networks", NIPS 25, sec. 3-5; Krizhevsky 2014, "One weird trick for parallelizing convolutional
neural networks", arXiv:1404.5997. Notes: course 4, week 2, "Classic networks".

Choices of ``alexnet``, where the paper leaves one:
- Images are 224 x 224, as it says; 55 x 55 positions of an 11 x 11 kernel at stride 4 need 227.
  Krizhevsky's program (cuda-convnet, "as many filter applications as it takes to cover the whole
  width") reads zeros past the right and the lower edge; so do we. Caffe's crops of 227 x 227 give
  the same 55 x 55, and no zeros are read.
- The response normalisation runs over all maps of a layer ("N is the total number of kernels"),
  so that two maps on either side of the border between the towers see each other.
Deviations of ``alexnet``: dropout divides by 1 - p in training, where the paper multiplies by it
in testing; average pooling to 6 x 6 after the last stage, which changes nothing at 224, so that
other sizes work too.
Deviations of ``alexnet_owt``, which is torchvision's, from the paper of 2014: 256 maps in conv4
(the paper's footnote has 384; 61,838,248 parameters), no response normalisation, dropout before
the first two fully connected layers (2012: after them), zeros on all sides of the image,
PyTorch's default initial weights.
Proof: tests/models/test_alexnet.py (two towers in numpy; torchvision).
"""

import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn.init import initialise, new_head
from zoo.nn.norm import LocalResponseNorm
from zoo.registry import register


class AlexNet(nn.Module):
    """The two towers of 2012 in one: groups = 2 wherever a map sees its own tower only.

    >>> import torch
    >>> with torch.device("meta"):
    ...     AlexNet()(torch.zeros(2, 3, 224, 224)).shape
    torch.Size([2, 1000])
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_chans: int = 3,
        dropout: float = 0.5,
        hidden_size: int = 4096,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_chans, 96, 11, stride=4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)  # sees both towers
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        self.norm = LocalResponseNorm(n=5, k=2, alpha=1e-4, beta=0.75)
        self.pool = nn.MaxPool2d(3, 2)  # overlapping: 3 wide, 2 apart
        self.fc6 = nn.Linear(256 * 6 * 6, hidden_size)
        self.fc7 = nn.Linear(hidden_size, hidden_size)
        self.fc8: nn.Module = nn.Linear(hidden_size, num_classes)
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(6)  # does nothing at 224
        self.dropout = nn.Dropout(dropout)
        initialise(self, "random")
        for name in ("conv2", "conv4", "conv5", "fc6", "fc7"):
            nn.init.ones_(self.get_parameter(f"{name}.bias"))  # ReLUs start positive (sec. 5)

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 224, 224) to what follows each of the three poolings."""
        x = F.pad(x, (0, 3, 0, 3))
        first = self.pool(self.norm(self.relu(self.conv1(x))))  # (N, 96, 27, 27)
        second = self.pool(self.norm(self.relu(self.conv2(first))))  # (N, 256, 13, 13)
        x = self.relu(self.conv4(self.relu(self.conv3(second))))  # (N, 384, 13, 13)
        return [first, second, self.pool(self.relu(self.conv5(x)))]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 224, 224) to the last maps (N, 256, 6, 6)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """The last maps to logits (N, K), or to what enters fc8 (N, 4096)."""
        x = self.avgpool(features).flatten(1)  # (N, 9216)
        x = self.dropout(self.relu(self.fc6(x)))
        x = self.dropout(self.relu(self.fc7(x)))
        return x if pre_logits else self.fc8(x)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 224, 224) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.fc8

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.fc7.out_features

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer, N(0, 0.01^2) like the first one."""
        self.fc8 = new_head(self, self.fc7.out_features, num_classes, "random")

    def blocks(self) -> list[nn.Module]:
        """Each layer with weights."""
        convolutions = [self.conv1, self.conv2, self.conv3, self.conv4, self.conv5]
        return [*convolutions, self.fc6, self.fc7, self.fc8]


class AlexNetOWT(nn.Module):
    """One tower, no response normalisation; torchvision's names.

    >>> import torch
    >>> with torch.device("meta"):
    ...     AlexNetOWT()(torch.zeros(2, 3, 224, 224)).shape
    torch.Size([2, 1000])
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_chans: int = 3,
        dropout: float = 0.5,
        hidden_size: int = 4096,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for c_in, c_out, kernel, stride, pad, pooled in (
            (in_chans, 64, 11, 4, 2, True),
            (64, 192, 5, 1, 2, True),
            (192, 384, 3, 1, 1, False),
            (384, 256, 3, 1, 1, False),
            (256, 256, 3, 1, 1, True),
        ):
            layers += [nn.Conv2d(c_in, c_out, kernel, stride, pad), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(3, 2)] if pooled else []
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(6)  # does nothing at 224
        self.classifier = nn.Sequential(
            *(nn.Dropout(dropout), nn.Linear(256 * 6 * 6, hidden_size), nn.ReLU(inplace=True)),
            *(nn.Dropout(dropout), nn.Linear(hidden_size, hidden_size), nn.ReLU(inplace=True)),
            nn.Linear(hidden_size, num_classes),
        )
        self.hidden_size = hidden_size

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 224, 224) to what follows each of the three poolings."""
        first = self.features[:3](x)  # (N, 64, 27, 27)
        second = self.features[3:6](first)  # (N, 192, 13, 13)
        return [first, second, self.features[6:](second)]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 224, 224) to the last maps (N, 256, 6, 6)."""
        return self.features(x)

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """The last maps to logits (N, K), or to what enters the last layer (N, 4096)."""
        x = self.avgpool(features).flatten(1)  # (N, 9216)
        return self.classifier[:6](x) if pre_logits else self.classifier(x)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 224, 224) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.classifier[6]

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.hidden_size

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer."""
        self.classifier[6] = new_head(self, self.hidden_size, num_classes)

    def blocks(self) -> list[nn.Module]:
        """Each layer with weights, with what follows it."""
        cuts = ((0, 3), (3, 6), (6, 8), (8, 10), (10, 13))
        convolutions = [self.features[a:b] for a, b in cuts]
        return [*convolutions, self.classifier[:3], self.classifier[3:6], self.classifier[6]]


@register(
    "alexnet",
    paper="Krizhevsky et al. 2012, NIPS 25",
    input_shape=(3, 224, 224),
    stem="conv1.weight",
    head="fc8",
)
def alexnet(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> AlexNet:
    """AlexNet as published: two towers, response normalisation; 60,965,224 parameters."""
    return AlexNet(num_classes, in_chans, dropout, hidden_size)


@register(
    "alexnet_owt",
    paper="Krizhevsky 2014, arXiv:1404.5997",
    input_shape=(3, 224, 224),
    stem="features.0.weight",
    head="classifier.6",
)
def alexnet_owt(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> AlexNetOWT:
    """AlexNet as torchvision has it: one tower, no normalisation; 61,100,840 parameters."""
    return AlexNetOWT(num_classes, in_chans, dropout, hidden_size)
