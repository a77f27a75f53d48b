"""Pictures as arrays (h, w) or (h, w, 3) of numbers from 0 to 1, and grids of them.

Proof: tests/viz/layers/test_sheet.py.
"""

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

GROUND = 0.5  # grey: where a signal is zero
PART = 0.995  # of the numbers of a signal are no stronger than what is drawn black or white


def strong(signal: Tensor) -> float:
    """What is drawn in full strength: few numbers are larger; above zero."""
    sizes = np.abs(signal.float().numpy())
    return max(float(np.quantile(sizes, PART, method="higher")), 1e-12)


def signal_array(signal: Tensor) -> np.ndarray:
    """What came back to the pixels (C, h, w) as a picture: zero grey, the largest white or black.

    More channels than colours are averaged.
    """
    colours = signal if signal.shape[0] in (1, 3) else signal.mean(0, keepdim=True)
    scaled = (GROUND + colours / (2 * strong(colours))).clamp(0, 1)
    array: np.ndarray = scaled.permute(1, 2, 0).float().numpy()
    return array[:, :, 0] if array.shape[2] == 1 else array


def shade_array(map: Tensor) -> np.ndarray:
    """A map (h, w) from black, its smallest value, to white."""
    low, high = map.min(), map.max()
    grey = ((map - low) / (high - low).clamp(min=1e-12)).float().numpy()
    return np.repeat(grey[:, :, None], 3, 2)


def tile(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture in the middle of a white square of so many pixels, RGB, enlarged by whole times."""
    rgb = np.repeat(picture[:, :, None], 3, 2) if picture.ndim == 2 else picture
    times = max(side // max(rgb.shape[:2]), 1)
    large = rgb.repeat(times, 0).repeat(times, 1)
    by = math.ceil(max(large.shape[:2]) / side)
    large = large[::by, ::by]
    square = np.ones((side, side, 3), dtype=np.float32)
    top, left = (side - large.shape[0]) // 2, (side - large.shape[1]) // 2
    square[top : top + large.shape[0], left : left + large.shape[1]] = large
    return square


def mosaic(tiles: Sequence[np.ndarray], columns: int, gap: int = 0) -> np.ndarray:
    """Tiles of one size (h, w, 3) in rows, white between them.

    Args:
        gap: pixels; by default a twentieth of a tile.
    """
    height, width = tiles[0].shape[:2] if tiles else (1, 1)
    gap = gap or max(round(height * 0.05), 1)
    rows = max(-(-len(tiles) // columns), 1)
    ground = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), np.float32)
    for number, one in enumerate(tiles):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        ground[top : top + height, left : left + width] = one
    return ground
