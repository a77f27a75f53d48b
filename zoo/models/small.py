"""Two small networks for 28x28 pictures, in the manner of VGG and of GoogLeNet.

Papers: Simonyan & Zisserman 2014, arXiv:1409.1556 (only 3x3 convolutions, doubled maps after each
pooling); Szegedy et al. 2014, arXiv:1409.4842 (inception modules, global average pooling).
Notes: course 4, week 2, "Classic networks" and "Inception network".
Deviations: these are not the papers' networks but their ideas at a thousandth of the cost: batch
norm after every convolution, few maps, one linear layer at the end.
Proof: tests/models/test_small.py.
"""

from torch import Tensor, nn

from zoo.nn.conv import ConvNormReLU
from zoo.nn.inception import Inception
from zoo.nn.init import initialise, new_head
from zoo.registry import register


class SmallNet(nn.Module):
    """Stages, each half the size of the one before; global average pooling; a linear layer."""

    def __init__(self, stages: list[nn.Module], maps: int, num_classes: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.maps = maps
        self.fc: nn.Module = nn.Linear(maps, num_classes)
        initialise(self, "he")

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Pictures (N, C, 28, 28) to maps of 28x28, 14x14 and 7x7."""
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def forward_features(self, x: Tensor) -> Tensor:
        """Pictures (N, C, 28, 28) to maps (N, D, 7, 7)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, D)."""
        means = features.mean((2, 3))
        return means if pre_logits else self.fc(means)

    def forward(self, x: Tensor) -> Tensor:
        """Pictures (N, C, 28, 28) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.fc

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer."""
        self.fc = new_head(self, self.maps, num_classes, "he")

    def blocks(self) -> list[nn.Module]:
        """The three stages, the linear layer."""
        return [*self.stages, self.fc]


@register(
    "vgg_small",
    paper="after Simonyan & Zisserman 2014, arXiv:1409.1556",
    input_shape=(1, 28, 28),
    stem="stages.0.0.conv.weight",
    head="fc",
)
def vgg_small(num_classes: int = 10, in_chans: int = 1) -> SmallNet:
    """VGG's idea at 28x28: six 3x3 convolutions, 24-48-96 maps, 162,562 parameters."""
    stages: list[nn.Module] = []
    maps = in_chans
    for width in (24, 48, 96):
        units = [ConvNormReLU(maps, width, 3, 1, 1), ConvNormReLU(width, width, 3, 1, 1)]
        stages.append(nn.Sequential(*([nn.MaxPool2d(2)] if stages else []), *units))
        maps = width
    return SmallNet(stages, maps, num_classes)


@register(
    "googlenet_small",
    paper="after Szegedy et al. 2014, arXiv:1409.4842",
    input_shape=(1, 28, 28),
    stem="stages.0.0.conv.weight",
    head="fc",
)
def googlenet_small(num_classes: int = 10, in_chans: int = 1) -> SmallNet:
    """GoogLeNet's idea at 28x28: a convolution and four inception modules, 132,994 parameters."""
    stages: list[nn.Module] = [
        nn.Sequential(ConvNormReLU(in_chans, 16, 3, 1, 1)),
        nn.Sequential(
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(16, 16, 16, 24, 8, 8, 8, unit=ConvNormReLU),
            Inception(56, 24, 24, 32, 8, 16, 16, unit=ConvNormReLU),
        ),
        nn.Sequential(
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(88, 32, 32, 64, 12, 24, 24, unit=ConvNormReLU),
            Inception(144, 48, 48, 96, 16, 32, 32, unit=ConvNormReLU),
        ),
    ]
    return SmallNet(stages, 208, num_classes)
