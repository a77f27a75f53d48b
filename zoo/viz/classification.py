"""A picture and what a classifier says of it."""

from typing import Any

from torch import Tensor

from zoo.viz.curves import new_figure
from zoo.viz.mistakes import pixels_for_show


def classification(picture: Tensor, top: tuple[tuple[str, float], ...]) -> Any:
    """The picture (C, H, W) beside bars of its most probable classes; a matplotlib figure."""
    figure, (left, right) = new_figure(1, 2, width=6, height=2.6)
    left.imshow(pixels_for_show(picture), cmap="gray", vmin=0, vmax=255)
    left.set_axis_off()
    names, probabilities = zip(*reversed(top), strict=True)
    right.barh(names, [100 * p for p in probabilities], color="0.5")
    right.set(xlim=(0, 100), xlabel="probability (%)")
    return figure
