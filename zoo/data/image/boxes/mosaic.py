"""Four images in one: more objects, smaller, in other company.

Source: Bochkovskiy et al. 2020, arXiv:2004.10934, sec. 3.3 (a later YOLO's; those of this zoo
were trained without). Proof: tests/data/image/boxes/test_mosaic.py.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo.data.image.boxes.augment import BoxAugment
from zoo.data.image.boxes.place import place
from zoo.errors import BadInput
from zoo.ops.boxes.objects import Objects, joined

NEAREST = 0.25  # part of the image: the cross is at least so far from a border


def mosaic(part: float = 1.0, zoom: tuple[float, float] = (0.5, 1.0)) -> BoxAugment:
    """Fill the quarters about a random cross with the image itself and three others of the batch.

    In each quarter an image is drawn smaller, but as large as the quarter at least, and moved at
    random, so that no grey is seen.

    Args:
        part: of the images that are replaced.
        zoom: smallest and largest size of an image, against its own.

    Raises:
        BadInput: unless 0 <= part <= 1 and 0 < zoom, the smaller first.
    """
    if not (0 <= part <= 1 and 0 < zoom[0] <= zoom[1]):
        got = f"part {part} and zoom {zoom}"
        raise BadInput(f"part must be from 0 to 1, zoom above 0 and rising; got {got}")

    def apply(
        pixels: Tensor, objects: Sequence[Objects], draw: torch.Generator
    ) -> tuple[Tensor, Sequence[Objects]]:
        n = len(pixels)
        heads, *crosses = torch.rand(3, n, generator=draw)
        drawn = torch.rand(n, 4, 3, generator=draw)  # of each quarter: size, row, column
        sources = torch.randint(n, (n, 4), generator=draw)
        own = torch.randint(4, (n,), generator=draw)
        sources[torch.arange(n), own] = torch.arange(n)
        drawn[:, :, 0] = zoom[0] + drawn[:, :, 0] * (zoom[1] - zoom[0])
        made, found = pixels.clone(), list(objects)
        for i in (heads < part).nonzero().flatten().tolist():
            row, column = (
                round(length * (NEAREST + (1 - 2 * NEAREST) * float(at[i])))
                for length, at in zip(pixels.shape[2:], crosses, strict=True)
            )
            corners = quarters(made[i], row, column)
            fills = zip(corners.items(), sources[i].tolist(), drawn[i].tolist(), strict=True)
            found[i] = joined(
                [
                    _fill(canvas, corner, pixels[source], objects[source], *numbers)
                    for (corner, canvas), source, numbers in fills
                ]
            )
        return made, found

    return apply


def quarters(image: Tensor, row: int, column: int) -> dict[tuple[int, int], Tensor]:
    """The four parts of (3, H, W) about a cross, by their upper left corners; views."""
    return {
        (0, 0): image[:, :row, :column],
        (0, column): image[:, :row, column:],
        (row, 0): image[:, row:, :column],
        (row, column): image[:, row:, column:],
    }


def _fill(
    canvas: Tensor,
    corner: tuple[int, int],
    image: Tensor,
    objects: Objects,
    scale: float,
    row: float,
    column: float,
) -> Objects:
    """Cover a quarter with an image of at least ``scale``; its objects, in pixels of the whole.

    Args:
        corner: row and column of the quarter in the whole.
        row, column: from 0 to 1, which part of the image is seen.
    """
    shapes = list(zip(image.shape[1:], canvas.shape[1:], strict=True))
    scale = max(scale, *(seen / whole for whole, seen in shapes))
    size = tuple(max(round(whole * scale), seen) for whole, seen in shapes)
    at = tuple(
        -round((side - seen) * where)
        for side, (_, seen), where in zip(size, shapes, (row, column), strict=True)
    )
    found = place(image, objects, canvas, (size[0], size[1]), (at[0], at[1]))
    return found._replace(boxes=found.boxes + found.boxes.new_tensor([*corner[::-1]] * 2))
