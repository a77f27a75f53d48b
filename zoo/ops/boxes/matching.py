"""Which truth a reference box (an anchor, a proposal) is to find, and which boxes are trained on.

Papers: Girshick 2015, "Fast R-CNN", arXiv:1504.08083, sec. 2.3; Ren et al. 2015, "Faster R-CNN",
arXiv:1506.01497, sec. 3.1.2. Proof: tests/ops/boxes/test_matching.py, an example worked by hand.
"""

import torch
from torch import Tensor

from zoo.ops.boxes.objects import Objects

BACKGROUND, BETWEEN = -1, -2


def match(iou: Tensor, background: float, foreground: float, *, best_too: bool = False) -> Tensor:
    """The truth of each reference box: its row, ``BACKGROUND``, or ``BETWEEN`` (not trained on).

    Args:
        iou: (T, A) of T truths with A reference boxes; T may be 0.
        background: a box whose highest IoU is below it is background.
        foreground: one whose highest IoU is at least this has that truth.
        best_too: the boxes that overlap a truth most (all, if several do equally) are matched to
            what they themselves overlap most, however little that is: so no truth goes unseen.

    Returns:
        (A,) int64.
    """
    if not iou.numel():
        return torch.full((iou.shape[1],), BACKGROUND, device=iou.device)
    highest, truth = iou.max(0)
    matched = truth.masked_fill(highest < foreground, BETWEEN)
    matched = matched.masked_fill(highest < background, BACKGROUND)
    if best_too:
        best = iou.amax(1, keepdim=True)
        # a truth that no box touches has a best IoU of 0, shared by all boxes: none is matched
        touched = ((iou == best) & (best > 0)).any(0)
        matched = torch.where(touched, truth, matched)
    return matched


def balanced_sample(matched: Tensor, size: int, fraction: float, rng: torch.Generator) -> Tensor:
    """A random choice of ``size`` boxes, of which at most ``fraction`` have a truth.

    What is missing of these is filled with background; there may be fewer of both. Every truth has
    the same chance, however many boxes it has: else large objects crowd out the small ones.
    (Pang et al. 2019, "Libra R-CNN", arXiv:1904.02701, sec. 3.1; Fast R-CNN draws all alike.)

    Args:
        matched: (A,) of ``match``.
        rng: on the CPU.

    Returns:
        the rows chosen, those with a truth first.
    """
    matched_at, background = (matched >= 0).nonzero()[:, 0], (matched == BACKGROUND).nonzero()[:, 0]
    most = min(int(size * fraction), len(matched_at))
    if most:
        truth = matched[matched_at]
        share = 1 / truth.bincount()[truth]
        chosen = share.cpu().multinomial(most, generator=rng)
        matched_at = matched_at[chosen.to(matched.device)]
    rest = torch.randperm(len(background), generator=rng)[: size - len(matched_at[:most])]
    return torch.cat([matched_at[:most], background[rest.to(matched.device)]])


def trainable(objects: Objects) -> Objects:
    """The objects that can be learned from: no crowds, and none without an area (log 0)."""
    sides = objects.boxes[:, 2:] - objects.boxes[:, :2]
    return objects.pick((sides > 0).all(1) & ~objects.crowd)
