"""Whom does an image show? The nearest of those that are known, or most of the k nearest.

Notes: course 4, week 4, "Face recognition", "One shot learning".
Proof: tests/metrics/verification/test_nearest.py.
"""

import torch
from torch import Tensor


def one_shot_wrong(table: Tensor, answer: Tensor) -> Tensor:
    """Of which questions another candidate is the nearest, or none: (Q,) bool.

    Args:
        table: (Q, W) how unlike each question is to each candidate; NaN is farthest.
        answer: (Q,) int64, the right candidates.

    >>> one_shot_wrong(torch.tensor([[0.1, 0.2], [0.1, 0.2]]), torch.tensor([0, 1])).tolist()
    [False, True]
    """
    table = table.nan_to_num(nan=torch.inf, posinf=torch.inf, neginf=-torch.inf)
    nearest = table.min(1)
    return (nearest.indices != answer) | nearest.values.isposinf()


def most_of_nearest(table: Tensor, labels: Tensor, k: int = 1) -> Tensor:
    """The identity that most of the k nearest have: (Q,) int64.

    Of identities with equally many it is the one of the nearest image.

    Args:
        table: (Q, N) how unlike each image is to each known one.
        labels: (N,) int64, whom these show.
        k: or as many as there are.
    """
    found = table.topk(min(k, table.shape[1]), largest=False)  # nearest first
    k = found.indices.shape[1]
    voters = labels[found.indices]  # (Q, k)
    votes = torch.zeros(len(table), int(labels.max()) + 1, device=table.device)
    votes.scatter_add_(1, voters, torch.ones_like(found.values, dtype=votes.dtype))
    first = (k - torch.arange(k, device=table.device, dtype=votes.dtype)) / (k + 1)  # below 1
    earliest = torch.zeros_like(votes)
    earliest.scatter_reduce_(1, voters, first.expand(len(table), k), "amax")
    return (votes + earliest).argmax(1)


def identification_error(table: Tensor, labels: Tensor, k: int = 1) -> float:
    """Percent of images whose k nearest others name another identity than theirs.

    Each image in turn is asked for, all others are known. Images of which there is no other of the
    same identity are not asked for.

    Args:
        table: (N, N) how unlike each is to each.
        labels: (N,) int64.
    """
    others = table.clone().fill_diagonal_(torch.inf)
    asked = labels.bincount()[labels] >= 2
    if not asked.any():
        return 0.0
    k = min(k, len(labels) - 1)
    wrong = most_of_nearest(others[asked], labels, k) != labels[asked]
    return 100 * float(wrong.double().mean())
