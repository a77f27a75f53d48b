"""Misclassified examples, and the confusion matrix."""

import torch
from torch import Tensor


def misclassified(logits: Tensor, labels: Tensor, k: int = 1) -> Tensor:
    """Whether the label is not among the ``k`` largest logits: (N,) bool.

    A logit that is not finite counts as wrong, not as "class 0".

    Args:
        logits: (N, K).
        labels: (N,).
    """
    best = logits.topk(k, dim=1).indices
    return ~((best == labels[:, None]).any(1) & torch.isfinite(logits).all(1))


def wrong(logits: Tensor, labels: Tensor, k: int = 1) -> Tensor:
    """How many of a batch are misclassified; a 0-d tensor."""
    return misclassified(logits, labels, k).sum()


def confusion(predicted: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Counts (K, K): row the label, column the prediction.

    >>> confusion(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return torch.bincount(labels * classes + predicted, minlength=classes**2).view(classes, classes)
