"""Misclassified examples, error rates, and the confusion matrix."""

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


def most_confident_wrong(
    log_p: Tensor, labels: Tensor, most: int
) -> tuple[list[int], list[int], list[float]]:
    """The wrong predictions with the highest probabilities, highest first.

    Of equally confident ones those that come first in the set stay first.

    Args:
        log_p: log-probabilities (N, K).
        labels: (N,).
        most: largest number of examples.

    Returns:
        Their indices, the predicted classes, and the probabilities of these.

    >>> most_confident_wrong(torch.tensor([[0.9, 0.1], [0.2, 0.8]]).log(), torch.tensor([1, 0]), 1)
    ([0], [0], [0.8999999761581421])
    """
    best, predicted = log_p.max(1)
    wrong = (predicted != labels).nonzero().squeeze(1)
    worst = wrong[best[wrong].argsort(descending=True, stable=True)][:most]
    return worst.tolist(), predicted[worst].tolist(), best[worst].exp().tolist()


def error_rates(wrong: Tensor, counts: Tensor) -> dict[str, float]:
    """Error rates in percent: ``error`` over all examples, ``balanced_error`` over classes.

    The balanced error is the mean of the error rates of the classes that occur.

    Args:
        wrong: (K,) number of misclassified examples of each class.
        counts: (K,) number of examples of each class, at least one in all.

    >>> error_rates(torch.tensor([1, 1, 0]), torch.tensor([8, 2, 0]))
    {'error': 20.0, 'balanced_error': 31.25}
    """
    rates = (wrong.double() / counts)[counts > 0]
    return {
        "error": 100 * wrong.sum().item() / counts.sum().item(),
        "balanced_error": 100 * rates.mean().item(),
    }


def confusion(predicted: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Counts (K, K): row the label, column the prediction.

    >>> confusion(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return torch.bincount(labels * classes + predicted, minlength=classes**2).view(classes, classes)
