"""A small VGG whose features compare pictures: for style transfer, and to look at.

Paper: after Simonyan & Zisserman 2014, arXiv:1409.1556 (only 3x3 convolutions), as Gatys et al.
2016, "Image Style Transfer Using Convolutional Neural Networks", sec. 2, use it: average pooling.
Notes: course 4, week 4, "Neural Style Transfer".
Deviations: this is not VGG-19, whose ImageNet weights are a download of 575 MB, but its idea at a
thirtieth of the size: seven convolutions in four stages (32-32, 64-64, 128-128, 256 maps) with
reflection padding, which leaves no frame in a picture that is made with them, and batch norm, whose
statistics are frozen in use: the network is then one of plain convolutions and ReLUs.
``vgg_perceptual`` learns to predict the features of a network that was trained on ImageNet
(zoo/tasks/image_features.py); ``vgg_perceptual_classifier`` is the same network with a head, and
learns from labels.
Proof: tests/models/test_vgg_perceptual.py.
"""

from collections.abc import Collection

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.features import MEAN, STD, Pooling, pool, wanted_layers
from zoo.nn.init import initialise, new_head
from zoo.registry import register

PAPER = "after Simonyan & Zisserman 2014, arXiv:1409.1556"
WIDTHS = ((32, 32), (64, 64), (128, 128), (256,))  # maps of the convolutions of each stage
LEAST = 16  # pixels of a side: the last stage has an eighth, and reflection needs two


class ConvUnit(nn.Module):
    """A 3x3 convolution with reflection padding, batch norm, ReLU; the size stays."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 3, padding=1, padding_mode="reflect", bias=False)
        self.bn = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU()  # not in place: what ``extract`` gives is nobody else's memory

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.relu(self.bn(self.conv(x)))
        return y


class Trunk(nn.Module):
    """The seven convolutions, as four stages of which each halves the size of the one before.

    A ``FeatureNetwork`` (zoo/nn/features.py).
    """

    layers = ("rgb", "1_1", "1_2", "2_1", "2_2", "3_1", "3_2", "4_1")
    content_layers = ("3_2",)
    style_layers = ("rgb", "1_1", "2_1", "3_1", "4_1")
    convention = "moments"

    mean: Tensor
    std: Tensor

    def __init__(self, in_chans: int = 3) -> None:
        super().__init__()
        maps, stages = in_chans, []
        for widths in WIDTHS:
            units = []
            for width in widths:
                units.append(ConvUnit(maps, width))
                maps = width
            stages.append(nn.Sequential(*units))
        self.stages = nn.ModuleList(stages)
        level = (
            (MEAN, STD) if in_chans == 3 else (_mean_of(MEAN, in_chans), _mean_of(STD, in_chans))
        )
        for name, numbers in zip(("mean", "std"), level, strict=True):
            self.register_buffer(name, torch.tensor(numbers).view(-1, 1, 1), persistent=False)

    def extract(
        self,
        images: Tensor,
        layers: Collection[str] | None = None,
        *,
        pooling: Pooling = "average",
    ) -> dict[str, Tensor]:
        """The features of images by layer, of the finest first.

        Args:
            images: (N, C, H, W) RGB in [0, 1], of sides of 16 pixels or more.
            layers: which, all by default; what lies behind the last of them is not computed.
            pooling: "average", or "max", which it was not trained with.

        Returns:
            "rgb": the images themselves, standardised (N, 3, H, W); "1_1", "1_2" (N, 32, H, W);
            "2_1", "2_2" (N, 64, H/2, W/2); "3_1", "3_2" (N, 128, H/4, W/4); "4_1" (N, 256, H/8,
            W/8), all after the ReLU; halves are rounded down.

        Raises:
            BadInput: for smaller images, another layer or pooling.
        """
        if images.dim() != 4 or min(images.shape[2:]) < LEAST:
            got = tuple(images.shape)
            raise BadInput(f"images must be (N, C, H, W) of {LEAST} pixels or more, got {got}")
        wanted = wanted_layers(layers, self.layers)
        x = (images - self.mean) / self.std
        features = {"rgb": x}
        for number, stage in enumerate(self.stages, 1):
            for which, unit in enumerate(stage.children(), 1):
                if wanted[-1] in features:
                    break
                x = unit(pool(x, pooling) if which == 1 < number else x)
                features[f"{number}_{which}"] = x
        return {name: features[name] for name in wanted}


def _mean_of(numbers: tuple[float, ...], channels: int) -> tuple[float, ...]:
    return (sum(numbers) / len(numbers),) * channels


class VGGPerceptual(Trunk):
    """The features alone: 581,472 weights, and 1,408 numbers of batch norm.

    >>> features = VGGPerceptual().eval().extract(torch.zeros(1, 3, 64, 48))
    >>> {name: tuple(maps.shape[1:]) for name, maps in features.items() if name[-1] == "1"}
    {'1_1': (32, 64, 48), '2_1': (64, 32, 24), '3_1': (128, 16, 12), '4_1': (256, 8, 6)}
    """

    def __init__(self) -> None:
        super().__init__()
        initialise(self, "he")

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) in [0, 1] to the last features (N, 256, H/8, W/8)."""
        return self.extract(images)["4_1"]

    def blocks(self) -> list[nn.Module]:
        """The seven convolutions."""
        return [unit for stage in self.stages for unit in stage.children()]


class VGGPerceptualClassifier(Trunk):
    """The same network with global average pooling and a linear layer."""

    def __init__(self, num_classes: int, in_chans: int = 3) -> None:
        super().__init__(in_chans)
        self.fc: nn.Module = nn.Linear(self.num_features, num_classes)
        initialise(self, "he")

    @property
    def num_features(self) -> int:
        """D = 256: how many features enter the last layer."""
        return WIDTHS[-1][-1]

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to the maps of the four stages, the finest first."""
        features = self.extract(x)
        return [features[f"{i}_{len(widths)}"] for i, widths in enumerate(WIDTHS, 1)]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images to the maps of the last stage (N, D, H/8, W/8)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, D)."""
        means = features.mean((2, 3))
        return means if pre_logits else self.fc(means)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) in [0, 1] to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.fc

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer."""
        self.fc = new_head(self, self.num_features, num_classes, "he")

    def blocks(self) -> list[nn.Module]:
        """The four stages, the linear layer."""
        return [*self.stages, self.fc]


@register(
    "vgg_perceptual",
    paper=PAPER,
    task="image_features",
    input_shape=(3, 256, 256),
    stem="stages.0.0.conv.weight",
    head="",
)
def vgg_perceptual() -> VGGPerceptual:
    """A small VGG whose features compare pictures: seven convolutions, average pooling."""
    return VGGPerceptual()


@register(
    "vgg_perceptual_classifier",
    paper=PAPER,
    input_shape=(3, 32, 32),
    stem="stages.0.0.conv.weight",
    head="fc",
)
def vgg_perceptual_classifier(num_classes: int = 10, in_chans: int = 3) -> VGGPerceptualClassifier:
    """The small VGG of pictures with a head, which learns from labels."""
    return VGGPerceptualClassifier(num_classes, in_chans)
