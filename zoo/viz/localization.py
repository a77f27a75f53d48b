"""Where an object is and where it was found. Proof: tests/viz/test_localization.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from zoo.viz.curves import new_figure, save
from zoo.viz.mistakes import image_array

TRUE, FOUND = "lime", "red"


@dataclass(frozen=True, eq=False)
class LocatedMistake:
    """An image, what is there and what was found."""

    image: Tensor  # (3, H, W) uint8
    true: Tensor | None  # (P, 2) in pixels; of a box two opposite corners; None: no object
    found: Tensor | None
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False)
class LocatedMistakes:
    """Images where something else was found than is there, the worst first.

    Attributes:
        boxes: whether two points are the corners of a box.
    """

    items: tuple[LocatedMistake, ...]
    boxes: bool
    title: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join(map(str, self.items))

    def save(self, path: Path) -> None:
        """Draw the images, what is there in green and what was found in red, to a PNG."""
        located_sheet(self, path)


def located_sheet(mistakes: LocatedMistakes, path: Path) -> None:
    """Draw mistakes to a PNG."""
    columns = 8
    rows = max(-(-len(mistakes) // columns), 1)
    figure, axes = new_figure(rows, columns, width=10, height=0.5 + 1.6 * rows)
    for place, axis in enumerate(np.ravel(axes)):
        axis.set_axis_off()
        if place < len(mistakes):
            one = mistakes.items[place]
            axis.imshow(image_array(one.image))
            for points, colour in ((one.true, TRUE), (one.found, FOUND)):
                if points is not None:
                    draw_place(axis, points.tolist(), boxes=mistakes.boxes, colour=colour)
            axis.set_title(one.text.replace(": ", ":\n", 1), fontsize=6)
    words = f"{mistakes.title}: the {len(mistakes)} worst; green what is there, red what was found"
    figure.suptitle(words, fontsize=9)
    save(figure, path)


def draw_place(
    axis: Any, points: Sequence[Sequence[float]], *, boxes: bool, colour: str = FOUND
) -> None:
    """A box, or points, on a picture that ``axis`` shows."""
    xs, ys = zip(*points, strict=True)
    if boxes:
        from matplotlib.patches import Rectangle

        corner, size = (min(xs), min(ys)), (max(xs) - min(xs), max(ys) - min(ys))
        axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=1.5))
    else:
        axis.plot(xs, ys, "o", color=colour, markersize=3)


def located_figure(
    image: Tensor, points: Sequence[Sequence[float]], text: str, *, boxes: bool
) -> Any:
    """A matplotlib figure: an image (3, H, W) with what was found in it; without points as it is.

    Args:
        text: what stands above.
    """
    figure, axis = new_figure(1, 1, width=5, height=5)
    axis.imshow(image_array(image))
    axis.set_axis_off()
    if points:
        draw_place(axis, points, boxes=boxes)
    axis.set_title(text, fontsize=10)
    return figure


def windows_figure(image: Tensor, windows: Sequence[tuple[str, float, Sequence[float]]]) -> Any:
    """A matplotlib figure: an image (C, H, W) with labelled boxes, each label, p, x1 y1 x2 y2."""
    height, width = image.shape[1:]
    longer = 8 / max(height, width)
    figure, axis = new_figure(1, 1, width=max(width * longer, 2), height=max(height * longer, 2))
    axis.imshow(image_array(image), cmap="gray", vmin=0, vmax=255)
    axis.set_axis_off()
    for label, p, (x1, y1, x2, y2) in windows:
        draw_place(axis, [(x1, y1), (x2, y2)], boxes=True)
        axis.text(x1, y1, f"{label} {100 * p:.0f} %", color=FOUND, fontsize=7, va="bottom")
    return figure
