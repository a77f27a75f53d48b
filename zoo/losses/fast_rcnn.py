"""The loss of Fast R-CNN: what is in a region, and where exactly.

Paper: Girshick 2015, arXiv:1504.08083, eq. 1 to 3: L = L_cls + [u >= 1] L_loc, both averaged over
the regions. R-CNN is trained with it too (its paper fits SVMs and ridge regression afterwards).
Deviations: the smooth L1 is a parabola below 1/9 (the authors' choice for region proposals, and
torchvision's for both), not below 1 as in eq. 3.
Proof: tests/losses/test_fast_rcnn.py.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, smooth_l1_loss

from zoo.nn.regions.heads import WEIGHTS, RegionOutputs
from zoo.ops.boxes.deltas import encode
from zoo.ops.boxes.objects import Objects

BETA = 1 / 9  # below it the smooth L1 is a parabola: sigma = 3 in the authors' code of Faster R-CNN


class Objective:
    """The loss of a network that judges regions; nothing is needed of the network itself."""

    def __init__(self, model: nn.Module) -> None:
        pass

    def __call__(
        self,
        model: Any,
        images: Tensor,
        objects: Sequence[Objects],
        *,
        seen: int,
        rng: torch.Generator,
    ) -> dict[str, Tensor]:
        """``class`` and ``box``; the regions are sampled with ``rng``."""
        return region_loss(model(images, objects, rng).regions)


def region_loss(outputs: RegionOutputs) -> dict[str, Tensor]:
    """``class``: cross-entropy over K + 1 classes. ``box``: smooth L1 of the objects' deltas.

    Without a single region both are 0, with gradients of 0.
    """
    logits, deltas, regions = outputs
    if regions is None:
        raise ValueError("the network was not given the objects: no regions were sampled")
    count = max(len(logits), 1)
    found = regions.labels > 0
    labels = regions.labels[found]
    wanted = encode(regions.truth[found], regions.boxes[found], WEIGHTS)
    said = deltas[found.nonzero()[:, 0], labels]
    box = smooth_l1_loss(said, wanted, beta=BETA, reduction="sum")
    return {
        "class": cross_entropy(logits, regions.labels, reduction="sum") / count,
        "box": box / count,
    }
