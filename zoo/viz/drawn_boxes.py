"""Boxes drawn into an image's own pixels, in milliseconds: for frames of a video, and sheets.

Proof: tests/viz/test_drawn_boxes.py.
"""

import colorsys
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from zoo.ops.boxes.objects import Detections

TURN = 0.618034  # of the colour wheel from one class to the next, the golden section: all differ
TEXT = 32  # the shorter side of an image in heights of its text
SMALLEST, LARGEST = 11, 40  # heights of a text, in pixels
FAR = 100_000  # pixels: a line that is farther away is not seen


def drawn_boxes(
    image: Tensor,
    boxes: Tensor,
    labels: Sequence[str],
    scores: Tensor,
    class_ids: Tensor,
    points: Tensor | None = None,
) -> Image.Image:
    """An image (3, H, W) uint8 with a frame around each object, its class and score above.

    The lowest score is drawn first, so that the highest is on top. A text is kept inside the image
    where it has room; a box that is not finite, or wholly outside, is left out.

    Args:
        boxes: (n, 4), x1 y1 x2 y2 in pixels of the image.
        labels: n texts.
        scores: (n,) in [0, 1].
        class_ids: (n,), each has a colour of its own.
        points: (n, p, 2), dots in the same colour; None for none.
    """
    named = zip(labels, scores.tolist(), strict=True)
    texts = [f"{label} {100 * score:.0f} %" for label, score in named]
    picture = framed(image, boxes.tolist(), texts, class_ids.tolist())
    if points is not None:
        _draw_points(picture, points, class_ids)
    return picture


def framed(
    image: Tensor, boxes: Sequence[Sequence[float]], texts: Sequence[str], colours: Sequence[int]
) -> Image.Image:
    """The same with any text above each box, the first on top, and numbers of colours."""
    picture = Image.fromarray(image.permute(1, 2, 0).contiguous().numpy())
    draw = ImageDraw.Draw(picture)
    height = _text_height(picture.size)
    font = _font(height)
    for box, text, number in reversed(list(zip(boxes, texts, colours, strict=True))):
        if not _seen(box, picture.size):
            continue
        colour = colour_of(number)
        left, top, right, bottom = (round(min(max(x, -FAR), FAR)) for x in box)
        corners = (left, top, max(right - 1, left), max(bottom - 1, top))
        draw.rectangle(corners, outline=colour, width=max(height // 8, 1))
        most = max(picture.width - round(draw.textlength(text, font=font)) - 1, 0)
        at = (min(max(left, 0), most), top - height - 2 if top > height + 2 else top)
        draw.rectangle(draw.textbbox(at, text, font=font), fill=colour)
        draw.text(at, text, fill=_ink(colour), font=font)
    return picture


def figure_of(picture: Image.Image) -> Any:
    """A picture as a matplotlib figure, of its own proportions unless they are extreme."""
    from zoo.viz.curves import new_figure

    width = 8.0
    height = min(max(width * picture.height / picture.width, 1.0), 16.0)
    figure, axes = new_figure(1, 1, width=width, height=height)
    axes.imshow(picture, aspect="auto" if max(picture.size) > 16 * min(picture.size) else None)
    axes.set_axis_off()
    return figure


def _draw_points(picture: Image.Image, points: Tensor, class_ids: Tensor) -> None:
    """Dots with a border that is seen on any ground; one far beside the image is left out."""
    draw = ImageDraw.Draw(picture)
    radius = max(_text_height(picture.size) // 6, 2)
    for dots, number in zip(points.tolist(), class_ids.tolist(), strict=True):
        colour = colour_of(number)
        for x, y in dots:
            if max(abs(x), abs(y)) < FAR:  # not of NaN
                around = (x - radius, y - radius, x + radius, y + radius)
                draw.ellipse(around, fill=colour, outline=_ink(colour))


def side_by_side(
    image: Tensor, answers: Sequence[Detections], titles: Sequence[str], classes: Sequence[str]
) -> Image.Image:
    """One image (3, H, W) uint8 with the boxes of several detectors, a title above each."""
    sheet: Image.Image | None = None
    for number, (found, title) in enumerate(zip(answers, titles, strict=True)):
        names = [classes[i] for i in found.labels.tolist()]
        drawn = drawn_boxes(image, found.boxes, names, found.scores, found.labels)
        height = drawn.height + 2 * SMALLEST
        if sheet is None:
            sheet = Image.new("RGB", (drawn.width * len(answers), height), "white")
        sheet.paste(drawn, (number * drawn.width, 2 * SMALLEST))
        place = (number * drawn.width + 4, 4)
        ImageDraw.Draw(sheet).text(place, title, fill="black", font=_font(SMALLEST))
    if sheet is None:
        raise ValueError("there must be an answer to draw, got none")
    return sheet


def _seen(box: Sequence[float], size: tuple[int, int]) -> bool:
    left, top, right, bottom = box
    inside = left < size[0] and top < size[1] and right >= 0 and bottom >= 0
    return all(map(math.isfinite, box)) and inside and left <= right and top <= bottom


def _text_height(size: tuple[int, int]) -> int:
    return min(max(min(size) // TEXT, SMALLEST), LARGEST)


def _font(height: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib: it has Greek and Cyrillic letters, too."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), height)


def colour_of(number: int) -> tuple[int, int, int]:
    """The colour of a class, red green blue."""
    red, green, blue = colorsys.hsv_to_rgb(number * TURN % 1, 0.85, 0.95)
    return round(255 * red), round(255 * green), round(255 * blue)


def _ink(colour: tuple[int, int, int]) -> str:
    """Black or white, whichever can be read on a colour."""
    red, green, blue = colour
    return "black" if 299 * red + 587 * green + 114 * blue > 140_000 else "white"
