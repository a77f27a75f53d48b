"""The maps of a network's layers for one image, as a grid.

Proof: tests/viz/test_feature_maps.py.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from zoo.viz.curves import new_figure
from zoo.viz.mistakes import image_array

SHOWN = 8  # maps of a layer


def feature_figure(image: Tensor, maps: Mapping[str, Tensor], shown: int = SHOWN) -> Any:
    """A matplotlib figure: the image, and of each layer the maps that vary most over it.

    Args:
        image: (3, H, W) uint8.
        maps: (C, h, w) of each layer by its name.
        shown: maps of a layer at most. Each is drawn from its own least to its largest value.
    """
    ratio = image.shape[1] / image.shape[2]
    width = 1.1 * (shown + 1)
    height = 0.3 + 1.05 * min(max(ratio, 0.4), 2.5) * len(maps)
    figure, axes = new_figure(len(maps), shown + 1, width=width, height=height)
    grid = axes.reshape(len(maps), shown + 1)
    for axis in grid.ravel():
        axis.set_axis_off()
    grid[0, 0].imshow(image_array(image))
    for row, (name, layer) in zip(grid, maps.items(), strict=True):
        best = layer.flatten(1).std(1, correction=0).argsort(descending=True, stable=True)[:shown]
        for axis, channel in zip(row[1:], best.tolist(), strict=False):
            axis.imshow(layer[channel].numpy(), cmap="magma")
            axis.set_title(f"{name}: {channel}", fontsize=7)
    return figure
