"""What the losses of YOLOv2 and v3 share: the objects of a batch, and the anchor each belongs to.

Source: Darknet's src/region_layer.c and src/yolo_layer.c. Boxes are in pixels of the input here.
Proof: tests/losses/test_yolo_truths.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.ops.boxes.objects import Objects


class Truths(NamedTuple):
    """The objects of a batch that train boxes, one after another: M of them, maybe none.

    Attributes:
        image: (M,) int64, the row of the batch.
        label: (M,) int64.
        center: (M, 2) in pixels: x, y.
        size: (M, 2) in pixels: width, height.
    """

    image: Tensor
    label: Tensor
    center: Tensor
    size: Tensor

    def pick(self, mask: Tensor) -> "Truths":
        """Those that a mask (M,) chooses."""
        return Truths(*(field[mask] for field in self))


def truths(objects: Sequence[Objects], dtype: torch.dtype) -> Truths:
    """The objects of all images but the difficult ones and the crowds, which train no box.

    Args:
        dtype: of centers and sizes.
    """
    counts = torch.tensor([len(each.labels) for each in objects])
    boxes = torch.cat([each.boxes for each in objects]).to(dtype)
    image = torch.arange(len(counts)).repeat_interleave(counts).to(boxes.device)
    label = torch.cat([each.labels for each in objects])
    skipped = torch.cat([each.difficult | each.crowd for each in objects])
    low, high = boxes.split(2, dim=1)
    return Truths(image, label, (low + high) / 2, high - low).pick(~skipped)


def best_anchors(sizes: Tensor, anchors: Tensor) -> Tensor:
    """For each size (M, 2) the row (M,) of the anchors (A, 2) with the highest IoU.

    Both are laid on one center; of equal ones it is the first.
    """
    area = torch.minimum(sizes[:, None], anchors).prod(dim=2)  # (M, A)
    union = sizes.prod(dim=1)[:, None] + anchors.prod(dim=1) - area
    return (area / union).argmax(dim=1)


def covered(low: Tensor, high: Tensor, objects: Sequence[Objects], above: float) -> Tensor:
    """Which predicted boxes have an IoU of more than ``above`` with any object of their image.

    Args:
        low, high: (N, P, 2), the corners of the predicted boxes.
        above: at least 0.

    Returns:
        (N, P) bool. A box whose corners are not finite covers nothing.
    """
    boxes = torch.nn.utils.rnn.pad_sequence([each.boxes for each in objects], batch_first=True)
    first, second = boxes.to(low.dtype)[:, None].split(2, dim=3)  # (N, 1, T, 2), zeros behind
    overlap = torch.minimum(high[:, :, None], second) - torch.maximum(low[:, :, None], first)
    inner = overlap.clamp_(min=0).prod(dim=3)  # (N, P, T)
    outer = (high - low).prod(dim=2)[:, :, None] + (second - first).prod(dim=3) - inner
    return (inner > above * outer).any(dim=2)  # no quotient: two empty boxes would give 0 / 0


def last_of_each(slots: Tensor, total: int) -> Tensor:
    """For each of M slots (in 0 .. total - 1) the last row that holds the same slot, (M,) int64.

    Where two objects fall on one anchor of one cell, Darknet's loop over them leaves the last.
    """
    rows = torch.arange(len(slots), device=slots.device)
    last = rows.new_zeros(total).scatter_reduce_(0, slots, rows, "amax", include_self=False)
    return last[slots]
