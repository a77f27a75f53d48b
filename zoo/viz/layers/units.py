"""The units of a layer that answer most strongly, in one image or over a set of images.

A unit is a place (row, column) of a filter's map. Proof: tests/viz/layers/test_units.py.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.viz.layers.places import Layer
from zoo.viz.layers.still import still
from zoo.viz.layers.walk import Run, map_at, maps_at

PATCHES = 9  # of each filter, as in the paper's Fig. 2


class Units(NamedTuple):
    """Units of a layer: for each of F filters the P strongest; all tensors are (F, P).

    Attributes:
        filters: (F,) numbers of the maps.
        values: of the activations, the highest first; minus infinity where there are fewer.
        images: the number of the image that each is in.
        rows, columns: of the unit in its map.
    """

    filters: Tensor
    values: Tensor
    images: Tensor
    rows: Tensor
    columns: Tensor


@torch.no_grad()
def strongest_filters(model: nn.Module, run: Run, layer: Layer, image: Tensor, most: int) -> Tensor:
    """The filters (F,) whose maps have the highest values for an image (1, C, H, W)."""
    with still(model):
        peaks = map_at(run, image, layer.call).amax((0, 2, 3))
    return peaks.topk(min(most, len(peaks))).indices


@torch.no_grad()
def strongest_places(
    model: nn.Module, run: Run, layer: Layer, image: Tensor, filters: Tensor, most: int = PATCHES
) -> Units:
    """The strongest units of each filter within an image (1, C, H, W), none beside another.

    A unit counts if none within half of its field, or one step where the field is wider than a
    quarter of the image, is stronger: so the patches differ.
    """
    with still(model):
        maps = map_at(run, image, layer.call)[0, filters]  # (F, h, w)
    near = [_near(layer, axis, image.shape[2 + axis]) for axis in (0, 1)]
    window = [2 * reach + 1 for reach in near]
    peaks = F.max_pool2d(maps[None], window, stride=1, padding=near)[0]
    values = maps.masked_fill(maps < peaks, -torch.inf).flatten(1)
    top = values.topk(min(most, values.shape[1]), 1)
    width = maps.shape[2]
    images = torch.zeros_like(top.indices)
    return Units(filters, top.values, images, top.indices // width, top.indices % width)


def _near(layer: Layer, axis: int, size: int) -> int:
    """Units within which only the strongest counts."""
    span = layer.field[axis]
    width = span.end - span.first
    if span.step == 0 or width > size / 4:
        return min(1, (layer.shape[1 + axis] - 1) // 2)
    return int(min(width / 2 / span.step, (layer.shape[1 + axis] - 1) // 2))


@torch.no_grad()
def strongest_images(
    model: nn.Module,
    run: Run,
    layers: Sequence[Layer],
    filters: Sequence[Tensor],
    batches: Iterable[Tensor],
    most: int = PATCHES,
) -> list[Units]:
    """The strongest unit of each filter in each of a set's images, and of these the best ``most``.

    Args:
        filters: of each layer (F,).
        batches: images (n, C, H, W), as they come; none is kept, and each goes through the network
            once for all of the layers.
    """
    best: list[Units | None] = [None] * len(layers)
    calls, seen = [layer.call for layer in layers], 0
    alone = any(layer.alone for layer in layers)
    with still(model):
        for images in (part for some in batches for part in some.split(1 if alone else len(some))):
            maps = maps_at(run, images, calls)
            for n, (map, chosen) in enumerate(zip(maps, filters, strict=True)):
                best[n] = _merged(best[n], _peaks(map[:, chosen], chosen, seen), most)
            seen += len(images)
    found = [units for units in best if units is not None]
    if len(found) < len(layers):
        raise ValueError("batches must hold an image")
    return found


def _peaks(maps: Tensor, filters: Tensor, seen: int) -> Units:
    """The highest value of each map (n, F, h, w), and where it is."""
    values, at = maps.flatten(2).max(2)
    rows, columns = at // maps.shape[3], at % maps.shape[3]
    numbers = torch.arange(seen, seen + len(maps), device=maps.device)
    return Units(filters, values.T, numbers.expand(len(filters), -1), rows.T, columns.T)


def _merged(best: Units | None, new: Units, most: int) -> Units:
    parts = list(new[1:])
    if best is not None:
        parts = [torch.cat(pair, 1) for pair in zip(best[1:], parts, strict=True)]
    top = parts[0].topk(min(most, parts[0].shape[1]), 1).indices
    return Units(new.filters, *(part.gather(1, top) for part in parts))
