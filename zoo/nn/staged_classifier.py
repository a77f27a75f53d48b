"""A classifier of images in stages: what the small networks for 28x28 images share.

Used by vgg_small and googlenet_small. Proof: tests/models/test_vgg_small.py.
"""

from torch import Tensor, nn

from zoo.nn.init import initialise, new_head


class StagedClassifier(nn.Module):
    """Stages, each half the size of the one before; global average pooling; a linear layer.

    Args:
        stages: the first one keeps the size of the image.
        maps: channels of the last stage.
    """

    def __init__(self, stages: list[nn.Module], maps: int, num_classes: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.maps = maps
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc: nn.Module = nn.Linear(maps, num_classes)
        initialise(self, "he")

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 28, 28) to maps of 28x28, 14x14 and 7x7."""
        outputs = []
        for stage in self.stages:
            x = stage(x)
            outputs.append(x)
        return outputs

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 28, 28) to maps (N, D, 7, 7)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, D)."""
        means = self.avgpool(features).flatten(1)
        return means if pre_logits else self.fc(means)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 28, 28) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.fc

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.maps

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer."""
        self.fc = new_head(self, self.maps, num_classes, "he")

    def blocks(self) -> list[nn.Module]:
        """The three stages, the linear layer."""
        return [*self.stages, self.fc]
