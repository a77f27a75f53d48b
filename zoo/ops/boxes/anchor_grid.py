"""Reference boxes at every position of a feature map.

Paper: Ren et al. 2015, "Faster R-CNN", arXiv:1506.01497, sec. 3.1.1, "Anchors". Notes: course 4,
week 3, "Anchor boxes". Proof: tests/ops/boxes/test_anchor_grid.py.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def base_anchors(sizes: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Boxes (A, 4) around the origin, of each ratio all sizes; corners are whole pixels.

    Args:
        sizes: square roots of the areas, in pixels.
        ratios: height / width.

    >>> base_anchors([16], [1.0, 4.0]).tolist()
    [[-8.0, -8.0, 8.0, 8.0], [-4.0, -16.0, 4.0, 16.0]]
    """
    root = torch.tensor(ratios).sqrt()[:, None]
    size = torch.tensor(sizes, dtype=root.dtype)[None]
    width, height = (size / root).flatten(), (size * root).flatten()
    return (torch.stack([-width, -height, width, height], 1) / 2).round()


def anchor_grid(base: Tensor, rows: int, columns: int, stride: tuple[int, int]) -> Tensor:
    """The boxes around each position of a map, (rows * columns * A, 4), in pixels of the image.

    The position in row i and column j lies at pixel (j * stride, i * stride).

    Args:
        base: (A, 4) of ``base_anchors``.
        stride: pixels between rows, and between columns.
    """
    y = torch.arange(rows, device=base.device, dtype=base.dtype) * stride[0]
    x = torch.arange(columns, device=base.device, dtype=base.dtype) * stride[1]
    y, x = torch.meshgrid(y, x, indexing="ij")
    corner = torch.stack([x, y, x, y], -1).view(-1, 1, 4)
    return (corner + base).view(-1, 4)
