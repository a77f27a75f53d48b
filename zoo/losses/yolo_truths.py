"""What the losses of YOLOv2 and v3 share: the objects of a batch, and the anchor each belongs to.

Source: Darknet's src/region_layer.c and src/yolo_layer.c. Boxes are in pixels of the input here.
Proof: tests/losses/test_yolo_truths.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from zoo.ops.boxes.iou import paired_iou
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


def covered(boxes: Tensor, objects: Sequence[Objects], above: float) -> Tensor:
    """Which predicted boxes have an IoU of more than ``above`` with any object of their image.

    Args:
        boxes: (N, P, 4), x1 y1 x2 y2.
        above: at least 0.

    Returns:
        (N, P) bool. A box without end covers nothing.
    """
    present = [each.boxes.to(boxes.dtype) for each in objects]
    padded = pad_sequence(present, batch_first=True)  # (N, T, 4), of no size behind the last
    return (paired_iou(boxes[:, :, None], padded[:, None]) > above).any(dim=2)


def last_of_each(slots: Tensor, total: int) -> Tensor:
    """For each of M slots (in 0 .. total - 1) the last row that holds the same slot, (M,) int64.

    Where two objects fall on one anchor of one cell, Darknet's loop over them leaves the last.
    """
    rows = torch.arange(len(slots), device=slots.device)
    last = rows.new_zeros(total).scatter_reduce_(0, slots, rows, "amax", include_self=False)
    return last[slots]
