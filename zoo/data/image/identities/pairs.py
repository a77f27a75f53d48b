"""Pairs of images in folds, as LFW has them: do both show the same person?

Proof: tests/data/image/identities/test_pairs.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

UNREAD = -1  # in the place of the row of an image that could not be read


@dataclass(frozen=True, eq=False)
class FoldedPairs:
    """P pairs, in the order of their file. An image that could not be read moves none of them.

    Attributes:
        first, second: (P,) int64, rows of a set of images, or ``UNREAD``.
        same: (P,) bool, whether both show the same identity.
        folds: (P,) int64, from 0.
    """

    first: Tensor
    second: Tensor
    same: Tensor
    folds: Tensor

    def __post_init__(self) -> None:
        shapes = {tuple(x.shape) for x in (self.first, self.second, self.same, self.folds)}
        if len(shapes) != 1 or self.same.dtype != torch.bool:
            raise ValueError(f"first, second, same, folds (P,), same bool expected, got {shapes}")

    def __len__(self) -> int:
        return len(self.same)

    @property
    def readable(self) -> Tensor:
        """Of which pairs there are both images: (P,) bool."""
        return (self.first != UNREAD) & (self.second != UNREAD)

    def values(self, vectors: Tensor, pairwise: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """How unlike the images of each pair are: (P,) on the CPU, NaN where one is not there.

        Args:
            vectors: (N, D) of the images.
            pairwise: of a ``Verifier``.
        """
        found = torch.full((len(self),), torch.nan)
        there = self.readable
        rows = (x[there].to(vectors.device) for x in (self.first, self.second))
        found[there] = pairwise(*(vectors[row] for row in rows)).float().cpu()
        return found
