"""The loss of YOLOv1, as Darknet computes it.

Paper: Redmon et al. 2015, arXiv:1506.02640, sec. 2.2, eq. 3; details from Darknet's
src/detection_layer.c and cfg/yolov1.cfg. Notes: course 4, week 3.

The image is S x S cells, and the cell that holds an object's center finds it: with that of its B
boxes whose IoU with the object is the highest, or, if none touches it, that which is nearest (the
root of the squared differences of x, y, w, h). Half the squared errors of

    5 (x, y from the cell's corner; square roots of w, h in shares of the image)
    + (confidence - IoU)                of the box that finds it,
    + (class probabilities - 1 or 0)    of its cell,
    + 1/2 (confidence - 0)              of every other box,

are summed and divided by N. No gradient flows through the IoU.

Deviations: a center outside of the image counts as on its border. Of several objects in one cell
the first counts; Darknet shuffles them before, and leaves out those thinner than 1/200 of the
image. The nearest box is taken however far it is; Darknet takes none beyond 20 images, and then
reads what is not there. Objects marked difficult or crowd, which Darknet's lists leave out, do not
count at all.
Proof: tests/losses/test_yolov1.py against Darknet's deltas in plain loops.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from zoo.losses.yolo_truths import truths
from zoo.ops.boxes.iou import paired_iou
from zoo.ops.boxes.objects import Objects
from zoo.ops.boxes.yolo import floats

COORD = 5.0
NOOBJ = 0.5


class GridOfBoxes(Protocol):
    """What the loss reads of a network.

    Its ``forward`` gives (N, S S (K + 5 B)): of all cells, row by row, the K class probabilities;
    then of all cells the B confidences; then the B boxes x, y, root of w, root of h.
    """

    grid: int
    """S."""

    boxes: int
    """B."""

    num_classes: int


class Cells(NamedTuple):
    """The objects that train, one in a cell: M of them, in shares of the image.

    Attributes:
        at: image and cell, (M,) int64 each.
        label: (M,) int64.
        offset: (M, 2), of the center in its cell, in cells: 0 to 1.
        size: (M, 2), width and height.
    """

    at: tuple[Tensor, Tensor]
    label: Tensor
    offset: Tensor
    size: Tensor


class Objective:
    """YOLOv1's loss.

    Args:
        model: what is trained; its grid is read once, here.
    """

    def __init__(self, model: GridOfBoxes) -> None:
        self.grid, self.boxes, self.num_classes = model.grid, model.boxes, model.num_classes

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        objects: Sequence[Objects],
        *,
        seen: int = 0,
        rng: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """The loss by parts: center, size, confidence, classes; scalars, at least float32.

        Args:
            images: (N, 3, H, W).
            objects: of each image, in pixels of it.
            seen, rng: not used.
        """
        raw = floats(model(images))
        cells = self.grid**2
        parts = raw.split([cells * self.num_classes, cells * self.boxes, cells * self.boxes * 4], 1)
        kinds, confidence = (part.unflatten(1, (cells, -1)) for part in parts[:2])
        boxes = parts[2].unflatten(1, (cells, self.boxes, 4))  # (N, S S, B, 4)

        target = self.targets(objects, images, raw.dtype)
        rows = torch.arange(len(target.label), device=raw.device)
        found = overlaps(boxes.detach()[target.at], target, self.grid)  # (M, B)
        chosen = responsible(boxes.detach()[target.at], target, self.grid, found)
        mine = boxes[target.at][rows, chosen]  # (M, 4)
        sure = confidence[target.at][rows, chosen]
        others = torch.full_like(confidence, NOOBJ)
        others[*target.at, chosen] = 0
        wished = torch.zeros_like(kinds[target.at])
        wished[rows, target.label] = 1
        errors = {
            "center": COORD * (mine[:, :2] - target.offset).square().sum(),
            "size": COORD * (mine[:, 2:] - target.size.sqrt()).square().sum(),
            "confidence": (sure - found[rows, chosen]).square().sum()
            + (others * confidence.square()).sum(),
            "classes": (kinds[target.at] - wished).square().sum(),
        }
        return {name: error / 2 / len(images) for name, error in errors.items()}

    def targets(self, objects: Sequence[Objects], images: Tensor, dtype: torch.dtype) -> Cells:
        """The first object of each cell."""
        target = truths(objects, dtype)
        shape = target.boxes.new_tensor([images.shape[3], images.shape[2]])
        center = target.center / shape * self.grid  # in cells
        corner = center.floor().clamp(0, self.grid - 1)
        column, row = corner.long().unbind(dim=1)
        cell = row * self.grid + column
        slot = target.image * self.grid**2 + cell
        rows = torch.arange(len(slot), device=slot.device)
        first = rows.new_zeros(len(objects) * self.grid**2)
        first.scatter_reduce_(0, slot, rows, "amin", include_self=False)
        kept = first[slot] == rows
        offset, size = (center - corner).clamp(0, 1), target.size / shape
        at = (target.image[kept], cell[kept])
        return Cells(at, target.label[kept], offset[kept], size[kept])


def overlaps(boxes: Tensor, target: Cells, grid: int) -> Tensor:
    """IoU of the B boxes (M, B, 4) of each object's cell with it: (M, B)."""
    center, size = boxes[..., :2] / grid, boxes[..., 2:].square()
    half, own = size / 2, target.size / 2
    low, high = target.offset / grid - own, target.offset / grid + own
    ours = torch.cat([center - half, center + half], dim=2)
    return paired_iou(ours, torch.cat([low, high], dim=1)[:, None])


def responsible(boxes: Tensor, target: Cells, grid: int, found: Tensor) -> Tensor:
    """Which of the B boxes (M, B, 4) finds each object, (M,): the first of the best."""
    there = torch.cat([boxes[..., :2] / grid, boxes[..., 2:].square()], dim=2)
    here = torch.cat([target.offset / grid, target.size], dim=1)[:, None]
    away = (there - here).square().sum(dim=2)
    touched = found.amax(dim=1) > 0
    return torch.where(touched, found.argmax(dim=1), away.argmin(dim=1))
