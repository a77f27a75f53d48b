"""Random changes to a batch of images and the boxes in them, on the device they are on.

Every function takes pixels (N, 3, H, W) uint8, the objects of each image and a generator, and draws
the same numbers for an example whatever the number of processes. Where an image is moved, the
ground is Darknet's grey. Boxes, not pixels, decide what is kept: an object stays if at least
``KEPT`` of the area of its box does, and its box is clipped to the image.
Proof: tests/data/image/test_box_augment.py.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.data.image.augment_colour import Augment
from zoo.ops.boxes.objects import Objects

KEPT = 0.4  # share of a box's area
THINNEST = 1.0  # pixels of a side of a box that stays
GREY = 128

BoxAugment = Callable[
    [Tensor, Sequence[Objects], torch.Generator], tuple[Tensor, Sequence[Objects]]
]


def chain(*changes: BoxAugment) -> BoxAugment:
    """One change after the other."""

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        for change in changes:
            pixels, objects = change(pixels, objects, draw)
        return pixels, objects

    return apply


def of_pixels(change: Augment) -> BoxAugment:
    """A change of colour, which moves no box."""
    return lambda pixels, objects, draw: (change(pixels, draw), objects)


def flip_boxes(*, vertical: bool = False) -> BoxAugment:
    """Mirror each image left to right, or top to bottom, with probability 1/2."""
    axis = 2 if vertical else 3

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        heads = torch.rand(len(pixels), generator=draw) < 0.5
        chosen = heads.to(pixels.device)[:, None, None, None]
        size = pixels.shape[axis]
        mirrored = [
            one._replace(boxes=_mirrored(one.boxes, size, int(not vertical))) if head else one
            for one, head in zip(objects, heads.tolist(), strict=True)
        ]
        return torch.where(chosen, pixels.flip(axis), pixels), mirrored

    return apply


def _mirrored(boxes: Tensor, size: int, across: int) -> Tensor:
    x1, y1, x2, y2 = boxes.unbind(1)
    if across:
        return torch.stack([size - x2, y1, size - x1, y2], dim=1)
    return torch.stack([x1, size - y2, x2, size - y1], dim=1)


def zoom_and_shift(zoom: float = 0.2, shift: float = 0.1, aspect: float = 0.0) -> BoxAugment:
    """Each image larger or smaller about its middle, and moved; what it leaves is grey.

    Args:
        zoom: largest relative change of size either way.
        shift: largest move either way, as a part of the image's size.
        aspect: largest relative change of width against height, besides.
    """

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        n, _, height, width = pixels.shape
        grow, stretch, right, down = torch.rand(4, n, generator=draw) * 2 - 1
        scale = 1 + zoom * grow
        scales = torch.stack([scale * (1 + aspect * stretch), scale], dim=1)  # of x, of y
        moves = torch.stack([right, down], dim=1) * shift  # in parts of the image
        moved = _mapped(pixels, scales.to(pixels.device), moves.to(pixels.device))
        middle = torch.tensor([width, height]) / 2
        return moved, [
            clipped(one._replace(boxes=one.boxes * by.repeat(2) + offset.repeat(2)), height, width)
            for one, by, offset in zip(
                objects,
                scales.to(pixels.device),
                (middle * (1 - scales) + moves * middle * 2).to(pixels.device),
                strict=True,
            )
        ]

    return apply


def _mapped(pixels: Tensor, scales: Tensor, moves: Tensor) -> Tensor:
    """Images scaled about their middle by (N, 2) and moved by (N, 2) of their size (x, y)."""
    matrix = torch.zeros(len(pixels), 2, 3, device=pixels.device)
    matrix[:, 0, 0], matrix[:, 1, 1] = 1 / scales[:, 0], 1 / scales[:, 1]
    matrix[:, :, 2] = -2 * moves / scales  # affine_grid's units: the image goes from -1 to 1
    grid = F.affine_grid(matrix, list(pixels.shape), align_corners=False)
    sampled = F.grid_sample(pixels.float() - GREY, grid, align_corners=False)  # 0 outside is grey
    return (sampled + GREY).round_().clamp_(0, 255).to(torch.uint8)


def clipped(objects: Objects, height: int, width: int) -> Objects:
    """Boxes cut at the image's border; those of which too little is left are left out."""
    most = objects.boxes.new_tensor([width, height] * 2)
    boxes = objects.boxes.clamp_min(0).minimum(most)
    sides, before = boxes[:, 2:] - boxes[:, :2], objects.boxes[:, 2:] - objects.boxes[:, :2]
    large = sides.prod(1) >= KEPT * before.prod(1)
    return objects._replace(boxes=boxes).pick(large & (sides >= THINNEST).all(1))
