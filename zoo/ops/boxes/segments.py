"""Graph-based segmentation: an image falls apart where its colours change.

Paper: Felzenszwalb & Huttenlocher 2004, "Efficient Graph-Based Image Segmentation", sec. 3 and 4.
Deviations: no blur before (the image has been reduced). Used by selective_search.
Proof: tests/ops/boxes/test_segments.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))  # down and right: with their reverses all eight


def segments(image: Floats, scale: float, smallest: int) -> Ints:
    """The number of the segment of each pixel, (H, W), from 0 on.

    Two segments stay apart where the smallest difference between neighbours across their border is
    larger than the largest one needed to hold either together, plus ``scale`` / its size.

    Args:
        image: (H, W, C).
        scale: k of the paper: a larger one prefers larger segments; in units of the colours.
        smallest: pixels of a segment; smaller ones join the neighbour that is most like them.
    """
    height, width = image.shape[:2]
    first, second, difference = _edges(image)
    parent, size = list(range(height * width)), [1] * (height * width)
    bound = [scale] * (height * width)  # the largest difference across which a segment grows

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j, weight in zip(first, second, difference, strict=True):
        a, b = root(i), root(j)
        if a != b and weight <= bound[a] and weight <= bound[b]:
            parent[b] = a
            size[a] += size[b]
            bound[a] = weight + scale / size[a]
    for i, j in zip(first, second, strict=True):
        a, b = root(i), root(j)
        if a != b and min(size[a], size[b]) < smallest:
            parent[b] = a
            size[a] += size[b]
    roots = np.array([root(i) for i in range(height * width)])
    return np.unique(roots, return_inverse=True)[1].reshape(height, width)


def _edges(image: Floats) -> tuple[list[int], list[int], list[float]]:
    """Both ends of every edge of the grid, and the difference of their colours, ascending."""
    height, width = image.shape[:2]
    index = np.arange(height * width).reshape(height, width)
    first, second = [], []
    for down, right in NEIGHBOURS:
        first.append(index[: height - down, max(0, -right) : width - max(0, right)].ravel())
        second.append(index[down:, max(0, right) : width + min(0, right)].ravel())
    one, other = np.concatenate(first), np.concatenate(second)
    colours = image.reshape(height * width, -1)
    difference = np.sqrt(((colours[one] - colours[other]) ** 2).sum(1))
    order = difference.argsort(kind="stable")
    return one[order].tolist(), other[order].tolist(), difference[order].tolist()
