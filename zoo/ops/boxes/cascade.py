"""Between the networks of a cascade of faces: the pyramid, candidates, squares, cuts, suppression.

Zhang et al. 2016, "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional
Networks", arXiv:1604.02878, fig. 1. The paper leaves the arithmetic open. It is that of the
authors' program, from which the published weights come: pixels are counted from 1 and at both
ends, so the side of a box is x2 - x1 + 1 (but x2 - x1 after the first network), and a cut from
(x1, y1) to (x2, y2) begins at row y1 - 1. Proof: tests/ops/boxes/test_cascade.py.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate

CELL, STRIDE = 12, 2  # pixels of what the first network sees at once, and between two of them


class Candidates(NamedTuple):
    """Boxes that may be faces, of a batch of images.

    Attributes:
        image: (n,) int64, the number of the image in the batch.
        boxes: (n, 4), x1 y1 x2 y2 in pixels of the image; they may reach beyond it.
        scores: (n,).
    """

    image: Tensor
    boxes: Tensor
    scores: Tensor

    def pick(self, index: Tensor) -> "Candidates":
        """Those that an index or a mask (n,) chooses."""
        return Candidates(*(field[index] for field in self))


def pyramid(height: int, width: int, smallest: float, factor: float) -> list[float]:
    """The scales of an image at which faces of ``smallest`` pixels and more have ``CELL`` pixels.

    >>> [round(scale, 3) for scale in pyramid(48, 40, smallest=20, factor=0.709)]
    [0.6, 0.425, 0.302]
    """
    scale, scales = CELL / smallest, []
    side = min(height, width) * scale
    while side >= CELL:
        scales.append(scale)
        scale, side = scale * factor, side * factor
    return scales


def scaled_size(height: int, width: int, scale: float) -> tuple[int, int]:
    """Height and width of a level of the pyramid."""
    return int(height * scale + 1), int(width * scale + 1)


def cells(row: Tensor, column: Tensor, scale: float, dtype: torch.dtype) -> Tensor:
    """What cells (n,) of the first network's map see, as boxes (n, 4) in pixels of the image."""
    first = torch.stack((column, row), 1).to(dtype) * STRIDE
    return torch.cat((((first + 1) / scale).floor(), ((first + CELL) / scale).floor()), 1)


def moved(boxes: Tensor, offsets: Tensor, ends: int) -> Tensor:
    """Boxes (n, 4) whose corners are moved by ``offsets`` (n, 4), in sides of the box.

    Args:
        ends: 1 if a side counts the pixels at both ends, 0 if not.
    """
    sides = boxes[:, 2:] - boxes[:, :2] + ends
    return boxes + offsets * sides.repeat(1, 2)


def squared(boxes: Tensor) -> Tensor:
    """Boxes (n, 4) to squares of the longer side around the same centre.

    >>> squared(torch.tensor([[0.0, 0.0, 10.0, 20.0]]))
    tensor([[-5.,  0., 15., 20.]])
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.max(1, keepdim=True).values
    corner = boxes[:, :2] + (sides - longer) / 2
    return torch.cat((corner, corner + longer), 1)


def inside(boxes: Tensor, height: int, width: int) -> Tensor:
    """(n, 4) int64, the columns and rows of an image in each box: left, top, right, bottom.

    right and bottom are the first that are no longer in it; they are not above left and top for a
    box beside the image.
    """
    whole = boxes.trunc().long()
    most = whole.new_tensor([width, height])
    return torch.cat((whole[:, :2].clamp_min(1) - 1, whole[:, 2:].minimum(most)), 1)


def cuts(images: Tensor, found: Candidates, side: int) -> tuple[Tensor, Candidates]:
    """The candidates' pixels, each averaged over areas to one size.

    Args:
        images: (N, C, H, W).

    Returns:
        (m, C, side, side), and the m candidates that have a pixel in their image.
    """
    bounds = inside(found.boxes, *images.shape[2:])
    seen = (bounds[:, 2:] > bounds[:, :2]).all(1)
    found = found.pick(seen)
    places = zip(found.image.tolist(), bounds[seen].tolist(), strict=True)
    parts = [
        interpolate(images[i : i + 1, :, top:bottom, left:right], (side, side), mode="area")
        for i, (left, top, right, bottom) in places
    ]
    return torch.cat(parts) if parts else images.new_zeros(0, images.shape[1], side, side), found


def nms_of_smaller(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Greedy non-maximum suppression by the share of the smaller box that the other one covers.

    So a face inside a larger one goes, whatever their IoU. Of equal scores the higher index comes
    first, as in the authors' program; the pixels at both ends of a side count.

    Args:
        boxes: (n, 4), x1 y1 x2 y2.
        scores: (n,).
        threshold: of the share; above it the box with the lower score is removed.

    Returns:
        (k,) int64, the highest score first.
    """
    left = scores.argsort(stable=True).flip(0)
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[_share(boxes[best], boxes[left]) <= threshold]
    return torch.stack(kept) if kept else left


def _share(box: Tensor, others: Tensor) -> Tensor:
    """Of a box (4,) with each of (n, 4): their common pixels in parts of those of the smaller."""
    first, last = box[:2].maximum(others[:, :2]), box[2:].minimum(others[:, 2:])
    common = (last - first + 1).clamp_min(0).prod(1)
    areas = (others[:, 2:] - others[:, :2] + 1).prod(1)
    return common / areas.minimum((box[2:] - box[:2] + 1).prod())
