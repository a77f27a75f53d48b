"""An image beside its vector; two images and whether they show the same.

Proof: tests/viz/test_verification.py.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from zoo.viz.curves import new_figure
from zoo.viz.mistakes import image_array


def verification_figure(images: Sequence[Tensor], verdict: str) -> Any:
    """A matplotlib figure: two images (C, H, W) uint8, the verdict above."""
    figure, axes = new_figure(1, 2, width=6, height=3.4)
    for axis, image in zip(axes, images, strict=True):
        axis.imshow(image_array(image), cmap="gray", vmin=0, vmax=255)
        axis.set_axis_off()
    figure.suptitle(verdict.replace(" (", "\n(", 1), fontsize=9)
    return figure


def vector_figure(image: Tensor, vector: Tensor) -> Any:
    """An image (C, H, W) uint8, and each number (D,) of its vector as a bar, as a figure."""
    figure, (left, right) = new_figure(1, 2, width=8, height=3.4)
    left.imshow(image_array(image), cmap="gray", vmin=0, vmax=255)
    left.set_axis_off()
    right.bar(range(len(vector)), vector.tolist(), width=1.0)
    right.set(xlabel="number", xlim=(-0.5, len(vector) - 0.5))
    return figure
