"""What the losses of YOLOv2 and v3 share: the objects of a batch, and where each is to be found.

Source: Darknet's src/region_layer.c and src/yolo_layer.c. Boxes are in pixels of the input here. A
head's map is (N, A, h, w, 5 + K): t_x, t_y, t_w, t_h, objectness, classes of each anchor and cell.
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
        boxes: (M, 4), x1 y1 x2 y2 in pixels.
    """

    image: Tensor
    label: Tensor
    boxes: Tensor

    @property
    def size(self) -> Tensor:
        """(M, 2): width and height."""
        return self.boxes[:, 2:] - self.boxes[:, :2]

    @property
    def center(self) -> Tensor:
        """(M, 2): x and y."""
        return (self.boxes[:, 2:] + self.boxes[:, :2]) / 2

    def pick(self, mask: Tensor) -> "Truths":
        """Those that a mask (M,) chooses."""
        return Truths(*(field[mask] for field in self))


class Places(NamedTuple):
    """Where a head finds each of M objects.

    Attributes:
        at: image, anchor, row and column, (M,) int64 each; ``raw[at]`` is (M, 5 + K).
        offset: (M, 2), of the center in its cell, in cells: 0 to 1.
        last: (M,) int64: of the objects in the same place, the last; in Darknet it overwrites the
            others.
        counts: (M, 1), 1 for the last of a place and 0 for what it overwrites.
        scale: (M, 1), 2 - w h with w h the object's share of the image, for those that count.
    """

    at: tuple[Tensor, Tensor, Tensor, Tensor]
    offset: Tensor
    last: Tensor
    counts: Tensor
    scale: Tensor


def truths(objects: Sequence[Objects], dtype: torch.dtype) -> Truths:
    """The objects of all images but the difficult ones and the crowds, which train no box.

    Args:
        dtype: of the boxes.
    """
    counts = torch.tensor([len(each.labels) for each in objects])
    boxes = torch.cat([each.boxes for each in objects]).to(dtype)
    image = torch.arange(len(counts)).repeat_interleave(counts).to(boxes.device)
    label = torch.cat([each.labels for each in objects])
    skipped = torch.cat([each.difficult | each.crowd for each in objects])
    return Truths(image, label, boxes).pick(~skipped)


def places(target: Truths, anchor: Tensor, raw: Tensor, stride: int) -> Places:
    """Where in ``raw`` (N, A, h, w, 5 + K) the anchor (M,) of each object finds it.

    A share w h above 1 counts as 1, and a center outside of the image as on its border.
    """
    n_anchors, h, w = raw.shape[1:4]
    grid = raw.new_tensor([w, h])
    center = target.center / stride  # in cells
    cell = center.floor().clamp(min=torch.zeros_like(grid), max=grid - 1)
    column, row = cell.long().unbind(dim=1)
    slot = ((target.image * n_anchors + anchor) * h + row) * w + column
    rows = torch.arange(len(slot), device=raw.device)
    latest = rows.new_zeros(len(raw) * n_anchors * h * w)
    last = latest.scatter_reduce_(0, slot, rows, "amax", include_self=False)[slot]
    counts = (last == rows).to(raw.dtype)[:, None]
    share = (target.size / (grid * stride)).prod(dim=1, keepdim=True).clamp(max=1)
    at = (target.image, anchor, row, column)
    return Places(at, (center - cell).clamp(0, 1), last, counts, counts * (2 - share))


def covered(boxes: Tensor, objects: Sequence[Objects], above: float) -> Tensor:
    """Which predicted boxes have an IoU of more than ``above`` with any object of their image.

    Args:
        boxes: (N, A, h, w, 4).
        above: at least 0.

    Returns:
        (N, A, h, w) bool. A box without end covers nothing.
    """
    present = [each.boxes.to(boxes.dtype) for each in objects]
    padded = pad_sequence(present, batch_first=True)  # (N, T, 4), of no size behind the last
    flat = boxes.flatten(1, 3)[:, :, None]
    return (paired_iou(flat, padded[:, None]) > above).any(dim=2).view(boxes.shape[:4])
