"""The contrastive loss: images of the same are drawn together, others pushed a margin apart.

Paper: Hadsell, Chopra & LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping",
eq. 4, with D the distance of two vectors: D^2 / 2 of a pair of the same, max(0, margin - D)^2 / 2
of a pair of two. Notes: none; course 4, week 4 has the triplet loss instead.
Deviations: the mean over all pairs of the batch, not a sum; pairs of the same and of two weigh half
each, since in a batch of 20 x 4 images 26 pairs are of two for each of the same.
Proof: tests/losses/verification/test_contrastive.py.
"""

import torch.nn.functional as F
from torch import Tensor

from zoo.losses.verification.pairs import halves

EPSILON = 1e-12  # below the root, whose gradient at 0 would be infinite


def contrastive(distances: Tensor, labels: Tensor, margin: float = 1.0) -> Tensor:
    """The loss of all pairs of a batch.

    Args:
        distances: (B, B), squared and symmetric.
        labels: (B,) the identity of each row, on any device.
        margin: how far apart, in distance and not its square.
    """
    closer = F.relu(margin - (distances + EPSILON).sqrt())
    return halves(distances / 2, closer.square() / 2, labels)
