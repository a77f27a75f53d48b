"""A sheet of the worst missed objects and the worst false alarms, each cut out with its surround.

Notes: course 3, week 2, "Carrying out error analysis". Missed objects have a red frame, false
alarms an orange one; the objects that are labelled nearby are drawn in thin green.
Proof: tests/viz/test_detection_mistakes.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from zoo.viz.curves import new_figure, save
from zoo.viz.mistakes import image_array

COLUMNS = 8
AROUND = 2.5  # sides of the box in what is cut out
LEAST = 48  # pixels of it
MISSED, ALARM, LABELLED = "#ff3030", "#ff9a1f", "#4dff4d"


@dataclass(frozen=True, eq=False)
class Cut:
    """A mistake, cut out of its image.

    Attributes:
        pixels: (3, h, w) uint8.
        box: (4,) of the mistake, in pixels of the cut.
        truth: (n, 4) the labelled objects.
        text: two lines above it.
        line: all that there is to say, in one line.
    """

    pixels: Tensor
    box: Tensor
    truth: Tensor
    text: str
    line: str


def cut(image: Tensor, box: Tensor, truth: Tensor, text: str, line: str) -> Cut:
    """A square of an image (3, H, W) around a box (4,), as far as the image goes."""
    side = max(AROUND * float((box[2:] - box[:2]).max()), LEAST)
    x, y = ((box[:2] + box[2:]) / 2).tolist()
    height, width = image.shape[1:]
    left, top = (
        int(min(max(middle - side / 2, 0), max(most - side, 0)))
        for middle, most in ((x, width), (y, height))
    )
    pixels = image[:, top : top + int(side) + 1, left : left + int(side) + 1].cpu().clone()
    offset = box.new_tensor([left, top, left, top])
    return Cut(pixels, box - offset, truth - offset, text, line)


@dataclass(frozen=True, eq=False)
class DetectionMistakes:
    """Missed objects and false alarms, the worst first."""

    missed: tuple[Cut, ...]
    alarms: tuple[Cut, ...]
    title: str = ""

    def __len__(self) -> int:
        return len(self.missed) + len(self.alarms)

    def __str__(self) -> str:
        return "\n".join(one.line for one in (*self.missed, *self.alarms))

    def save(self, path: Path) -> None:
        """Draw all to a PNG: the missed objects above, the false alarms below."""
        above, below = (-(-len(part) // COLUMNS) for part in (self.missed, self.alarms))
        rows = max(above + below, 1)
        figure, axes = new_figure(rows, COLUMNS, width=10, height=0.5 + 1.6 * rows)
        grid = np.reshape(axes, (rows, COLUMNS))
        for axis in grid.flat:
            axis.set_axis_off()
        _draw(grid[:above].flat, self.missed, MISSED)
        _draw(grid[above:].flat, self.alarms, ALARM)
        said = f"{len(self.missed)} missed (red), {len(self.alarms)} false alarms (orange)"
        figure.suptitle(f"{self.title}: {said}; labelled objects in green", fontsize=9)
        save(figure, path)


def _draw(axes: Any, cuts: Sequence[Cut], colour: str) -> None:
    for axis, one in zip(axes, cuts, strict=False):
        height, width = one.pixels.shape[1:]
        axis.imshow(image_array(one.pixels), cmap="gray", vmin=0, vmax=255)
        for box in one.truth.tolist():
            _frame(axis, box, LABELLED, 0.7)
        _frame(axis, one.box.tolist(), colour, 1.8)
        axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
        axis.set_title(one.text, fontsize=7)


def _frame(axis: Any, box: Sequence[float], colour: str, width: float) -> None:
    x1, y1, x2, y2 = box
    axis.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], color=colour, lw=width)
