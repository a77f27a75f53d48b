"""Class-balanced cross-entropy: every class counts the same, however many examples it has.

Notes: course 3, week 2, "Cleaning up incorrectly labeled data" (weights in the error and the loss).
Proof: tests/losses/test_class_weights.py.
"""

import torch.nn.functional as F
from torch import Tensor


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """N / (K N_k) for each class k: inverse to how frequent it is, on average 1 over the examples.

    Args:
        labels: (N,) of the training set.
        classes: how many there are; K counts those that occur, and one that does not gets 0.

    >>> import torch
    >>> class_weights(torch.tensor([0, 0, 0, 1]), 3)
    tensor([0.6667, 2.0000, 0.0000])
    """
    counts = labels.bincount(minlength=classes)
    present = (counts > 0).sum()
    return (len(labels) / (present * counts.clamp(min=1))) * (counts > 0)


def weighted_cross_entropy(
    logits: Tensor, labels: Tensor, weight: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """The mean over a batch of w[label] times the cross-entropy; in expectation, balanced.

    Not divided by the sum of the batch's weights, as ``F.cross_entropy`` does: that would make an
    example's weight depend on its neighbours, and leave a batch of one class unweighted.

    Args:
        logits: (N, K).
        labels: (N,), or probabilities (N, K).
        weight: (K,).
    """
    loss = F.cross_entropy(
        logits, labels, weight=weight, reduction="sum", label_smoothing=label_smoothing
    )
    return loss / len(logits)
