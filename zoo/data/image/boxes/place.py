"""One image drawn onto another, and which of its boxes are still there.

Boxes, not pixels, decide what is kept: an object stays if at least ``KEPT`` of the area of its box
lies on the canvas, and if each side of what is left of the box has ``THINNEST`` pixels. Its box is
cut to the canvas; its label and whether it is difficult or a crowd stay with it.
Proof: tests/data/image/boxes/test_place.py (torchvision.transforms.v2 moves the boxes alike).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.data.image.resize import resized
from zoo.ops.boxes.objects import Objects

KEPT = 0.4  # share of a box's area
THINNEST = 1.0  # pixels of a side of a box that stays
GREY = 128  # Darknet's ground


def place(
    image: Tensor, objects: Objects, canvas: Tensor, size: tuple[int, int], at: tuple[int, int]
) -> Objects:
    """Draw an image onto ``canvas``, in place; gives its objects there.

    Args:
        image: (3, h, w) uint8.
        objects: in pixels of the image.
        canvas: (3, H, W) uint8; it may be a part of a larger one.
        size: height and width to which the image is stretched, each at least 1.
        at: row and column of its upper left corner, maybe outside of the canvas.
    """
    rows, columns = (
        slice(max(start, 0), max(min(start + length, end), 0))
        for start, length, end in zip(at, size, canvas.shape[1:], strict=True)
    )
    if rows.start < rows.stop and columns.start < columns.stop:
        drawn = stretched(image, size)
        canvas[:, rows, columns] = drawn[
            :, rows.start - at[0] : rows.stop - at[0], columns.start - at[1] : columns.stop - at[1]
        ]
    by = objects.boxes.new_tensor([size[1] / image.shape[2], size[0] / image.shape[1]] * 2)
    boxes = objects.boxes * by + objects.boxes.new_tensor([at[1], at[0]] * 2)
    return clipped(objects._replace(boxes=boxes), canvas.shape[1], canvas.shape[2])


def stretched(image: Tensor, size: tuple[int, int]) -> Tensor:
    """(3, h, w) uint8 to another height and width, antialiased bilinear, on its device."""
    if tuple(image.shape[1:]) == tuple(size):
        return image
    if image.device.type == "cpu":  # faster by half if the channels lie side by side
        return resized(image.permute(1, 2, 0).contiguous().permute(2, 0, 1), size)
    made = F.interpolate(image[None].float(), size, mode="bilinear", antialias=True)
    return made[0].round_().clamp_(0, 255).to(torch.uint8)


def clipped(objects: Objects, height: int, width: int) -> Objects:
    """Boxes cut at the border of an image; those of which too little is left are left out."""
    most = objects.boxes.new_tensor([width, height] * 2)
    boxes = objects.boxes.clamp_min(0).minimum(most)
    sides, before = boxes[:, 2:] - boxes[:, :2], objects.boxes[:, 2:] - objects.boxes[:, :2]
    large = sides.prod(1) >= KEPT * before.prod(1)
    return objects._replace(boxes=boxes).pick(large & (sides >= THINNEST).all(1))
