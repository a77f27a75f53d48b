"""All triplets of a batch, one after the other, as their papers define them."""

import math

from torch import Tensor

Triplet = tuple[int, int, int]


def triplets(labels: Tensor) -> list[Triplet]:
    """Every (anchor, positive, negative)."""
    rows = range(len(labels))
    return [
        (a, p, n)
        for a in rows
        for p in rows
        for n in rows
        if a != p and labels[a] == labels[p] and labels[a] != labels[n]
    ]


def semi_hard(d: Tensor, labels: Tensor, margin: float) -> list[Triplet]:
    """FaceNet, sec. 3.2: farther than the positive, but inside the margin."""
    return [(a, p, n) for a, p, n in triplets(labels) if d[a, p] < d[a, n] < d[a, p] + margin]


def mean_of(d: Tensor, chosen: list[Triplet], margin: float) -> Tensor:
    """The mean of max(d(a, p) - d(a, n) + margin, 0) over these triplets; 0 without any."""
    total = 0 * d.sum()
    for a, p, n in chosen:
        total = total + (d[a, p] - d[a, n] + margin).clamp_min(0)
    return total / max(len(chosen), 1)


def semi_hard_loss(d: Tensor, labels: Tensor, margin: float) -> Tensor:
    return mean_of(d, semi_hard(d, labels, margin), margin)


def nearest_semi_hard_loss(d: Tensor, labels: Tensor, margin: float) -> Tensor:
    nearest: dict[tuple[int, int], int] = {}
    for a, p, n in semi_hard(d, labels, margin):
        if (a, p) not in nearest or d[a, n] < d[a, nearest[a, p]]:
            nearest[a, p] = n
    return mean_of(d, [(a, p, n) for (a, p), n in nearest.items()], margin)


def all_triplets_loss(d: Tensor, labels: Tensor, margin: float) -> Tensor:
    violating = [(a, p, n) for a, p, n in triplets(labels) if d[a, p] - d[a, n] + margin > 0]
    return mean_of(d, violating, margin)


def batch_hard_loss(d: Tensor, labels: Tensor, margin: float | None) -> Tensor:
    """Of each anchor the worst of all its triplets; ``margin`` None: log(1 + exp(.))."""
    total, anchors = 0 * d.sum(), 0
    for anchor in range(len(labels)):
        own = [(a, p, n) for a, p, n in triplets(labels) if a == anchor]
        if own:
            a, p, n = max(own, key=lambda one: (d[one[0], one[1]] - d[one[0], one[2]]).item())
            apart = d[a, p] - d[a, n]
            total = total + (
                (1 + apart.exp()).log() if margin is None else (apart + margin).clamp_min(0)
            )
            anchors += 1
    return total / max(anchors, 1)


def log_loss(logit: float, same: bool) -> float:
    """-(y log p + (1 - y) log(1 - p))."""
    p = 1 / (1 + math.exp(-logit))
    return -math.log(p if same else 1 - p)
