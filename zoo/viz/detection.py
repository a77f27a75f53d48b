"""An image with boxes: each class has its colour, its name stands at the box, with the score.

Lines and letters grow with the image, so that a photograph of 4,000 pixels reads like one of 400.
Proof: tests/viz/test_detection.py.
"""

import colorsys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from zoo.viz.mistakes import image_array

LETTERS = 1 / 36  # height of the letters, as part of the image's shorter side
SMALLEST, LARGEST = 10, 64  # pixels of the letters
GOLDEN = 0.618034  # turns of the hue from class to class: neighbours differ, none comes again soon


def draw_boxes(
    image: Tensor,
    boxes: Tensor,
    labels: Sequence[int] | Tensor,
    classes: Sequence[str],
    scores: Sequence[float] | Tensor | None = None,
) -> Tensor:
    """A copy of an image with boxes: (3, H, W) uint8 to the same.

    The first box, of detections the one with the highest score, is on top. What lies outside the
    image is not seen; a box that is not finite is left out.

    Args:
        image: (3, H, W) uint8, or (1, H, W), of which a coloured one is made.
        boxes: (n, 4) x1 y1 x2 y2 in pixels of it.
        labels: (n,) rows of ``classes``.
        classes: names.
        scores: (n,) written after the names; nothing if None.

    >>> image = torch.zeros(3, 40, 60, dtype=torch.uint8)
    >>> drawn = draw_boxes(image, torch.tensor([[10.0, 15.0, 50.0, 35.0]]), [0], ["cat"], [0.9])
    >>> drawn.shape, bool(image.any()), bool(drawn[:, 35, 30].any())
    (torch.Size([3, 40, 60]), False, True)

    Raises:
        ValueError: if boxes, labels and scores are not as many.
    """
    lengths = {len(boxes), len(labels), *([] if scores is None else [len(scores)])}
    if len(lengths) != 1:
        raise ValueError(f"boxes, labels and scores must be as many, got {sorted(lengths)}")
    rows = [int(k) for k in labels]
    texts = [classes[k] for k in rows]
    if scores is not None:
        texts = [f"{text} {float(score):.2f}" for text, score in zip(texts, scores, strict=True)]
    canvas = Image.fromarray(np.ascontiguousarray(image_array(image))).convert("RGB")
    pen = Pen(canvas)
    finite = torch.as_tensor(boxes).isfinite().all(-1).tolist()
    for n in reversed(range(len(texts))):
        if finite[n]:
            pen.box(boxes[n].tolist(), texts[n], colour(rows[n]))
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).contiguous()


def colour(number: int) -> tuple[int, int, int]:
    """Red, green and blue of a class, 0 to 255: light enough for black letters."""
    red, green, blue = colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.75, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


class Pen:
    """Draws boxes and texts on a Pillow image, in sizes that fit it."""

    def __init__(self, canvas: Image.Image) -> None:
        self.size = canvas.size
        self.draw = ImageDraw.Draw(canvas)
        self.letters = min(max(round(LETTERS * min(self.size)), SMALLEST), LARGEST)
        self.line = max(self.letters // 8, 1)
        self.font = font(self.letters)

    def box(self, corners: Sequence[float], text: str, fill: tuple[int, int, int]) -> None:
        """A rectangle, and the text above it: inside where there is no room above."""
        width, height = self.size
        x1, y1, x2, y2 = (
            min(max(round(value), -1), most)  # -1 and the size: the line outside is not seen
            for value, most in zip(corners, (width, height) * 2, strict=True)
        )
        if not (x1 <= x2 and y1 <= y2 and x1 < width and y1 < height and x2 >= 0 and y2 >= 0):
            return
        self.draw.rectangle((x1, y1, x2, y2), outline=fill, width=self.line)
        if text:
            self.text((x1, y1), text, fill)

    def text(self, corner: tuple[int, int], text: str, fill: tuple[int, int, int]) -> None:
        """Black letters on a coloured ground whose lower left corner is ``corner``."""
        long = round(self.draw.textlength(text, font=self.font)) + 2 * self.line
        high = self.letters + 2 * self.line
        left = max(min(corner[0], self.size[0] - long), 0)
        top = corner[1] - high if corner[1] >= high else max(corner[1], 0)
        self.draw.rectangle((left, top, left + long, top + high), fill=fill)
        middle = left + self.line, top + high / 2
        self.draw.text(middle, text, fill="black", font=self.font, anchor="lm")


def font(size: int) -> Any:
    """DejaVu Sans, which matplotlib brings along: it has Greek and Cyrillic letters, too."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), size)
