"""Non-maximum suppression: of boxes that overlap, that with the highest score is kept.

Greedy: the box with the highest score is kept, all whose IoU with it is above the threshold are
removed (equal to it is not above), and so on with what is left. Of equal scores the lower index
comes first. Felzenszwalb et al. 2010, "Object Detection with Discriminatively Trained Part-Based
Models", sec. 5.2. ``plain_nms`` is this for the reader; ``nms`` gives the same answer with
torchvision's kernel. Proof: tests/ops/boxes/test_nms.py; times: ``zoo bench nms``.
"""

import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from zoo.errors import BadInput
from zoo.ops.boxes.iou import iou


def plain_nms(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Non-maximum suppression as it is defined; ``nms`` is faster.

    Args, returns and errors as ``nms``.

    >>> two = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 8.0]])
    >>> plain_nms(two, torch.tensor([0.5, 0.9]), 0.5)
    tensor([1])
    """
    boxes, scores = checked(boxes, scores)
    left = scores.argsort(descending=True, stable=True)
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        overlap = iou(boxes[best][None], boxes[left])[0]
        left = left[~(overlap.double() > threshold)]  # the threshold is not rounded to float32
    return torch.stack(kept) if kept else left


def nms(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """The indices of the boxes that non-maximum suppression keeps, the highest score first.

    Args:
        boxes: (n, 4), x1 y1 x2 y2; computed in float32, or in float64 if they are.
        scores: (n,).
        threshold: of IoU; above it a box is removed.

    Returns:
        (k,) int64 on the boxes' device.

    Raises:
        BadInput: if a box or a score is not finite, or their shapes are others.
    """
    kernel = _kernel()
    boxes, scores = _as_floats(boxes, scores)
    kept = kernel(boxes, scores, threshold)
    _refuse_what_is_not_finite(boxes, scores)  # after it: before, it makes the kernel 5 % slower
    return kept


def nms_per_class(boxes: Tensor, scores: Tensor, labels: Tensor, threshold: float) -> Tensor:
    """``nms`` within each class: a box removes only boxes of its own class.

    Each class is computed by itself. Moving the classes apart by an offset and computing them at
    once, as is often done, rounds the coordinates: large ones lose boxes or keep too many.

    Args:
        labels: (n,) integers, any.

    Returns:
        (k,) int64 of all classes, the highest score first, of equal scores the lower index.
    """
    kernel = _kernel()
    boxes, scores = _as_floats(boxes, scores)
    if labels.shape != scores.shape:
        raise BadInput(f"labels must be as many as scores, got {len(labels)} and {len(scores)}")
    order = labels.argsort(stable=True)
    counts = labels[order].unique_consecutive(return_counts=True)[1].tolist()
    kept = [order[:0]]
    for index in order.split(counts):
        kept.append(index[kernel(boxes[index], scores[index], threshold)])
    _refuse_what_is_not_finite(boxes, scores)
    found = torch.cat(kept).sort().values  # so that the stable sort puts lower indices first
    return found[scores[found].argsort(descending=True, stable=True)]


@cache
def _kernel() -> Callable[[Tensor, Tensor, float], Tensor]:
    """What torchvision.ops.nms calls."""
    import torchvision.ops  # noqa: F401  # late: its import takes half a second

    kernel: Callable[[Tensor, Tensor, float], Tensor] = torch.ops.torchvision.nms
    return kernel


def checked(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes (n, 4) and scores (n,) as floats of the same kind that can be computed with.

    Raises:
        BadInput: if one is not finite, or their shapes are others.
    """
    boxes, scores = _as_floats(boxes.detach(), scores.detach())
    _refuse_what_is_not_finite(boxes, scores)
    return boxes, scores


def _as_floats(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    if boxes.dim() != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1]:
        got = f"{tuple(boxes.shape)} and {tuple(scores.shape)}"
        raise BadInput(f"boxes must be (n, 4) and scores (n,), got {got}")
    kind = torch.float64 if boxes.dtype == torch.float64 else torch.float32
    if boxes.dtype == scores.dtype == kind:  # of 1,000 boxes each needless step takes 1 %
        return boxes, scores
    return boxes.to(kind), scores.to(kind)


def _refuse_what_is_not_finite(boxes: Tensor, scores: Tensor) -> None:
    if math.isfinite(float(boxes.sum() + scores.sum())):  # several times as fast as isfinite
        return
    bad = ~(boxes.isfinite().all(1) & scores.isfinite())
    if bad.any():
        first = int(bad.nonzero()[0])
        got = f"{boxes[first].tolist()} with score {float(scores[first])}"
        raise BadInput(f"boxes and scores must be finite, got box {first}: {got}")
