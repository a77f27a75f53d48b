"""Siamese network for one-shot recognition of characters.

Paper: Koch, Zemel & Salakhutdinov 2015, "Siamese Neural Networks for One-shot Image Recognition"
(ICML deep learning workshop), sec. 3.1, 3.2 and Fig. 4. Notes: course 4, week 4, "Siamese Network"
and "Face Verification and Binary Classification".
Deviations: none in the network. The chi-square head is the notes', not the paper's.
Proof: tests/models/test_siamese.py. Loss: zoo/losses/verification/pairs.py.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.nn.conv import ConvReLU
from zoo.nn.pair_head import PairHead
from zoo.registry import register

CONVOLUTIONS = ((64, 10), (128, 7), (128, 4), (256, 4))  # maps and kernel; pooled, but the last
SMALLEST = 65  # pixels, of which the last maps have one


def side_of_maps(image_size: int) -> int:
    """The side of the last maps of ``CONVOLUTIONS``: 105 pixels become 6.

    Raises:
        ValueError: for an image that the convolutions leave nothing of.
    """
    if image_size < SMALLEST:
        raise ValueError(f"image_size must be at least {SMALLEST}, got {image_size}")
    side = 2 * image_size
    for _, kernel in CONVOLUTIONS:
        side = side // 2 - kernel + 1
    return side


class Siamese(nn.Module):
    """Images (N, C, S, S) to features (N, D) in (0, 1); two of them to a logit.

    >>> Siamese(image_size=65, embedding_dim=8)(torch.zeros(2, 1, 65, 65)).shape
    torch.Size([2, 8])
    """

    objective: ClassVar[str] = "pairs"
    scale: ClassVar[str] = "-logit"

    def __init__(
        self,
        in_chans: int = 1,
        image_size: int = 105,
        embedding_dim: int = 4096,
        head: str = "weighted_l1",
    ) -> None:
        super().__init__()
        self.image_size, self.embedding_dim = image_size, embedding_dim
        side = side_of_maps(image_size)
        layers: list[nn.Module] = []
        maps = in_chans
        for width, kernel in CONVOLUTIONS:
            layers += [ConvReLU(maps, width, kernel), nn.MaxPool2d(2)]
            maps = width
        self.convolutions = nn.Sequential(*layers[:-1])  # (N, 256, 6, 6)
        self.fc = nn.Linear(maps * side**2, embedding_dim)
        self.head = PairHead(embedding_dim, head)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw all weights anew, as sec. 3.2 has it."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.weight.normal_(0, 0.01 if isinstance(layer, nn.Conv2d) else 0.2)
                if layer.bias is not None:
                    layer.bias.normal_(0.5, 0.01)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, S, S) to features (N, D)."""
        return torch.sigmoid(self.fc(self.convolutions(images).flatten(1)))

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        """Features (N, D) and (M, D) to minus the logits that two show the same, (N, M)."""
        apart: Tensor = -self.head(a, b)
        return apart

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        """The same of pairs: features (N, D) and (N, D) to (N,)."""
        return -self.head.pairwise(a, b)

    def blocks(self) -> list[nn.Module]:
        """Each convolution, the fully connected layer, the head."""
        units = [layer for layer in self.convolutions if isinstance(layer, ConvReLU)]
        return [*units, self.fc, self.head]


@register(
    "siamese",
    paper="Koch et al. 2015, Siamese Neural Networks for One-shot Image Recognition, sec. 3",
    task="verification",
    input_shape=(1, 105, 105),
    stem="convolutions.0.0.weight",
    head="",
)
def siamese(
    in_chans: int = 1,
    image_size: int = 105,
    embedding_dim: int = 4096,
    head: str = "weighted_l1",
) -> Siamese:
    """Koch's Siamese network: four convolutions, 4096 sigmoids, 38,951,745 parameters."""
    return Siamese(in_chans, image_size, embedding_dim, head)
