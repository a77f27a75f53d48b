"""Binary cross-entropy where ones are rare: the trigger word's target is 1 in a few steps only.

Notes: course 5, week 3, "Trigger word detection". Proof: tests/losses/test_trigger_word.py.
"""

import torch.nn.functional as F
from torch import Tensor


def rare_positives_loss(
    logits: Tensor, target: Tensor, counts: Tensor, positive_share: float
) -> Tensor:
    """The mean over the ones and the mean over the zeros, weighted: however rare ones are.

    Args:
        logits: (N, T).
        target: (N, T) 0 or 1.
        counts: (N, T) 1 where a step counts, 0 where the target is unknown.
        positive_share: weight of the ones' mean; the zeros' has the rest.

    >>> import torch
    >>> target = torch.tensor([[1.0, 0, 0, 0]])
    >>> loss = rare_positives_loss(torch.zeros(1, 4), target, torch.ones(1, 4), 0.3)
    >>> round(loss.item(), 4)  # ln 2, whatever the share
    0.6931
    """
    each = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    ones, zeros = target * counts, (1 - target) * counts
    positive = (each * ones).sum() / ones.sum().clamp(min=1)
    negative = (each * zeros).sum() / zeros.sum().clamp(min=1)
    return positive_share * positive + (1 - positive_share) * negative
