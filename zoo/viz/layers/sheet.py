"""The sheet of what a network sees: maps over the image, units with their pictures, filters.

Proof: tests/viz/layers/test_sheet.py.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from zoo.viz.layers.parts import SeenFilters, SeenLayer
from zoo.viz.layers.tiles import mosaic, shade_array, signal_array, strong, tile
from zoo.viz.mistakes import image_array

WIDTH = 12.0  # inches of the sheet
LABEL = 2.0  # of what is said of a layer, beside its pictures
WIDE = WIDTH - LABEL - 0.1  # of the pictures
TITLE = 0.55  # height of the title
CAPTION = 0.55  # of what stands below a map, and of the gap after it
MAP = 2.6  # highest side of a map
UNITS = 9  # columns of a layer of which each filter has one unit
ROW = 2.35  # its height
BLOCKS = 3  # columns of a layer of which each filter has nine
BLOCK = 1.95  # height of each of its rows
GRID = 1.9  # of the kernels of a layer
GAP = 0.3  # between layers


def sheet(
    title: str,
    image: Tensor,
    maps: Mapping[str, Tensor],
    captions: Mapping[str, str],
    layers: Sequence[SeenLayer],
    filters: Sequence[SeenFilters],
) -> Any:
    """A matplotlib figure of all that was seen; arguments as of ``zoo.viz.layers.seen.Seen``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with_maps = bool(maps) or not (layers or filters)
    side = _map_size(image, 1 + len(maps))
    heights = [side[1] + CAPTION] * with_maps
    heights += [_height(layer) + GAP for layer in layers] + [GRID + GAP] * len(filters)
    total = TITLE + sum(heights)
    figure = Figure(figsize=(WIDTH, total))
    FigureCanvasAgg(figure)
    figure.text(0.5, 1 - 0.25 / total, title, ha="center", va="center", fontsize=14, weight="bold")
    tops = [total - TITLE - sum(heights[:n]) for n in range(len(heights))]
    rows = [_Row(figure, top, total) for top in tops]
    if with_maps:
        _maps(rows.pop(0), image, maps, captions, side)
    for layer, row in zip(layers, rows, strict=False):
        _said(row, layer)
        (_blocks if _several(layer) else _strip)(row, layer)
    for kernels, row in zip(filters, rows[len(layers) :], strict=True):
        _filters(row, kernels)
    return figure


class _Row:
    """A part of the sheet; places in it are inches from its upper left corner."""

    def __init__(self, figure: Any, top: float, total: float) -> None:
        self.figure, self.top, self.total = figure, top, total

    def axes(self, left: float, down: float, width: float, height: float) -> Any:
        bottom = (self.top - down - height) / self.total
        axes = self.figure.add_axes((left / WIDTH, bottom, width / WIDTH, height / self.total))
        axes.set_axis_off()
        return axes

    def text(self, left: float, down: float, words: str, size: float, **how: Any) -> None:
        place = (left / WIDTH, (self.top - down) / self.total)
        self.figure.text(*place, words, fontsize=size, va="top", **how)


def _several(layer: SeenLayer) -> bool:
    return any(len(units) > 1 for units in layer.units)


def _height(layer: SeenLayer) -> float:
    """Inches of a layer."""
    return BLOCK * max(-(-len(layer.units) // BLOCKS), 1) if _several(layer) else ROW


# ---- maps over the image ------------------------------------------------------------------------


def _map_size(image: Tensor, count: int) -> tuple[float, float]:
    """Width and height of each map."""
    height, width = image.shape[1:]
    wide = min((WIDTH - 0.2) / count - 0.15, MAP * width / height, 2 * MAP)
    return wide, wide * height / width


def _maps(
    row: _Row,
    image: Tensor,
    maps: Mapping[str, Tensor],
    captions: Mapping[str, str],
    size: tuple[float, float],
) -> None:
    width, height = size
    step = max(width, 1.9) + 0.15
    left = (WIDTH - (1 + len(maps)) * step) / 2
    for number, name in enumerate(["", *maps]):
        axes = row.axes(left + number * step + (step - width) / 2, 0, width, height)
        if name:
            _map(axes, image, name, maps[name])
        else:
            axes.imshow(image_array(image), cmap="gray", vmin=0, vmax=255)
        words = _broken(captions[name]) if name else "what the network sees"
        row.text(left + (number + 0.5) * step, height + 0.06, words, 8, ha="center")


def _broken(caption: str) -> str:
    """Two lines, parted where the caption has a colon or a bracket."""
    for mark, instead in ((": ", ""), (" (", "(")):
        head, found, tail = caption.partition(mark)
        if found:
            return f"{head}\n{instead}{tail}"
    return caption


def _map(axes: Any, image: Tensor, name: str, map: Tensor) -> None:
    if name == "guided":
        axes.imshow(signal_array(map), vmin=0, vmax=1, cmap="gray")
        return
    axes.imshow(image.float().mean(0).numpy(), cmap="gray", vmin=-128, vmax=300)
    flat = map.sum(0) if map.dim() == 3 else map
    if name == "grad-cam":
        largest = max(float(flat.max()), 1e-12)
        axes.imshow(flat.numpy(), cmap="jet", vmin=0, vmax=largest, alpha=0.5)
        return
    limit = strong(flat)
    opaque = (flat.abs() / limit).clamp(max=1) * 0.9
    axes.imshow(flat.numpy(), cmap="bwr", vmin=-limit, vmax=limit, alpha=opaque.numpy())


# ---- layers -------------------------------------------------------------------------------------


def _said(row: _Row, layer: SeenLayer) -> None:
    maps, height, width = layer.shape
    sees = "the whole image"
    if not math.isinf(max(layer.field)):
        sees = "{:.0f} x {:.0f} pixels".format(*layer.field)
    row.text(0.12, 0.18, _short(layer.name), 10, weight="bold")
    words = f"{layer.kind}\n{maps} maps, {height} x {width}\na unit sees\n{sees}"
    row.text(0.12, 0.42, words, 8, color="0.25", linespacing=1.3)


def _short(name: str, most: int = 22) -> str:
    return name if len(name) <= most else f"…{name[-most + 1 :]}"


def _side(layer: SeenLayer, pixels: int) -> int:
    """Pixels of a tile: a multiple of the largest patch, so that its pixels stay squares."""
    sides = [side for units in layer.units for unit in units for side in unit.patch.shape[1:]]
    largest = max(sides, default=1)
    return largest * max(round(pixels / largest), 1)


def _strip(row: _Row, layer: SeenLayer) -> None:
    """The deconvnet's picture of each unit above the patch that it sees."""
    side = _side(layer, 150)
    step = WIDE / UNITS
    small = step - 0.12
    for number, (name, units) in enumerate(zip(layer.filters, layer.units, strict=True)):
        left = LABEL + number * step
        for unit in units[:1]:
            row.text(left + small / 2, 0, f"filter {name}: {unit.value:.2g}", 7, ha="center")
            parts = (signal_array(unit.picture), image_array(unit.patch) / 255.0)
            for line, part in enumerate(parts):
                axes = row.axes(left, 0.15 + line * (small + 0.05), small, small)
                axes.imshow(tile(part, side), interpolation="nearest")


def _blocks(row: _Row, layer: SeenLayer) -> None:
    """Of each filter nine pictures of the deconvnet beside the nine patches."""
    side = _side(layer, 75)
    step = WIDE / BLOCKS
    small = min((step - 0.25) / 2, BLOCK - 0.25)
    for number, (name, units) in enumerate(zip(layer.filters, layer.units, strict=True)):
        left, down = LABEL + number % BLOCKS * step, number // BLOCKS * BLOCK
        if not units:
            continue
        words = f"filter {name}: {units[0].value:.2g} to {units[-1].value:.2g}"
        row.text(left + small, down, words, 7, ha="center")
        pictures = [tile(signal_array(unit.picture), side) for unit in units]
        patches = [tile(image_array(unit.patch) / 255.0, side) for unit in units]
        for at, tiles in enumerate((pictures, patches)):
            axes = row.axes(left + at * (small + 0.05), down + 0.15, small, small)
            axes.imshow(mosaic(tiles, 3), interpolation="nearest")


# ---- filters ------------------------------------------------------------------------------------


def _filters(row: _Row, filters: SeenFilters) -> None:
    if filters.kernels is not None:
        kernels = filters.kernels
        side = 12 * max(kernels.shape[2:])
        tiles = [tile(signal_array(kernel), side) for kernel in kernels]
        words = f"{len(tiles)} kernels of\n{kernels.shape[2]} x {kernels.shape[3]}"
    else:
        maps = filters.maps if filters.maps is not None else torch.zeros(1, 1, 1)
        tiles = [shade_array(map) for map in maps]
        words = f"{len(tiles)} maps of the image"
    row.text(0.12, 0.18, _short(filters.name), 10, weight="bold")
    row.text(0.12, 0.42, words, 8, color="0.25", linespacing=1.3)
    shape = tiles[0].shape[1] / tiles[0].shape[0]
    columns = max(math.ceil(math.sqrt(len(tiles) * WIDE / GRID / shape)), 1)
    columns = min(columns, len(tiles))
    axes = row.axes(LABEL, 0.05, WIDE, GRID - 0.05)
    axes.imshow(mosaic(tiles, columns), interpolation="nearest")
    axes.set_anchor("NW")
