"""Rows of pictures with a line of text each: what a network makes of photographs.

Proof: tests/viz/test_picture_sheet.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from zoo.viz.curves import new_figure, save
from zoo.viz.mistakes import image_array


class Row(NamedTuple):
    """Pictures (C, H, W) uint8 of one example, and what is said of it."""

    pictures: Sequence[Tensor]
    text: str


@dataclass(frozen=True, eq=False)
class PictureSheet:
    """Examples in the order in which they are shown."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...] = ("",)  # what the pictures of a row are
    title: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return "\n".join(row.text for row in self.rows)

    def titled(self, title: str) -> "PictureSheet":
        """The same under a title."""
        return replace(self, title=title)

    def save(self, path: Path) -> None:
        """Draw the rows to a PNG."""
        rows, columns = max(len(self.rows), 1), len(self.columns)
        figure, axes = new_figure(rows, columns, width=2.6 * columns, height=0.5 + 2.2 * rows)
        grid = [[axes]] if rows == columns == 1 else axes.reshape(rows, columns)
        for line in grid:
            for axis in line:
                axis.set_axis_off()
        for line, row in zip(grid, self.rows, strict=False):
            for axis, picture in zip(line, row.pictures, strict=True):
                axis.imshow(image_array(picture))
            line[0].set_title(row.text, fontsize=7, loc="left")
        heads = "  |  ".join(name for name in self.columns if name)
        figure.suptitle(" - ".join(text for text in (self.title, heads) if text), fontsize=9)
        save(figure, path)
