"""Anchors: the k sizes that fit the objects of a set best, by k-means with 1 - IoU as the distance.

Redmon and Farhadi 2017, "YOLO9000: Better, Faster, Stronger", arXiv:1612.08242, sec. 2, "Dimension
Clusters". Sizes are compared as if at the same corner. Deviations: a cluster's centre is the median
of its widths and heights, not their mean (published programs reach the paper's mean IoU with
medians only); the best of several starts is taken; an empty cluster begins anew at the size that
the others fit least. Proof: tests/ops/boxes/test_anchors.py.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from zoo.errors import BadInput
from zoo.ops.boxes.iou import wh_iou
from zoo.ops.letterbox import placement

MOST = 300  # rounds of one start; some tens are enough
CENTRES = ("median", "mean")


class Anchors(NamedTuple):
    """What ``anchors`` found.

    Attributes:
        sizes: (k, 2) w h, in the unit of the objects', the smallest area first.
        mean_iou: of the objects with their best anchor.
    """

    sizes: Tensor
    mean_iou: float


def anchors(
    sizes: Tensor, k: int, rng: torch.Generator, *, centre: str = "median", starts: int = 10
) -> Anchors:
    """The k anchors with the highest mean IoU of ``starts`` tries.

    Args:
        sizes: (n, 2) w h of the objects, above 0, in pixels of a network's input.
        rng: draws the objects with which a try starts.
        centre: "median", or "mean" as the paper has it.

    Raises:
        BadInput: if a size is not above 0, there are fewer than k different ones, or k or
            ``starts`` is below 1.
    """
    if centre not in CENTRES:
        raise BadInput(f"centre must be one of {', '.join(CENTRES)}, got {centre!r}")
    if k < 1 or starts < 1:
        raise BadInput(f"the number of anchors and of starts must be 1 or more, got {k}, {starts}")
    sizes = sizes.double()
    if not (sizes.isfinite() & (sizes > 0)).all():
        raise BadInput("widths and heights must be finite and above 0; leave out the other boxes")
    different = sizes.unique(dim=0)
    if len(different) < k:
        got = f"got {len(different)} in {len(sizes)} boxes"
        raise BadInput(f"{k} anchors need at least {k} different sizes, {got}; ask for fewer")
    tries = [_one_start(sizes, different, k, rng, centre) for _ in range(starts)]
    best = max(tries, key=lambda one: one.mean_iou)
    order = best.sizes.prod(1).argsort(stable=True)
    return Anchors(best.sizes[order], best.mean_iou)


def mean_iou(sizes: Tensor, anchors: Tensor) -> float:
    """The mean over the objects (n, 2) of the IoU with their best anchor (k, 2)."""
    return float(wh_iou(sizes.double(), anchors.double()).max(1).values.mean())


def letterboxed(sizes: Tensor, image_size: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Sizes (n, 2) w h in pixels of an image, in pixels of a network's input after the letterbox.

    Args:
        image_size, size: height and width of the image, and of the input.

    >>> letterboxed(torch.tensor([[100.0, 100.0]]), (480, 640), (416, 416))
    tensor([[65., 65.]])
    """
    place = placement(image_size, size)
    scale = torch.tensor([place.width / image_size[1], place.height / image_size[0]])
    return sizes * scale.to(sizes.device)


def _one_start(
    sizes: Tensor, different: Tensor, k: int, rng: torch.Generator, centre: str
) -> Anchors:
    """k-means from k objects of different sizes; the best of its rounds, for medians may cycle."""
    centres = different[torch.randperm(len(different), generator=rng)[:k]]
    best, before = Anchors(centres, 0.0), None
    for _ in range(MOST):
        fit, owner = wh_iou(sizes, centres).max(1)
        if (mean := float(fit.mean())) > best.mean_iou:
            best = Anchors(centres, mean)
        if before is not None and torch.equal(owner, before):
            break
        before = owner
        centres = _centres(sizes, owner, fit, k, centre)
    return best


def _centres(sizes: Tensor, owner: Tensor, fit: Tensor, k: int, centre: str) -> Tensor:
    """The centre of each cluster (k, 2); an empty one is given the size that fits least."""
    spare = iter(fit.argsort(stable=True).tolist())
    rows = []
    for cluster in range(k):
        own = sizes[owner == cluster]
        if not len(own):
            rows.append(sizes[next(spare)])
        else:
            rows.append(own.mean(0) if centre == "mean" else own.quantile(0.5, dim=0))
    return torch.stack(rows)
