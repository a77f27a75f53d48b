"""An image and its most probable classes."""

from typing import Any

from torch import Tensor

from zoo.viz.curves import new_figure
from zoo.viz.mistakes import image_array


def classification_figure(image: Tensor, top: tuple[tuple[str, float], ...]) -> Any:
    """A matplotlib figure: the image (C, H, W) beside bars of its most probable classes."""
    figure, (left, right) = new_figure(1, 2, width=6, height=2.6)
    left.imshow(image_array(image), cmap="gray", vmin=0, vmax=255)
    left.set_axis_off()
    names, probabilities = zip(*reversed(top), strict=True)
    right.barh(names, [100 * p for p in probabilities], color="0.5")
    right.set(xlim=(0, 100), xlabel="probability (%)")
    return figure
