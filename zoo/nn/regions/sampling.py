"""Which proposals of an image are trained on, and what they are to become.

Paper: Girshick 2015, "Fast R-CNN", arXiv:1504.08083, sec. 2.3, "Mini-batch sampling".
Used by rcnn, fast_rcnn, faster_rcnn. Proof: tests/nn/regions/test_sampling.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.matching import balanced_sample, match, trainable
from zoo.ops.boxes.objects import Objects


class Regions(NamedTuple):
    """Regions that are trained on.

    Attributes:
        boxes: (R, 4).
        labels: (R,) the class counted from 1; 0 is background.
        truth: (R, 4) the object's box; of background the region itself.
    """

    boxes: Tensor
    labels: Tensor
    truth: Tensor


def sample_regions(
    proposals: Tensor,
    objects: Objects,
    rng: torch.Generator,
    *,
    size: int,
    fraction: float = 0.25,
    foreground: float = 0.5,
) -> Regions:
    """A choice of the proposals of one image.

    Args:
        proposals: (r, 4); the truth is added to them, so that there always are objects.
        size: how many, of which at most ``fraction`` have an IoU of ``foreground`` with a truth.
            (The paper takes background from an IoU of 0.1 on, to find the hard ones; with so few
            proposals all are taken.)
        rng: on the CPU.
    """
    truth = trainable(objects)
    boxes = torch.cat([proposals, truth.boxes])
    matched = match(iou(truth.boxes, boxes), foreground, foreground)
    rows = balanced_sample(matched, size, fraction, rng)
    boxes, matched = boxes[rows], matched[rows]
    found = matched >= 0
    labels = torch.zeros_like(matched)
    labels[found] = truth.labels[matched[found]] + 1
    target = boxes.clone()
    target[found] = truth.boxes[matched[found]]
    return Regions(boxes, labels, target)


def joined(regions: Sequence[Regions]) -> Regions:
    """The regions of all images as one."""
    return Regions(*(torch.cat(fields) for fields in zip(*regions, strict=True)))
