"""Boxes drawn into an image's own pixels, in milliseconds: for frames of a video, and sheets.

Proof: tests/viz/test_drawn_boxes.py.
"""

import colorsys
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

TURN = 0.618034  # of the colour wheel from one class to the next, the golden section: all differ
TEXT = 32  # the shorter side of an image in heights of its text
SMALLEST, LARGEST = 11, 40  # heights of a text, in pixels


def drawn_boxes(
    image: Tensor, boxes: Tensor, labels: Sequence[str], scores: Tensor, class_ids: Tensor
) -> Image.Image:
    """An image (3, H, W) uint8 with a frame around each object, its class and score above.

    The lowest score is drawn first, so that the highest is on top.

    Args:
        boxes: (n, 4), x1 y1 x2 y2 in pixels of the image.
        labels: n texts.
        scores: (n,) in [0, 1].
        class_ids: (n,), each has a colour of its own.
    """
    picture = Image.fromarray(image.permute(1, 2, 0).contiguous().numpy())
    draw = ImageDraw.Draw(picture)
    height = min(max(min(picture.size) // TEXT, SMALLEST), LARGEST)
    font = ImageFont.load_default(height)
    rows = zip(boxes.tolist(), labels, scores.tolist(), class_ids.tolist(), strict=True)
    for box, label, score, number in reversed(list(rows)):
        colour = colour_of(number)
        left, top, right, bottom = (round(x) for x in box)
        corners = (left, top, max(right - 1, left), max(bottom - 1, top))
        draw.rectangle(corners, outline=colour, width=max(height // 8, 1))
        text = f"{label} {100 * score:.0f} %"
        at = (max(left, 0), top - height - 2 if top > height + 2 else top)
        draw.rectangle(draw.textbbox(at, text, font=font), fill=colour)
        draw.text(at, text, fill=_ink(colour), font=font)
    return picture


def colour_of(number: int) -> tuple[int, int, int]:
    """The colour of a class, red green blue."""
    red, green, blue = colorsys.hsv_to_rgb(number * TURN % 1, 0.85, 0.95)
    return round(255 * red), round(255 * green), round(255 * blue)


def _ink(colour: tuple[int, int, int]) -> str:
    """Black or white, whichever can be read on a colour."""
    red, green, blue = colour
    return "black" if 299 * red + 587 * green + 114 * blue > 140_000 else "white"
