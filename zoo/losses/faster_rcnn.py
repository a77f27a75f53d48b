"""The loss of Faster R-CNN: that of its region proposal network, and that of Fast R-CNN.

Paper: Ren et al. 2015, arXiv:1506.01497, sec. 3.1.2, eq. 1. Deviations: trained jointly from the
start ("approximate joint training", sec. 3.2), the box term averaged over the sampled anchors as
the class term is, with weight 1 (the paper: over all positions, with lambda = 10; it states that
the two weigh about the same), anchors that reach over the image's edge trained too (the paper
leaves them out, sec. 3.3). Proof: tests/losses/test_faster_rcnn.py.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss

from zoo.losses.fast_rcnn import BETA, region_loss
from zoo.nn.regions.proposal import Proposed
from zoo.ops.boxes.deltas import encode
from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.matching import balanced_sample, match, trainable
from zoo.ops.boxes.objects import Objects

ANCHORS = 256  # of an image that are trained on, at most half of them objects


class Objective:
    """The loss of a ``FasterRCNN``, whose thresholds for anchors it takes."""

    def __init__(self, model: Any) -> None:
        self.foreground, self.background = model.rpn.foreground, model.rpn.background

    def __call__(
        self,
        model: Any,
        images: Tensor,
        objects: Sequence[Objects],
        *,
        seen: int,
        rng: torch.Generator,
    ) -> dict[str, Tensor]:
        """``objectness`` and ``anchor`` of the proposal network, ``class`` and ``box``."""
        outputs = model(images, objects, rng)
        thresholds = (self.background, self.foreground)
        proposals = proposal_loss(outputs.proposed, objects, thresholds, rng)
        return proposals | region_loss(outputs.regions)


def proposal_loss(
    proposed: Proposed,
    objects: Sequence[Objects],
    thresholds: tuple[float, float],
    rng: torch.Generator,
) -> dict[str, Tensor]:
    """Binary cross-entropy of 256 anchors of each image, smooth L1 of those that are objects.

    Args:
        thresholds: below the first an anchor is background, from the second on an object.
    """
    anchors, objectness, deltas, _ = proposed
    logits, targets, said, wanted = [], [], [], []
    for i, one in enumerate(objects):
        truth = trainable(one).boxes
        matched = match(iou(truth, anchors), *thresholds, best_too=True)
        rows = balanced_sample(matched, ANCHORS, 0.5, rng)
        objects_at = rows[matched[rows] >= 0]
        logits.append(objectness[i, rows])
        targets.append((matched[rows] >= 0).float())
        said.append(deltas[i, objects_at])
        wanted.append(encode(truth[matched[objects_at]], anchors[objects_at]))
    logit, count = torch.cat(logits), max(sum(map(len, logits)), 1)
    box = smooth_l1_loss(torch.cat(said), torch.cat(wanted), beta=BETA, reduction="sum")
    total = binary_cross_entropy_with_logits(logit, torch.cat(targets), reduction="sum")
    return {"objectness": total / count, "anchor": box / count}
