"""Soft-NMS: boxes that overlap a better one keep a part of their score.

Bodla et al. 2017, "Soft-NMS: Improving Object Detection With One Line of Code", arXiv:1704.04503,
fig. 2 and sec. 3. Linear: scores of boxes with IoU at or above the threshold are multiplied by
1 - IoU. Gaussian: all scores are multiplied by exp(-IoU^2 / sigma). Proof:
tests/ops/boxes/test_soft_nms.py.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.nms import checked


def linear_soft_nms(
    boxes: Tensor, scores: Tensor, threshold: float = 0.3, *, least: float = 0.001
) -> tuple[Tensor, Tensor]:
    """Soft-NMS with the linear penalty.

    Args:
        boxes: (n, 4), x1 y1 x2 y2.
        scores: (n,) in [0, 1].
        threshold: IoU from which a score is lowered; 0.3 is the paper's.
        least: a box whose score falls below it is removed.

    Returns:
        (k,) int64 indices of the boxes that are left, the highest new score first, and (k,) the new
        scores.

    Raises:
        BadInput: if a box or a score is not finite, or their shapes are others.

    >>> two = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 8.0]])
    >>> linear_soft_nms(two, torch.tensor([0.5, 0.9]))
    (tensor([1, 0]), tensor([0.9000, 0.1000]))
    """
    return _soft_nms(boxes, scores, lambda o: torch.where(o < threshold, 1.0, 1 - o), least)


def gaussian_soft_nms(
    boxes: Tensor, scores: Tensor, sigma: float = 0.5, *, least: float = 0.001
) -> tuple[Tensor, Tensor]:
    """Soft-NMS with the Gaussian penalty; ``sigma`` 0.5 is the paper's. The rest as above."""
    return _soft_nms(boxes, scores, lambda o: torch.exp(-o.square() / sigma), least)


def _soft_nms(
    boxes: Tensor, scores: Tensor, penalty: Callable[[Tensor], Tensor], least: float
) -> tuple[Tensor, Tensor]:
    boxes, scores = checked(boxes, scores)
    left = torch.arange(len(scores), device=boxes.device)
    left, rest = left[scores >= least], scores[scores >= least]
    kept, final = [left[:0]], [rest[:0]]
    while len(left):
        best = rest.argmax()  # of equal scores the first
        others = torch.arange(len(left), device=boxes.device) != best
        kept.append(left[best][None])
        final.append(rest[best][None])
        overlap = iou(boxes[left[best]][None], boxes[left[others]])[0]
        left, rest = left[others], rest[others] * penalty(overlap)
        left, rest = left[rest >= least], rest[rest >= least]
    return torch.cat(kept), torch.cat(final)
