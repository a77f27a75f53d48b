"""Koch's Siamese network with a small fully connected layer, whose weights can be shipped.

Paper: after Koch, Zemel & Salakhutdinov 2015, "Siamese Neural Networks for One-shot Image
Recognition". Notes: course 4, week 4, "Siamese Network".
Deviations: the convolutions have the paper's kernels, widths and pooling; a) their maps are
averaged and one layer makes 128 sigmoids of them, where the paper has 4096 of all 6 x 6 positions
(97 % of its parameters); b) batch norm before every ReLU and before the sigmoids, and initial
weights for ReLU; c) the head starts from "the nearer, the likelier the same", not from chance;
d) dropout before the fully connected layer, off by default.
Proof: tests/models/test_siamese_small.py. Loss: zoo/losses/verification/pairs.py.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.models.siamese import CONVOLUTIONS, side_of_maps
from zoo.nn.conv import ConvNormReLU
from zoo.nn.init import initialise
from zoo.nn.pair_head import PairHead
from zoo.registry import register


class SiameseSmall(nn.Module):
    """Images (N, C, S, S) to features (N, D) in (0, 1); two of them to a logit.

    >>> SiameseSmall(image_size=65)(torch.zeros(2, 1, 65, 65)).shape
    torch.Size([2, 128])
    """

    objective: ClassVar[str] = "pairs"
    scale: ClassVar[str] = "-logit"

    def __init__(
        self,
        in_chans: int = 1,
        image_size: int = 105,
        embedding_dim: int = 128,
        head: str = "weighted_l1",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.image_size, self.embedding_dim = image_size, embedding_dim
        side_of_maps(image_size)  # at least 1, or ValueError
        layers: list[nn.Module] = []
        maps = in_chans
        for width, kernel in CONVOLUTIONS:
            layers += [ConvNormReLU(maps, width, kernel), nn.MaxPool2d(2)]
            maps = width
        self.convolutions = nn.Sequential(*layers[:-1])  # (N, 256, 6, 6)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(maps, embedding_dim, bias=False)
        self.norm = nn.BatchNorm1d(embedding_dim)
        self.head = PairHead(embedding_dim, head)
        initialise(self.convolutions, "he")
        initialise(self.fc, "xavier")
        nn.init.constant_(self.head.output.weight, -0.5)
        nn.init.constant_(self.head.output.bias, 3.0)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, S, S) to features (N, D)."""
        maps = self.pool(self.convolutions(images)).flatten(1)  # (N, 256)
        return torch.sigmoid(self.norm(self.fc(self.dropout(maps))))

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        """Features (N, D) and (M, D) to minus the logits that two show the same, (N, M)."""
        apart: Tensor = -self.head(a, b)
        return apart

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        """The same of pairs: features (N, D) and (N, D) to (N,)."""
        return -self.head.pairwise(a, b)

    def blocks(self) -> list[nn.Module]:
        """Each convolution, the fully connected layer with its norm, the head."""
        units = [layer for layer in self.convolutions if isinstance(layer, ConvNormReLU)]
        return [*units, nn.ModuleList([self.fc, self.norm]), self.head]


@register(
    "siamese_small",
    paper="after Koch et al. 2015, Siamese Neural Networks for One-shot Image Recognition",
    task="verification",
    input_shape=(1, 105, 105),
    stem="convolutions.0.conv.weight",
    head="",
)
def siamese_small(
    in_chans: int = 1,
    image_size: int = 105,
    embedding_dim: int = 128,
    head: str = "weighted_l1",
    dropout: float = 0.0,
) -> SiameseSmall:
    """Koch's convolutions with 128 sigmoids instead of 4096: 1,228,545 parameters."""
    return SiameseSmall(in_chans, image_size, embedding_dim, head, dropout)
