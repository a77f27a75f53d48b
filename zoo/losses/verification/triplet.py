"""Triplet losses over all triplets of a batch: an anchor a, a positive p, a negative n.

Papers: Schroff et al. 2015 (FaceNet), arXiv:1503.03832, sec. 3.1 and 3.2: max(d(a, p) - d(a, n) +
margin, 0) of squared distances on the unit sphere, margin 0.2, over all anchor-positive pairs of
the batch with semi-hard negatives: d(a, p) < d(a, n) < d(a, p) + margin. Hermans et al. 2017,
arXiv:1703.07737, sec. 2: batch-hard, its soft margin, and the mean over the triplets that are not
zero. Notes: course 4, week 4, "Triplet Loss".
Deviations: FaceNet's sum is a mean over triplets, so that the learning rate does not depend on the
batch. The paper does not say how many semi-hard negatives a pair has: all of them by default, or
the hardest. Hermans et al. compare distances, here as in FaceNet they are squared.
Proof: tests/losses/verification/test_triplet.py, each beside a loop over all triplets.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

AT_ONCE = 4_000_000  # triplets that are looked at in one go

Choose = Callable[[Tensor, Tensor], Tensor]  # d(a, p) (Q, 1), d(a, n) (Q, B) -> chosen (Q, B)


def semi_hard(
    distances: Tensor, labels: Tensor, margin: float = 0.2, *, hardest: bool = False
) -> Tensor:
    """The mean of d(a, p) - d(a, n) + margin over all semi-hard triplets; 0 without any.

    Args:
        distances: (B, B), squared; row a, column p or n.
        labels: (B,) the identity of each row, on any device.
        hardest: of each anchor-positive pair only the nearest of its semi-hard negatives.
    """

    def choose(positive: Tensor, negative: Tensor) -> Tensor:
        chosen = (negative > positive) & (negative < positive + margin)
        return _nearest(negative, chosen) if hardest else chosen

    return _mean_of(distances, labels, margin, choose)


def all_triplets(distances: Tensor, labels: Tensor, margin: float = 0.2) -> Tensor:
    """The sum of max(d(a, p) - d(a, n) + margin, 0) over the number of triplets above 0."""
    return _mean_of(distances, labels, margin, lambda p, n: p - n + margin > 0)


def batch_hard(distances: Tensor, labels: Tensor, margin: float | None = 0.2) -> Tensor:
    """Of each anchor its farthest positive and its nearest negative; the mean over the anchors.

    Anchors without a positive or without a negative do not count.

    Args:
        distances, labels: as of ``semi_hard``.
        margin: None for the soft one, log(1 + exp(d(a, p) - d(a, n))).
    """
    same, other = _masks(labels)
    anchors = int((same.any(1) & other.any(1)).sum())  # of labels, which are on the CPU as a rule
    same, other = same.to(distances.device), other.to(distances.device)
    farthest = distances.masked_fill(~same, -math.inf).max(1).values
    nearest = distances.masked_fill(~other, math.inf).min(1).values
    apart = farthest - nearest  # -inf, and so a loss of 0, for an anchor without a triplet
    each = F.softplus(apart) if margin is None else F.relu(apart + margin)
    return each.sum() / max(anchors, 1)


def _masks(labels: Tensor) -> tuple[Tensor, Tensor]:
    """(B, B): whether two rows are a pair of the same identity; whether they are of two."""
    same = labels[:, None] == labels
    return same.clone().fill_diagonal_(False), ~same


def _mean_of(distances: Tensor, labels: Tensor, margin: float, choose: Choose) -> Tensor:
    """The mean of d(a, p) - d(a, n) + margin over the chosen triplets; 0 without any.

    For given triplets it is linear in the distances: each counts as often as it is the positive's
    less as often as it is the negative's. So what backward keeps is (B, B), never a triplet.
    """
    with torch.no_grad():
        weights, count = _weights(distances.detach(), labels, choose)
        weights /= count.clamp_min(1)
    return (weights * distances).sum() + margin * count.clamp_max(1)


def _weights(distances: Tensor, labels: Tensor, choose: Choose) -> tuple[Tensor, Tensor]:
    """How often each distance (B, B) is added; the number of triplets."""
    same, other = _masks(labels)
    anchors, positives = (rows.to(distances.device) for rows in same.nonzero(as_tuple=True))
    other = other.to(distances.device)
    weights, count = torch.zeros_like(distances), distances.new_zeros(())
    size = max(1, AT_ONCE // len(distances))
    for a, p in zip(anchors.split(size), positives.split(size), strict=True):
        negatives = distances[a].masked_fill(~other[a], math.inf)  # which no rule chooses
        chosen = choose(distances[a, p][:, None], negatives)
        found = chosen.sum(1).to(distances.dtype)
        weights[a, p] += found  # each pair once
        weights.index_add_(0, a, -chosen.to(distances.dtype))
        count += found.sum()
    return weights, count


def _nearest(negative: Tensor, chosen: Tensor) -> Tensor:
    """Of each row's chosen negatives the nearest."""
    first = negative.masked_fill(~chosen, math.inf).argmin(1, keepdim=True)
    return chosen & torch.zeros_like(chosen).scatter_(1, first, True)
