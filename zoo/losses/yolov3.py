"""The loss of YOLOv3 and YOLOv3-tiny, as Darknet computes it.

Paper: Redmon and Farhadi 2018, arXiv:1804.02767, sec. 2; details from Darknet's src/yolo_layer.c.
Notes: course 4, week 3.

Each object belongs to the one anchor, of all heads' anchors, whose shape fits it best (IoU with
both laid on one center), in the cell that holds its center. There

    (2 - w h) [BCE(sigma(t_x), x - c_x) + BCE(sigma(t_y), y - c_y)
               + 1/2 (t_w - ln w / p_w)^2 + 1/2 (t_h - ln h / p_h)^2]
    + BCE(sigma(t_o), 1) + sum over classes BCE(sigma(t_k), 1 if it is the object's)

with w h the object's share of the image; at every other place BCE(sigma(t_o), 0), except where the
predicted box has an IoU above ``ignore`` with any object. All of it is summed and divided by N.
Of two objects on one anchor of one cell the last gives the box, both give their classes.

Deviations: the share w h counts as at most 1, and a center outside of the image as on its border:
Darknet's data never hold such boxes. Objects marked difficult or crowd, which Darknet's lists
leave out, train no box; predictions that cover them are ignored as over any object.
Proof: tests/losses/test_yolov3.py against Darknet's deltas in plain loops.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from zoo.losses.yolo_truths import Truths, covered, places, truths
from zoo.ops.boxes.iou import wh_iou
from zoo.ops.boxes.objects import Objects
from zoo.ops.boxes.yolo import Pairs, cells, floats, placed_boxes


class AnchorHeads(Protocol):
    """What the loss reads of a network.

    Its ``forward`` gives a list of raw maps, one per head, (N, A (5 + K), h, w); the channels of
    an anchor are x, y, w, h, objectness, classes.
    """

    anchors: Pairs
    """Widths and heights in pixels of the input."""

    masks: Sequence[Sequence[int]]
    """Of each head, which of the anchors are its own."""

    strides: Sequence[int]
    """Pixels per cell of each head."""


class Objective:
    """YOLOv3's loss for a network with anchors.

    Args:
        model: what is trained; its anchors, masks and strides are read once, here.
        ignore: IoU with an object above which a prediction that is not responsible is not
            punished. Darknet's configurations say 0.7, the paper 0.5.
    """

    def __init__(self, model: AnchorHeads, ignore: float = 0.7) -> None:
        self.anchors = [(float(width), float(height)) for width, height in model.anchors]
        self.masks = [list(mask) for mask in model.masks]
        self.strides = list(model.strides)
        self.ignore = ignore

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        objects: Sequence[Objects],
        *,
        seen: int = 0,
        rng: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """The loss by parts: center, size, objectness, classes; scalars, at least float32.

        Args:
            images: (N, 3, H, W).
            objects: of each image, in pixels of it.
            seen, rng: not used.
        """
        outputs = model(images)
        target = truths(objects, floats(outputs[0]).dtype)
        anchors = target.boxes.new_tensor(self.anchors)
        best = wh_iou(target.size, anchors).argmax(dim=1)  # of equal ones the first
        parts = []
        for output, mask, stride in zip(outputs, self.masks, self.strides, strict=True):
            raw = cells(floats(output), len(mask))  # (N, A, h, w, 5 + K)
            own = [self.anchors[i] for i in mask]
            ignored = covered(placed_boxes(raw.detach(), own, stride), objects, self.ignore)
            fits = best[:, None] == best.new_tensor(mask)  # (M, A)
            found = fits.any(dim=1)
            anchor = fits[found].int().argmax(dim=1)
            parts.append(head_loss(raw, anchors[mask], stride, target.pick(found), anchor, ignored))
        total = torch.stack(parts).sum(dim=0) / len(images)
        return dict(zip(("center", "size", "objectness", "classes"), total.unbind(), strict=True))


def head_loss(
    raw: Tensor, anchors: Tensor, stride: int, target: Truths, anchor: Tensor, ignored: Tensor
) -> Tensor:
    """The parts center, size, objectness, classes of one head, summed over the batch: (4,).

    Args:
        raw: (N, A, h, w, 5 + K), the head's map.
        anchors: (A, 2) in pixels.
        stride: pixels per cell.
        target: the M objects that this head finds.
        anchor: (M,), which of the A anchors finds each.
        ignored: (N, A, h, w), what is not punished for its objectness.
    """
    place = places(target, anchor, raw, stride)
    mine = raw[place.at]  # (M, 5 + K)
    center = bce(mine[:, :2], place.offset, place.scale, reduction="sum")
    wished = (target.size / anchors[anchor]).log()
    size = (place.scale * (mine[:, 2:4] - wished) ** 2).sum() / 2
    kinds = torch.zeros_like(mine[:, 5:])
    kinds[place.last, target.label] = 1  # the last object of a place has the classes of all of them
    classes = bce(mine[:, 5:], kinds, place.counts, reduction="sum")

    present = torch.zeros_like(raw[..., 4])
    present[place.at] = 1
    punished = (present.bool() | ~ignored).to(raw.dtype)
    objectness = bce(raw[..., 4], present, punished, reduction="sum")
    return torch.stack([center, size, objectness, classes])
