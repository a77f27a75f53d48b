"""The loss of YOLOv2 and YOLOv2-tiny, as Darknet trains it on a GPU.

Paper: Redmon and Farhadi 2016, arXiv:1612.08242, sec. 2; the loss itself is only in Darknet's
src/region_layer.c, and its numbers in cfg/yolov2.cfg. Notes: course 4, week 3.

Each object belongs to the anchor whose shape fits it best (IoU with both laid on one center), in
the cell that holds its center. There

    1/2 (2 - w h) [(sigma(t_x) - x)^2 + (sigma(t_y) - y)^2 + (t_w - ln w / p_w)^2 + (t_h - ...)^2]
    + 5/2 (sigma(t_o) - IoU of the predicted box)^2 - ln softmax(t)_class

with x, y from the cell's corner and w h the object's share of the image; at every other place
1/2 sigma(t_o)^2, except where the predicted box has an IoU above ``ignore`` with any object. While
fewer than 12,800 images were seen every box without an object is drawn to its anchor at the middle
of its cell, with weight 0.01. All of it is summed and divided by N. Of two objects on one anchor of
one cell the last counts. No gradient flows through the IoU.

Deviations: those of zoo/losses/yolov3.py.
Proof: tests/losses/test_yolov2.py against Darknet's deltas in plain loops.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from zoo.losses.yolo_truths import Places, Truths, covered, places, truths
from zoo.ops.boxes.iou import paired_iou, wh_iou
from zoo.ops.boxes.objects import Objects
from zoo.ops.boxes.yolo import Pairs, cells, floats, placed_boxes

OBJECT = 5.0  # weight of the objectness where there is an object; 1 elsewhere
TO_ANCHOR = 0.01  # weight of the pull to the anchors


class AnchorMap(Protocol):
    """What the loss reads of a network.

    Its ``forward`` gives one raw map (N, A (5 + K), h, w); the channels of an anchor are x, y, w,
    h, objectness, classes.
    """

    anchors: Pairs
    """Widths and heights in cells."""

    stride: int
    """Pixels per cell."""


class Objective:
    """YOLOv2's loss for a network with anchors.

    Args:
        model: what is trained; its anchors and stride are read once, here.
        ignore: IoU with an object above which a prediction that is not responsible is not
            punished.
        warm_up: so many images are seen before the boxes are drawn to the anchors no more.
    """

    def __init__(self, model: AnchorMap, ignore: float = 0.6, warm_up: int = 12_800) -> None:
        self.stride = model.stride
        self.anchors = [(w * model.stride, h * model.stride) for w, h in model.anchors]  # pixels
        self.ignore, self.warm_up = ignore, warm_up

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        objects: Sequence[Objects],
        *,
        seen: int,
        rng: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """The loss by parts: center, size, objectness, classes, and in the warm-up to_anchor.

        Args:
            images: (N, 3, H, W).
            objects: of each image, in pixels of it.
            seen: images before this batch; Darknet counts the batch as seen, too.
            rng: not used.
        """
        raw = cells(floats(model(images)), len(self.anchors))  # (N, A, h, w, 5 + K)
        target, anchors = truths(objects, raw.dtype), raw.new_tensor(self.anchors)
        anchor = wh_iou(target.size, anchors).argmax(dim=1)  # of equal ones the first
        place = places(target, anchor, raw, self.stride)
        present = torch.zeros_like(raw[..., 4], dtype=torch.bool)
        present[place.at] = True
        boxes = placed_boxes(raw.detach(), self.anchors, self.stride)
        found = paired_iou(boxes[place.at], target.boxes)

        parts = box_losses(raw, place, target, anchors[anchor])
        punished = ~present & ~covered(boxes, objects, self.ignore)
        parts["objectness"] = objectness_loss(raw[..., 4].sigmoid(), place, found, punished)
        if seen + len(images) < self.warm_up:
            t = raw[..., :4][~present]  # (places without an object, 4)
            away = (t[:, :2].sigmoid() - 0.5).square().sum() + t[:, 2:].square().sum()
            parts["to_anchor"] = TO_ANCHOR / 2 * away
        return {name: part / len(images) for name, part in parts.items()}


def box_losses(raw: Tensor, place: Places, target: Truths, anchors: Tensor) -> dict[str, Tensor]:
    """Center, size and classes at the places of M objects, whose anchors are (M, 2) in pixels."""
    mine = raw[place.at]  # (M, 5 + K)
    off = mine[:, :2].sigmoid() - place.offset
    grown = mine[:, 2:4] - (target.size / anchors).log()
    surprise = cross_entropy(mine[:, 5:], target.label, reduction="none")
    return {
        "center": (place.scale * off.square()).sum() / 2,
        "size": (place.scale * grown.square()).sum() / 2,
        "classes": (place.counts[:, 0] * surprise).sum(),
    }


def objectness_loss(score: Tensor, place: Places, found: Tensor, punished: Tensor) -> Tensor:
    """Squared errors of scores (N, A, h, w): at objects from ``found`` (M,), the IoU, else from 0.

    Args:
        punished: (N, A, h, w), where there is no object and none is covered.
    """
    at_objects = place.counts[:, 0] * (score[place.at] - found).square()
    elsewhere = (score * punished).square()
    return (OBJECT * at_objects.sum() + elsewhere.sum()) / 2
