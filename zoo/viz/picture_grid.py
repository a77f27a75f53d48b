"""Pictures in rows and columns with a title above each. Proof: tests/viz/test_picture_grid.py."""

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

MARGIN = 6  # pixels
TEXT = 12  # pixels of a title's letters
LINE = TEXT + 6  # of a title
WHITE, BLACK = "white", "black"


class Cell(NamedTuple):
    """A picture with its title, or a title alone."""

    title: str
    image: Image.Image | None = None


def picture_grid(rows: Sequence[Sequence[Cell | None]]) -> Image.Image:
    """One picture of all; None leaves a place empty.

    A column is as wide as its widest picture, a row as high as its highest; titles are cut to the
    width of their column.

    >>> picture_grid([[Cell("a", Image.new("RGB", (20, 10))), None]]).size
    (32, 40)
    """
    columns = max(map(len, rows), default=0)
    widths = [
        max((_size(row[at])[0] for row in rows if at < len(row)), default=0)
        for at in range(columns)
    ]
    heights = [max((_size(cell)[1] for cell in row), default=0) + LINE for row in rows]
    gaps = (len([w for w in widths if w]) + 1, len(rows) + 1)
    sheet = Image.new(
        "RGB", (sum(widths) + MARGIN * gaps[0], sum(heights) + MARGIN * gaps[1]), WHITE
    )
    draw, font, y = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT), MARGIN
    for row, height in zip(rows, heights, strict=True):
        x = MARGIN
        for cell, width in zip(row, widths, strict=False):
            if cell is not None:
                draw.text((x, y), _cut(cell.title, width, font), BLACK, font)
                if cell.image is not None:
                    sheet.paste(cell.image, (x, y + LINE))
            x += width + (MARGIN if width else 0)
        y += height + MARGIN
    return sheet


def _size(cell: Cell | None) -> tuple[int, int]:
    return (0, 0) if cell is None or cell.image is None else cell.image.size


def _cut(title: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """As much of a title as fits."""
    while len(title) > 1 and font.getlength(title) > width:
        title = title[:-1]
    return title
