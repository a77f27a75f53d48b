"""Verifiers that are quick: the mean colours of a grid of squares are the vector, untrained."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.data.image.identities.decision import Decision
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.predictors.verification import ImageVerifier

SIZE, CELLS = 24, 4
FRONT_END = ImageFrontEnd((SIZE, SIZE), (0.5,) * 3, (0.25,) * 3)


class MeanColours(nn.Module):
    """Images (N, 3, 24, 24) to unit vectors (N, 48); squared distances."""

    objective: ClassVar[str] = "semi_hard"
    scale: ClassVar[str] = "squared L2"
    image_size, embedding_dim = SIZE, 3 * CELLS**2

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, images: Tensor) -> Tensor:
        cells = F.adaptive_avg_pool2d(images, CELLS).flatten(1) * self.weight
        return F.normalize(cells + 0.01)

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        return (a[:, None] - b).square().sum(2)

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        return (a - b).square().sum(1)

    def blocks(self) -> list[nn.Module]:
        return [self]


class MeanColoursLogit(MeanColours):
    """The same with minus a logit: 2 where both vectors are equal, falling with the distance."""

    objective: ClassVar[str] = "pairs"
    scale: ClassVar[str] = "-logit"

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        return 10 * super().dissimilarity(a, b) - 2

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        return 10 * super().pairwise(a, b) - 2


def tiny_verifier(model: nn.Module | None = None, **decision: object) -> ImageVerifier:
    """A predictor of such a network."""
    found = Decision(**{"threshold": 0.2, **decision})
    return ImageVerifier(model or MeanColours(), FRONT_END, found, "tiny.test", "0" * 64)
