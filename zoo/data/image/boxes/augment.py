"""Random changes to a batch of images and the boxes in them, on the device they are on.

Every function takes pixels (N, 3, H, W) uint8, the objects of each image and a generator, and draws
the same numbers for an example whatever the number of processes. Where an image is moved, the
ground is Darknet's grey; zoo/data/image/boxes/place.py says which objects are kept. Four images in
one are in mosaic.py.
Proof: tests/data/image/boxes/test_augment.py.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from zoo.data.image.augment_colour import Augment
from zoo.data.image.boxes.place import GREY, place
from zoo.errors import BadInput
from zoo.ops.boxes.objects import Objects

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
    axis = 1 if vertical else 2  # of an image (3, H, W)

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        heads = (torch.rand(len(pixels), generator=draw) < 0.5).tolist()
        size = pixels.shape[1 + axis]
        images = [
            image.flip(axis) if head else image for image, head in zip(pixels, heads, strict=True)
        ]
        mirrored = [
            one._replace(boxes=_mirrored(one.boxes, size, across=not vertical)) if head else one
            for one, head in zip(objects, heads, strict=True)
        ]
        return torch.stack(images), mirrored

    return apply


def _mirrored(boxes: Tensor, size: int, across: bool) -> Tensor:
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

    Raises:
        BadInput: unless zoom and aspect are from 0 to below 1, and shift 0 or more.
    """
    if not (0 <= zoom < 1 and 0 <= aspect < 1 and shift >= 0):
        got = f"zoom {zoom}, aspect {aspect}, shift {shift}"
        raise BadInput(f"zoom and aspect must be from 0 to below 1, shift 0 or more; got {got}")

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        grow, stretch, down, right = torch.rand(4, len(pixels), generator=draw) * 2 - 1
        tall = 1 + zoom * grow
        scale = torch.stack([tall, tall * (1 + aspect * stretch)], dim=1)
        whole = torch.tensor(pixels.shape[2:])
        sizes = (whole * scale).round().clamp_(min=1)
        moved = torch.stack([down, right], dim=1) * shift * whole
        return _placed(pixels, objects, sizes, ((whole - sizes) / 2 + moved).round())

    return apply


def scale_jitter(aspect: float = 0.3, scale: tuple[float, float] = (0.25, 2.0)) -> BoxAugment:
    """Each image much larger or smaller, a little distorted, anywhere: Darknet's for YOLOv3.

    Of an image smaller than the canvas all is seen, of a larger one as much as fits.

    Args:
        aspect: largest relative change of each side before the aspect ratio is taken.
        scale: smallest and largest size of the longer side, in parts of the canvas.

    Raises:
        BadInput: unless 0 <= aspect < 1 and 0 < scale, the smaller first.
    """
    if not (0 <= aspect < 1 and 0 < scale[0] <= scale[1]):
        got = f"aspect {aspect} and scale {scale}"
        raise BadInput(f"aspect must be from 0 to below 1, scale above 0, rising; got {got}")

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        tall, wide, size, down, right = torch.rand(5, len(pixels), generator=draw)
        height, width = pixels.shape[2:]
        ratio = (1 + aspect * (2 * wide - 1)) / (1 + aspect * (2 * tall - 1))  # beside the image's
        size = scale[0] + size * (scale[1] - scale[0])
        both = torch.stack([size / ratio.clamp(min=1), size * ratio.clamp(max=1)], dim=1)
        whole = torch.tensor([height, width])
        sizes = (whole * both).round().clamp_(min=1)
        starts = (whole - sizes) * torch.stack([down, right], dim=1)
        return _placed(pixels, objects, sizes, starts.round())

    return apply


def _placed(
    pixels: Tensor, objects: Sequence[Objects], sizes: Tensor, starts: Tensor
) -> tuple[Tensor, list[Objects]]:
    """Each image on a grey one: ``sizes`` (N, 2) height, width; ``starts`` (N, 2) row, column."""
    made = torch.full_like(pixels, GREY)
    places = zip(sizes.int().tolist(), starts.int().tolist(), strict=True)
    kept = [
        place(image, one, canvas, (height, width), (top, left))
        for image, one, canvas, ((height, width), (top, left)) in zip(
            pixels, objects, made, places, strict=True
        )
    ]
    return made, kept
