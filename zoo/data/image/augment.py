"""Random changes to a whole batch of images at once, on the device they are on.

Every function takes pixels (N, C, H, W) and a generator, and draws the same numbers for an example
whatever the number of processes. Changes of colour are in zoo/data/image/augment_colour.py. Notes:
course 4, week 2, "Data augmentation".
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.data.image.augment_colour import Augment, colour, part_size, pca_colour, shift_colour
from zoo.data.image.resize import resized
from zoo.errors import BadInput

LARGE = 30_000  # values of an image; from here on, one at a time stays in the processor's cache
TRIES = 10  # boxes drawn for a random resized crop before the middle is taken


def shift(most: int) -> Augment:
    """The random crop after zero padding: each image moves by up to ``most`` pixels either way."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        n, _, height, width = pixels.shape
        top, left = torch.randint(0, 2 * most + 1, (2, n, 1), generator=draw).squeeze(2)
        if one_by_one(pixels):
            places = zip((top - most).tolist(), (left - most).tolist(), strict=True)
            moved = torch.zeros_like(pixels)
            for old, new, place in zip(pixels, moved, places, strict=True):
                (to_y, from_y), (to_x, from_x) = map(_overlap, place, (height, width))
                new[:, to_y, to_x] = old[:, from_y, from_x]
            return moved
        framed = F.pad(pixels, (most, most, most, most))
        windows = framed.unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 2 most + 1, ..., H, W)
        index = (torch.arange(n), slice(None), top, left)
        on_device = tuple(i if isinstance(i, slice) else i.to(pixels.device) for i in index)
        return windows[on_device]

    return apply


def _overlap(start: int, length: int) -> tuple[slice, slice]:
    """Where a line that is read from ``start`` on is written to, and what of it is there."""
    first, last = max(start, 0), length + min(start, 0)
    return slice(first - start, last - start), slice(first, last)


def flip() -> Augment:
    """Mirror each image left to right with probability 1/2."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        heads = torch.rand(len(pixels), generator=draw) < 0.5
        if one_by_one(pixels):
            pairs = zip(pixels, heads.tolist(), strict=True)
            return torch.stack([image.flip(2) if head else image for image, head in pairs])
        return torch.where(heads.to(pixels.device)[:, None, None, None], pixels.flip(3), pixels)

    return apply


def affine(
    degrees: float = 10, scale: float = 0.1, shear: float = 0.1, move: float = 0.06
) -> Augment:
    """Rotate, scale, shear and move each image a little: LeCun et al. 1998, sec. III.A.

    Args:
        degrees: largest rotation either way.
        scale: largest relative change of size.
        shear: largest horizontal shear (tangent).
        move: largest move, as a part of the image's size.
    """

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        n, _, height, width = pixels.shape
        turn, grow, lean, right, down = (torch.rand(5, n, generator=draw) * 2 - 1).to(pixels.device)
        angle, zoom = turn * math.radians(degrees), 1 + grow * scale
        cos, sin = angle.cos() / zoom, angle.sin() / zoom
        matrix = torch.stack(  # (N, 2, 3): where each output pixel comes from
            [
                *(cos, (cos * lean * shear - sin) * (height / width), right * 2 * move),
                *(sin * (width / height), sin * lean * shear + cos, down * 2 * move),
            ],
            dim=1,
        ).view(n, 2, 3)
        size = part_size(pixels)
        parts = zip(pixels.split(size), matrix.split(size), strict=True)
        return torch.cat([_mapped(*part) for part in parts])

    return apply


def _mapped(pixels: Tensor, matrix: Tensor) -> Tensor:
    """Images whose output pixels come from where ``matrix`` (N, 2, 3) says."""
    grid = F.affine_grid(matrix, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels.float(), grid, align_corners=False).round_().to(pixels.dtype)


def resized_crop(
    area: tuple[float, float] = (0.35, 1.0), aspect: tuple[float, float] = (3 / 4, 4 / 3)
) -> Augment:
    """Cut out a random box and stretch it (bilinear) to the image's own size.

    Szegedy et al. 2014, arXiv:1409.4842, sec. 6, with an area from 8 % to 100 %; a small image
    needs a larger part to be recognised. Of ten boxes drawn the first that fits is taken; if none
    does, the largest in the middle of a permitted aspect.

    Args:
        area: smallest and largest part of the image's area, uniform.
        aspect: smallest and largest width over height of the box, uniform in the logarithm.

    Raises:
        BadInput: unless 0 < area <= 1 and 0 < aspect, each with the smaller first.
    """
    if not (0 < area[0] <= area[1] <= 1 and 0 < aspect[0] <= aspect[1] < math.inf):
        got = f"area {area} and aspect {aspect}"
        raise BadInput(f"a crop needs 0 < area <= 1 and 0 < aspect, smaller first; got {got}")

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        boxes = crop_boxes(len(pixels), pixels.shape[2:], area, aspect, draw)
        return stretched(pixels, boxes.to(pixels.device))

    return apply


def crop_boxes(
    count: int,
    size: torch.Size | tuple[int, int],
    area: tuple[float, float],
    aspect: tuple[float, float],
    draw: torch.Generator,
) -> Tensor:
    """Random boxes (count, 4) in an image of ``size`` (H, W): top, left, height, width."""
    height, width = size
    part, shape, down, right = torch.rand(4, TRIES, count, generator=draw)
    part = height * width * (area[0] + part * (area[1] - area[0]))
    low, high = math.log(aspect[0]), math.log(aspect[1])
    ratio = (low + shape * (high - low)).exp()
    h, w = (part / ratio).sqrt().round().clamp(min=1), (part * ratio).sqrt().round().clamp(min=1)
    fits = (h <= height) & (w <= width)  # (TRIES, count)
    middle = min(max(width / height, aspect[0]), aspect[1])  # the nearest aspect permitted
    h = torch.where(fits, h, max(1, min(height, round(width / middle))))
    w = torch.where(fits, w, max(1, min(width, round(height * middle))))
    top, left = ((height - h + 1) * down).floor(), ((width - w + 1) * right).floor()
    top = torch.where(fits, top, ((height - h) / 2).floor())
    left = torch.where(fits, left, ((width - w) / 2).floor())
    first = fits.float().argmax(0)  # the first that fits; 0 if none does
    return torch.stack([top, left, h, w], -1)[first, torch.arange(count)].long()


def stretched(pixels: Tensor, boxes: Tensor) -> Tensor:
    """Each image's box (N, 4) - top, left, height, width - enlarged to the image's own size.

    Bilinear; what lies outside the box is never looked at.
    """
    if one_by_one(pixels):
        made = torch.empty_like(pixels)
        for old, new, box in zip(pixels, made, boxes.tolist(), strict=True):
            y, x, rows, columns = box
            inside = old[:, y : y + rows, x : x + columns].permute(1, 2, 0).contiguous()
            new.copy_(resized(inside.permute(2, 0, 1), (pixels.shape[2], pixels.shape[3])))
        return made
    top, left, h, w = boxes.float()[:, :, None].unbind(1)  # (N, 1) each
    height, width = pixels.shape[2:]
    rows, columns = (
        (torch.arange(length, device=pixels.device) + 0.5) / length for length in (height, width)
    )
    y = top + (rows * h - 0.5).clamp(min=0).minimum(h - 1)  # (N, H): where pixels come from
    x = left + (columns * w - 0.5).clamp(min=0).minimum(w - 1)  # (N, W)
    y, x = (2 * y + 1) / height - 1, (2 * x + 1) / width - 1  # as grid_sample counts
    shape = (len(pixels), height, width)
    grid = torch.stack([x[:, None, :].expand(shape), y[:, :, None].expand(shape)], -1)
    moved = F.grid_sample(pixels.float(), grid, padding_mode="border", align_corners=False)
    return moved.round().clamp(0, 255).to(pixels.dtype)


def cutout(part: float = 0.5, fill: int = 128) -> Augment:
    """Cover a square with grey, its centre anywhere in the image: DeVries & Taylor 2017.

    Args:
        part: the square's side as a part of the shorter side; 0.5 is the paper's 16 of CIFAR-10's
            32 pixels (arXiv:1708.04552, sec. 4.1).
        fill: the grey level; the paper fills with zero after normalising, the mean of the set.
    """
    if not (0 <= part <= 1 and 0 <= fill <= 255):
        raise BadInput(f"cutout needs part 0 to 1 and fill 0 to 255, got {part} and {fill}")

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        n, _, height, width = pixels.shape
        side = round(part * min(height, width))
        centre = torch.rand(2, n, 1, generator=draw)
        if one_by_one(pixels):
            made = pixels.clone()
            for image, (y,), (x,) in zip(made, *centre.tolist(), strict=True):
                top, left = math.floor(y * height) - side // 2, math.floor(x * width) - side // 2
                image[:, max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = (
                    fill
                )
            return made
        centre, inside = centre.to(pixels.device), []
        for place, length in zip(centre, (height, width), strict=True):
            first = (place * length).floor() - side // 2  # (N, 1)
            at = torch.arange(length, device=pixels.device)
            inside.append((at >= first) & (at < first + side))  # (N, H), (N, W)
        covered = inside[0][:, None, :, None] & inside[1][:, None, None, :]
        return pixels.masked_fill(covered, fill)

    return apply


def one_by_one(pixels: Tensor) -> bool:
    """Whether images are changed one at a time: large ones on the CPU."""
    return pixels.device.type == "cpu" and pixels[:1].numel() >= LARGE and len(pixels) > 0


def chain(*steps: Augment) -> Augment:
    """One after the other."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        for step in steps:
            pixels = step(pixels, draw)
        return pixels

    return apply


def none() -> Augment:
    """The images as they are."""
    return lambda pixels, draw: pixels


NAMED: dict[str, Callable[[], Augment]] = {  # what a command line may ask for
    "none": none,
    "shift": lambda: shift(2),
    "flip": flip,
    "affine": affine,
    "crop_flip": lambda: chain(shift(4), flip()),
    "resized_crop": resized_crop,
    "cutout": cutout,
    "colour": colour,
    "hue": lambda: colour(0, 0, 0, hue=0.1),
    "shift_colour": shift_colour,
    "pca_colour": pca_colour,
    "imagenet": lambda: chain(resized_crop(area=(0.08, 1.0)), flip()),
    "imagenet_colour": lambda: chain(
        resized_crop(area=(0.08, 1.0)), flip(), colour(), pca_colour()
    ),
}
