"""VGG: small kernels, many layers.

Paper: Simonyan & Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image
Recognition", arXiv:1409.1556, sec. 2 and Table 1. Notes: course 4, week 2, "Classic networks".
The parameters have torchvision's names (``features.0.weight``, ``classifier.6.bias``).
Deviations: initial weights. The paper draws from N(0, 0.1^2) after training A and copying its
layers into the deeper networks, and notes that Glorot's variance makes this unnecessary; here
convolutions have He's variance 2 / fan-in, fully connected layers N(0, 0.01^2), biases zero.
Dropout divides by 1 - p in training, where the paper's multiplies by it in testing. Average pooling
to 7 x 7 after the last stage changes nothing at 224 x 224, and lets other sizes through (the
paper tests with fully connected layers turned into convolutions instead). The ``_bn`` forms, batch
norm between convolution and ReLU, are torchvision's, not the paper's; they keep the biases.
Proof: tests/models/test_vgg.py (the paper's counts; parity with torchvision, and of C with numpy).
"""

from functools import partial
from itertools import pairwise

from torch import Tensor, nn

from zoo.nn.init import initialise, new_head
from zoo.registry import register

PAPER = "Simonyan & Zisserman 2014, arXiv:1409.1556"

TABLE_1 = {  # "3-64" is the paper's conv3-64; a bar is max pooling
    "A": "3-64 | 3-128 | 3-256 3-256 | 3-512 3-512 | 3-512 3-512 |",
    "B": "3-64 3-64 | 3-128 3-128 | 3-256 3-256 | 3-512 3-512 | 3-512 3-512 |",
    "C": "3-64 3-64 | 3-128 3-128 | 3-256 3-256 1-256 | 3-512 3-512 1-512 | 3-512 3-512 1-512 |",
    "D": "3-64 3-64 | 3-128 3-128 | 3-256 3-256 3-256 | 3-512 3-512 3-512 | 3-512 3-512 3-512 |",
    "E": "3-64 3-64 | 3-128 3-128 | 3-256 3-256 3-256 3-256 | 3-512 3-512 3-512 3-512 "
    "| 3-512 3-512 3-512 3-512 |",
}


def convolutions(column: str, in_chans: int, batch_norm: bool) -> nn.Sequential:
    """All layers of a column of Table 1 up to the last pooling."""
    layers: list[nn.Module] = []
    for entry in TABLE_1[column].split():
        if entry == "|":
            layers.append(nn.MaxPool2d(2))
            continue
        kernel, maps = map(int, entry.split("-"))
        layers.append(nn.Conv2d(in_chans, maps, kernel, padding=kernel // 2))
        if batch_norm:
            layers.append(nn.BatchNorm2d(maps))
        layers.append(nn.ReLU(inplace=True))
        in_chans = maps
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """A column of Table 1: five stages of convolutions, then three fully connected layers.

    Args:
        column: A to E.
        hidden_size: units of the first two fully connected layers.

    >>> import torch
    >>> with torch.device("meta"):
    ...     VGG("A")(torch.zeros(2, 3, 224, 224)).shape
    torch.Size([2, 1000])
    """

    def __init__(
        self,
        column: str,
        num_classes: int = 1000,
        in_chans: int = 3,
        dropout: float = 0.5,
        hidden_size: int = 4096,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.features = convolutions(column, in_chans, batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d(7)  # does nothing at 224
        self.classifier = nn.Sequential(
            *(nn.Linear(512 * 7 * 7, hidden_size), nn.ReLU(inplace=True), nn.Dropout(dropout)),
            *(nn.Linear(hidden_size, hidden_size), nn.ReLU(inplace=True), nn.Dropout(dropout)),
            nn.Linear(hidden_size, num_classes),
        )
        self.hidden_size = hidden_size
        initialise(self.features, "he")
        initialise(self.classifier, "random")

    def _stages(self) -> list[nn.Module]:
        """The layers up to and with each pooling."""
        ends = [i + 1 for i, layer in enumerate(self.features) if isinstance(layer, nn.MaxPool2d)]
        return [self.features[a:b] for a, b in pairwise([0, *ends])]

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 224, 224) to each pooling: 112, 56, 28, 14 and 7 pixels wide."""
        stages = [x]
        for stage in self._stages():
            stages.append(stage(stages[-1]))
        return stages[1:]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 224, 224) to the last maps (N, 512, 7, 7)."""
        return self.features(x)

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """The last maps to logits (N, K), or to what enters the last layer (N, 4096)."""
        x = self.avgpool(features).flatten(1)  # (N, 25088)
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
        """A new last layer, N(0, 0.01^2) like the first one."""
        self.classifier[6] = new_head(self, self.hidden_size, num_classes, "random")

    def blocks(self) -> list[nn.Module]:
        """Each stage, then each fully connected layer."""
        last = self.classifier
        return [*self._stages(), last[:3], last[3:6], last[6]]


network = partial(
    register,
    paper=PAPER,
    input_shape=(3, 224, 224),
    stem="features.0.weight",
    head="classifier.6",
)


@network("vgg11")
def vgg11(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column A of Table 1; 132,863,336 parameters."""
    return VGG("A", num_classes, in_chans, dropout, hidden_size)


@network("vgg13")
def vgg13(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column B of Table 1; 133,047,848 parameters."""
    return VGG("B", num_classes, in_chans, dropout, hidden_size)


@network("vgg16_1x1")
def vgg16_1x1(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column C of Table 1, three of its layers 1x1; 133,638,952 parameters."""
    return VGG("C", num_classes, in_chans, dropout, hidden_size)


@network("vgg16")
def vgg16(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column D of Table 1; 138,357,544 parameters."""
    return VGG("D", num_classes, in_chans, dropout, hidden_size)


@network("vgg19")
def vgg19(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column E of Table 1; 143,667,240 parameters."""
    return VGG("E", num_classes, in_chans, dropout, hidden_size)


@network("vgg11_bn")
def vgg11_bn(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column A of Table 1 with batch norm; 132,868,840 parameters."""
    return VGG("A", num_classes, in_chans, dropout, hidden_size, batch_norm=True)


@network("vgg13_bn")
def vgg13_bn(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column B of Table 1 with batch norm; 133,053,736 parameters."""
    return VGG("B", num_classes, in_chans, dropout, hidden_size, batch_norm=True)


@network("vgg16_bn")
def vgg16_bn(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column D of Table 1 with batch norm; 138,365,992 parameters."""
    return VGG("D", num_classes, in_chans, dropout, hidden_size, batch_norm=True)


@network("vgg19_bn")
def vgg19_bn(
    num_classes: int = 1000, in_chans: int = 3, dropout: float = 0.5, hidden_size: int = 4096
) -> VGG:
    """Column E of Table 1 with batch norm; 143,678,248 parameters."""
    return VGG("E", num_classes, in_chans, dropout, hidden_size, batch_norm=True)
