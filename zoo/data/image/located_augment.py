"""Random changes to a batch of images that move the points in them along.

Every function takes pixels (N, C, H, W), points (N, P, 2) in pixels, and a generator, and draws the
same numbers for an example whatever the number of processes. Notes: course 4, week 2, "Data
augmentation". Proof: tests/data/image/test_located_augment.py.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.data.image.augment_colour import Augment

Moved = tuple[Tensor, Tensor]  # pixels and points
LocatedAugment = Callable[[Tensor, Tensor, torch.Generator], Moved]


def in_turn(*parts: LocatedAugment) -> LocatedAugment:
    """One after the other."""

    def apply(pixels: Tensor, points: Tensor, draw: torch.Generator) -> Moved:
        for part in parts:
            pixels, points = part(pixels, points, draw)
        return pixels, points

    return apply


def of_pixels(augment: Augment) -> LocatedAugment:
    """What changes colours only, and moves nothing."""

    def apply(pixels: Tensor, points: Tensor, draw: torch.Generator) -> Moved:
        return augment(pixels, draw), points

    return apply


def mirrored(*, vertical: bool = False) -> LocatedAugment:
    """Left to right, or top to bottom, with probability 1/2.

    Not for points that have a side, such as the left eye.
    """
    axis = 2 if vertical else 3

    def apply(pixels: Tensor, points: Tensor, draw: torch.Generator) -> Moved:
        heads = (torch.rand(len(pixels), generator=draw) < 0.5).to(pixels.device)
        at, size = 3 - axis, pixels.shape[axis]
        moved = points.clone()
        moved[:, :, at] = torch.where(heads[:, None], size - points[:, :, at], points[:, :, at])
        return torch.where(heads[:, None, None, None], pixels.flip(axis), pixels), moved

    return apply


def transposed() -> LocatedAugment:
    """Rows to columns with probability 1/2, of square images: with mirrors all eight positions.

    For pictures without an upside: taken from above, or through a microscope.
    """

    def apply(pixels: Tensor, points: Tensor, draw: torch.Generator) -> Moved:
        heads = (torch.rand(len(pixels), generator=draw) < 0.5).to(pixels.device)
        pixels = torch.where(heads[:, None, None, None], pixels.transpose(2, 3), pixels)
        return pixels, torch.where(heads[:, None, None], points.flip(2), points)

    return apply


def shifted_and_scaled(move: float = 0.1, scale: float = 0.1) -> LocatedAugment:
    """Each image moved and resized a little, grey where nothing was; points stay inside.

    Args:
        move: largest move either way, as a part of the image's size.
        scale: largest relative change of size.
    """

    def apply(pixels: Tensor, points: Tensor, draw: torch.Generator) -> Moved:
        n, _, height, width = pixels.shape
        grow, right, down = (torch.rand(3, n, generator=draw) * 2 - 1).to(pixels.device)
        zoom, size = 1 + grow * scale, points.new_tensor([width, height])
        by = 2 * move * torch.stack([right, down], 1)  # in grid units: the image is 2 wide
        matrix = torch.zeros(n, 2, 3, device=pixels.device)
        matrix[:, 0, 0] = matrix[:, 1, 1] = 1 / zoom
        matrix[:, :, 2] = -by / zoom[:, None]
        grid = F.affine_grid(matrix, list(pixels.shape), align_corners=False)
        ground = 127.5
        made = F.grid_sample(pixels.float() - ground, grid, align_corners=False) + ground
        moved = (points / size * 2 - 1) * zoom[:, None, None] + by[:, None]
        inside = ((moved + 1) / 2).clamp(0, 1) * size
        return made.round_().clamp_(0, 255).to(pixels.dtype), inside

    return apply
