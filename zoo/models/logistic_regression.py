"""Logistic regression: one linear layer and a softmax over it.

Source: notes, course 1, week 2 (two classes) and course 2, week 3 (softmax regression); as the
"linear classifier" of LeCun et al. 1998, sec. III.C, it stands first in their Fig. 9.
Deviations: none from the notes; LeCun's linear classifier was trained on squared error.
Proof: tests/models/test_logistic_regression.py.
"""

from torch import Tensor, nn

from zoo.nn.init import initialise, new_head
from zoo.registry import register


class LogisticRegression(nn.Module):
    """p(y | x) = softmax(W x + b) over the pixels of an image.

    >>> import torch
    >>> LogisticRegression()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 10, in_chans: int = 1, image_size: int = 28) -> None:
        super().__init__()
        self.features = in_chans * image_size * image_size
        self.output: nn.Module = nn.Linear(self.features, num_classes)
        initialise(self, "zero")  # the loss is convex: any start will do

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to vectors (N, C H W): there is nothing before the head."""
        return [x.flatten(1)]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to vectors (N, C H W)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Vectors to logits (N, K)."""
        return features if pre_logits else self.output(features)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.output

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.features

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer, from zero."""
        self.output = new_head(self, self.features, num_classes, "zero")

    def blocks(self) -> list[nn.Module]:
        """The linear layer."""
        return [self.output]


@register(
    "logistic_regression",
    paper="LeCun et al. 1998, Proc. IEEE 86(11), sec. III.C.1",
    input_shape=(1, 28, 28),
    stem="output.weight",
    head="output",
)
def logistic_regression(
    num_classes: int = 10, in_chans: int = 1, image_size: int = 28
) -> LogisticRegression:
    """One linear layer with a softmax: 7,850 parameters on MNIST."""
    return LogisticRegression(num_classes, in_chans, image_size)
