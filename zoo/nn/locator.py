"""The interface of a network that finds one object at most: is there one, where, of which class.

Proof: tests/models/test_localizer.py.
"""

from typing import ClassVar, Protocol

from torch import Tensor, nn


class Locator(Protocol):
    """An ``nn.Module``: images (N, C, S, S) to y (N, 1 + D + K), before sigmoid and softmax."""

    finds: ClassVar[str]
    """What ``where``, the D numbers, describes: "box" or "points"."""

    counted_by: ClassVar[str]
    """The argument of the builder that counts the names on its card: its classes, or points."""

    image_size: int
    """S."""

    def forward(self, images: Tensor) -> Tensor:
        """Images to y."""

    @staticmethod
    def encode(points: Tensor) -> Tensor:
        """Points (N, P, 2) as parts of the image, a box as two corners, to ``where`` (N, D)."""

    @staticmethod
    def decode(where: Tensor) -> Tensor:
        """The reverse: (N, D) in [0, 1] to (N, P, 2)."""

    def reset_classifier(self, num_classes: int) -> None:
        """New outputs for so many names."""

    def blocks(self) -> list[nn.Module]:
        """All parameters, parted from input to output; the last block is the head."""
