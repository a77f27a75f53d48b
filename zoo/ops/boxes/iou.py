"""Intersection over union of boxes, and its generalised, distance and complete kinds.

Boxes are x1 y1 x2 y2, float, without +1: a box from 0 to 10 is 10 wide. ``iou`` and its kin compare
every box of ``a`` (N, 4) with every box of ``b`` (M, 4): (N, M). ``paired_iou`` and its kin compare
a[i] with b[i], (..., 4) each and broadcast: (...); they are differentiable, with finite gradients,
and 1 minus them is the loss of their papers.

Two boxes without area have IoU 0. A box turned inside out (x2 < x1) overlaps nothing. A box that is
not finite, or above 1e18, gives NaN or 0 in its pairs.
Proof: tests/ops/boxes/test_iou.py, with torchvision.ops as peer.
"""

import math

import torch
from torch import Tensor


def area(boxes: Tensor) -> Tensor:
    """(x2 - x1) (y2 - y1): (..., 4) to (...).

    >>> area(torch.tensor([[0.0, 0.0, 2.0, 3.0]]))
    tensor([6.])
    """
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of all pairs: (N, 4) and (M, 4) to (N, M), each in [0, 1].

    >>> iou(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]]))
    tensor([[0.3333]])
    """
    return paired_iou(a[:, None], b)


def giou(a: Tensor, b: Tensor) -> Tensor:
    """``paired_giou`` of all pairs: (N, 4) and (M, 4) to (N, M)."""
    return paired_giou(a[:, None], b)


def diou(a: Tensor, b: Tensor) -> Tensor:
    """``paired_diou`` of all pairs: (N, 4) and (M, 4) to (N, M)."""
    return paired_diou(a[:, None], b)


def ciou(a: Tensor, b: Tensor) -> Tensor:
    """``paired_ciou`` of all pairs: (N, 4) and (M, 4) to (N, M)."""
    return paired_ciou(a[:, None], b)


def paired_iou(a: Tensor, b: Tensor) -> Tensor:
    """|A and B| / |A or B| of each pair."""
    inter, union = _intersection_and_union(a, b)
    return _ratio(inter, union)


def paired_giou(a: Tensor, b: Tensor) -> Tensor:
    """IoU - |C without (A or B)| / |C|, C the smallest box around both; in (-1, 1].

    Rezatofighi et al. 2019, arXiv:1902.09630, algorithm 1.
    """
    inter, union = _intersection_and_union(a, b)
    hull = area(_hull(a, b))
    return _ratio(inter, union) - _ratio(hull - union, hull)


def paired_diou(a: Tensor, b: Tensor) -> Tensor:
    """IoU - d^2 / c^2: d between the centres, c the diagonal of the box around both; in (-1, 1].

    Zheng et al. 2020, arXiv:1911.08287, eq. 6.
    """
    between = (a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2
    hull = _hull(a, b)
    diagonal = hull[..., 2:] - hull[..., :2]
    return paired_iou(a, b) - _ratio(between.square().sum(-1), diagonal.square().sum(-1))


def paired_ciou(a: Tensor, b: Tensor) -> Tensor:
    """DIoU - alpha v, where v measures how the aspect ratios differ; in (-2, 1].

    Zheng et al. 2020, arXiv:1911.08287, eqs. 8 to 11: v = 4 / pi^2 (atan(w_b / h_b) -
    atan(w_a / h_a))^2, and alpha = v / (1 - IoU + v), through which no gradient flows.
    Deviations: the gradient of v is exact; the authors' program leaves out its 1 / (w^2 + h^2).
    """
    v = 4 / math.pi**2 * (_angle(b) - _angle(a)).square()
    with torch.no_grad():
        alpha = _ratio(v, 1 - paired_iou(a, b) + v)
    return paired_diou(a, b) - alpha * v


def wh_iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of all pairs of sizes, put at the same corner: w h (N, 2) and (M, 2) to (N, M).

    YOLO compares anchors and objects so, without regard to where they are.

    >>> wh_iou(torch.tensor([[10.0, 20.0]]), torch.tensor([[20.0, 10.0], [10.0, 20.0]]))
    tensor([[0.3333, 1.0000]])
    """
    inter = torch.minimum(a[:, None], b).clamp_min(0).prod(-1)
    return _ratio(inter, a.prod(-1)[:, None] + b.prod(-1) - inter)


def _intersection_and_union(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    first = torch.maximum(a[..., :2], b[..., :2])
    last = torch.minimum(a[..., 2:], b[..., 2:])
    inter = (last - first).clamp_min(0).prod(-1)
    return inter, area(a) + area(b) - inter


def _hull(a: Tensor, b: Tensor) -> Tensor:
    """The smallest box around both."""
    first = torch.minimum(a[..., :2], b[..., :2])
    return torch.cat([first, torch.maximum(a[..., 2:], b[..., 2:])], -1)


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    """The share; 0 where the whole is 0, with gradient 0 instead of NaN."""
    nothing = whole == 0
    return (part / whole.masked_fill(nothing, 1)).masked_fill(nothing, 0)


def _angle(boxes: Tensor) -> Tensor:
    """atan(w / h); 0 of a point."""
    width, height = (boxes[..., 2:] - boxes[..., :2]).unbind(-1)
    point = (width == 0) & (height == 0)
    return torch.atan2(width, height.masked_fill(point, 1))
