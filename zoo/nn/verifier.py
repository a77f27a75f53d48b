"""The interface of a network that tells whether two images show the same face or character.

Siamese networks and FaceNet do it alike: an image becomes a vector, and two vectors are compared.
So a person who is enrolled is embedded once, and a comparison costs next to nothing.
Notes: course 4, week 4, "Siamese network", "Triplet loss", "Face verification and binary
classification". Proof: tests/models/verifier_checks.py holds each of them to it.
"""

from typing import ClassVar, Protocol, runtime_checkable

from torch import Tensor, nn


@runtime_checkable
class Verifier(Protocol):
    """An ``nn.Module``: images (N, C, S, S), normalised, to vectors (N, D)."""

    objective: ClassVar[str]
    """What it is trained with if nothing else is asked: a name of zoo/losses/verification."""

    scale: ClassVar[str]
    """What a dissimilarity is: "squared L2" or "-logit"."""

    image_size: int
    """S."""

    embedding_dim: int
    """D."""

    def forward(self, images: Tensor) -> Tensor:
        """The vectors; those of FaceNet lie on the unit sphere."""

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        """How unlike each of the vectors (N, D) is to each of (M, D): (N, M), lower is more alike.

        The squared Euclidean distance; or minus the logit of "the same", of a network that learns
        how to compare.
        """

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        """The same of pairs: (N, D) and (N, D) to (N,)."""

    def blocks(self) -> list[nn.Module]:
        """All parameters, parted from input to output; the last block is the head."""
