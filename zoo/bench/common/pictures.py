"""Made-up pictures as PNG files in memory, for the plain sides of ``zoo bench predict``."""

import io

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor


def blobs(seed: int, width: int, height: int) -> bytes:
    """A PNG in colour: a ground and some filled ellipses, always the same for a seed."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), _colour(draw))
    for _ in range(6):
        left, top = int(draw.integers(0, width)), int(draw.integers(0, height))
        wide, high = draw.integers(width // 8, width // 2, 2).tolist()
        box = (left, top, left + wide, top + high)
        ImageDraw.Draw(image).ellipse(box, _colour(draw))
    return _png(image)


def strokes(seed: int, side: int) -> bytes:
    """A PNG in grey: light strokes on a dark ground."""
    draw = np.random.default_rng(seed)
    image = Image.new("L", (side, side), 0)
    points = draw.integers(side // 8, side - side // 8, (5, 2)).tolist()
    ImageDraw.Draw(image).line([tuple(point) for point in points], 255, 2)
    return _png(image)


def unpacked(raw: bytes) -> Tensor:
    """A PNG as (C, H, W) float32 in [0, 1], read by Pillow."""
    pixels = torch.from_numpy(np.atleast_3d(np.array(Image.open(io.BytesIO(raw)))).copy())
    return pixels.permute(2, 0, 1).float() / 255


def _colour(draw: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = draw.integers(0, 256, 3).tolist()
    return red, green, blue


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
