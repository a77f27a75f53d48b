"""Random changes to a whole batch of pictures at once, on the device they are on.

Every function takes pixels (N, C, H, W) and a generator, and draws the same numbers for an example
whatever the number of processes. Notes: course 4, week 2, "Data augmentation".
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Augment = Callable[[Tensor, torch.Generator], Tensor]


def shift(most: int) -> Augment:
    """Move each picture by up to ``most`` pixels either way; zeros come in."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        n, _, height, width = pixels.shape
        by = torch.randint(0, 2 * most + 1, (2, n, 1), generator=draw).to(pixels.device)
        rows = by[0] + torch.arange(height, device=pixels.device)  # (N, H)
        columns = by[1] + torch.arange(width, device=pixels.device)  # (N, W)
        framed = F.pad(pixels, (most, most, most, most))
        example = torch.arange(n, device=pixels.device)[:, None, None]
        moved = framed.permute(0, 2, 3, 1)[example, rows[:, :, None], columns[:, None, :]]
        return moved.permute(0, 3, 1, 2)  # (N, C, H, W)

    return apply


def flip() -> Augment:
    """Mirror each picture left to right with probability 1/2."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        heads = torch.rand(len(pixels), generator=draw).to(pixels.device) < 0.5
        return torch.where(heads[:, None, None, None], pixels.flip(3), pixels)

    return apply


def affine(
    degrees: float = 10, scale: float = 0.1, shear: float = 0.1, move: float = 0.06
) -> Augment:
    """Rotate, scale, shear and move each picture a little: LeCun et al. 1998, sec. III.A.

    Args:
        degrees: largest rotation either way.
        scale: largest relative change of size.
        shear: largest horizontal shear (tangent).
        move: largest move, as a part of the picture's size.
    """

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        n, _, height, width = pixels.shape
        turn, grow, lean, right, down = (torch.rand(5, n, generator=draw) * 2 - 1).to(pixels.device)
        angle, size = turn * math.radians(degrees), 1 + grow * scale
        cos, sin = angle.cos() / size, angle.sin() / size
        matrix = torch.stack(  # (N, 2, 3): where each output pixel comes from
            [
                *(cos, (cos * lean * shear - sin) * (height / width), right * 2 * move),
                *(sin * (width / height), sin * lean * shear + cos, down * 2 * move),
            ],
            dim=1,
        ).view(n, 2, 3)
        grid = F.affine_grid(matrix, list(pixels.shape), align_corners=False)
        moved = F.grid_sample(pixels.float(), grid, align_corners=False)
        return moved.round().to(pixels.dtype)

    return apply


def chain(*steps: Augment) -> Augment:
    """One after the other."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        for step in steps:
            pixels = step(pixels, draw)
        return pixels

    return apply


def none() -> Augment:
    """The pictures as they are."""
    return lambda pixels, draw: pixels


NAMED: dict[str, Callable[[], Augment]] = {  # what a command line may ask for
    "none": none,
    "shift": lambda: shift(2),
    "flip": flip,
    "affine": affine,
    "crop_flip": lambda: chain(shift(4), flip()),
}
