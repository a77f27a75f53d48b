"""Selective search: proposals from segments that are merged, the most alike first.

Paper: Uijlings, van de Sande, Gevers, Smeulders 2013, "Selective Search for Object Recognition",
sec. 3. Notes: course 4, week 3, "Region proposals" (the segmentation of the picture with blobs).
Used by rcnn and fast_rcnn, whose papers have it.
Deviations: two first segmentations in RGB and no texture, where the paper's fast mode has eight
segmentations, two colour spaces and texture; the image is reduced to 160 pixels first. So there are
some hundred proposals instead of 2,000, in a fifth of a second. Proof:
tests/ops/boxes/test_selective_search.py.
"""

import heapq

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from zoo.ops.boxes.segments import Ints, segments

SIDE = 160  # pixels of the longer side of what is segmented
SCALES = (50.0, 200.0)  # of the segmentations, for colours from 0 to 255
SMALLEST = 8  # pixels of a segment
BINS = 25  # of a histogram of colours

Floats = NDArray[np.float64]


def selective_search(image: Tensor, most: int = 2000) -> Tensor:
    """The proposals (r, 4) for an image, in pixels of it, what was merged last first.

    Args:
        image: (C, H, W), in any units: it is stretched to 0 to 255.
        most: proposals; the smallest segments are left out.
    """
    height, width = image.shape[1:]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    small = interpolate(image[None].float().cpu(), size=size, mode="bilinear", antialias=True)[0]
    low, high = small.aminmax()
    pixels = ((small - low) / (high - low).clamp_min(1e-9) * 255).permute(1, 2, 0).double().numpy()
    boxes: dict[tuple[float, ...], None] = {}  # in order, each once
    rounds = [merged(pixels, segments(pixels, k, SMALLEST)) for k in SCALES]
    for row in range(max(map(len, rounds))):
        boxes.update((tuple(one[row].tolist()), None) for one in rounds if row < len(one))
    corners = torch.tensor(list(boxes)[:most], dtype=torch.float32)
    back = torch.tensor([width / size[1], height / size[0]] * 2)
    return (corners * back).to(image.device)


def merged(pixels: Floats, segment: Ints) -> Floats:
    """The boxes of the segments and of all that is made of them, what was merged last first.

    The two neighbours that are most alike become one, until there is one (algorithm 1): alike in
    colour, small, and filling the box around both (sec. 3.2).

    Args:
        pixels: (H, W, C) from 0 to 255.
        segment: (H, W).

    Returns:
        (2 S - 1, 4) for S segments that hang together.
    """
    groups = _Groups(pixels, segment)
    pairs = [(i, j) for i in range(groups.count) for j in groups.beside[i] if i < j]
    heap = [(-groups.likeness(i, j), i, j) for i, j in pairs]
    heapq.heapify(heap)
    gone: set[int] = set()
    while heap:
        _, i, j = heapq.heappop(heap)
        if i in gone or j in gone:
            continue
        gone |= {i, j}
        new = groups.merge(i, j)
        for k in groups.beside[new]:
            heapq.heappush(heap, (-groups.likeness(k, new), k, new))
    return groups.box[: groups.count][::-1]


class _Groups:
    """Segments and what they were merged to: size, colours, box, neighbours of each.

    Attributes:
        count: how many there are so far.
        box: (2 S, 4) x1 y1 x2 y2.
        beside: the neighbours of each group that are not merged yet.
    """

    def __init__(self, pixels: Floats, segment: Ints) -> None:
        height, width, channels = pixels.shape
        self.area, self.count = height * width, int(segment.max()) + 1
        number, room = segment.ravel(), 2 * self.count
        self.size = np.zeros(room)
        self.size[: self.count] = np.bincount(number)
        self.colours = np.zeros((room, channels * BINS))
        level = np.clip(pixels.reshape(-1, channels) * BINS / 256, 0, BINS - 1).astype(np.int64)
        for c in range(channels):
            np.add.at(self.colours, (number, level[:, c] + c * BINS), 1 / channels)
        self.colours[: self.count] /= self.size[: self.count, None]
        self.box = np.zeros((room, 4))
        self.box[:, :2] = np.inf
        y, x = (axis.ravel() for axis in np.mgrid[:height, :width])
        np.minimum.at(self.box[:, 0], number, x)
        np.minimum.at(self.box[:, 1], number, y)
        np.maximum.at(self.box[:, 2], number, x + 1)
        np.maximum.at(self.box[:, 3], number, y + 1)
        self.beside = _neighbours(segment, room)

    def likeness(self, i: int, j: int) -> float:
        """Colour + size + fill, each up to 1 (the paper's a1 s_colour + a3 s_size + a4 s_fill)."""
        colour = np.minimum(self.colours[i], self.colours[j]).sum()
        together = (self.size[i] + self.size[j]) / self.area
        x1, y1, x2, y2 = self._around(i, j)
        hole = (x2 - x1) * (y2 - y1) / self.area - together
        return float(colour + (1 - together) + (1 - hole))

    def merge(self, i: int, j: int) -> int:
        """Make one of two; its number."""
        new, self.count = self.count, self.count + 1
        sizes = self.size[[i, j]]
        self.size[new] = sizes.sum()
        self.colours[new] = sizes @ self.colours[[i, j]] / sizes.sum()
        self.box[new] = self._around(i, j)
        self.beside[new] = (self.beside[i] | self.beside[j]) - {i, j}
        for k in self.beside[new]:
            self.beside[k] -= {i, j}
            self.beside[k].add(new)
        return new

    def _around(self, i: int, j: int) -> Floats:
        low = np.minimum(self.box[i, :2], self.box[j, :2])
        return np.concatenate([low, np.maximum(self.box[i, 2:], self.box[j, 2:])])


def _neighbours(segment: Ints, room: int) -> list[set[int]]:
    beside: list[set[int]] = [set() for _ in range(room)]
    for one, other in ((segment[:, :-1], segment[:, 1:]), (segment[:-1], segment[1:])):
        differ = one != other
        for i, j in set(zip(one[differ].tolist(), other[differ].tolist(), strict=True)):
            beside[i].add(j)
            beside[j].add(i)
    return beside
