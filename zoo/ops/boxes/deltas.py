"""Box regression as deltas from a reference box: an anchor, or a proposal.

Paper: Girshick et al. 2014, "Rich feature hierarchies", arXiv:1311.2524, appendix C, eq. 1 to 9.
Used by rcnn, fast_rcnn, faster_rcnn. Proof: tests/ops/boxes/test_deltas.py.
"""

import math

import torch
from torch import Tensor

Weights = tuple[float, float, float, float]
PLAIN: Weights = (1.0, 1.0, 1.0, 1.0)
LARGEST = math.log(1000 / 16)  # of dw and dh: exp of more could overflow before training settles


def encode(boxes: Tensor, reference: Tensor, weights: Weights = PLAIN) -> Tensor:
    """Deltas (dx, dy, dw, dh) that move and scale ``reference`` to ``boxes``.

    Args:
        boxes, reference: (..., 4), x1 y1 x2 y2; width and height above 0.
        weights: by which the deltas are multiplied, so that all four vary about as much
            (Fast R-CNN divides by their standard deviations 0.1 0.1 0.2 0.2).

    >>> encode(torch.tensor([1.0, 2, 21, 12]), torch.tensor([0.0, 0, 20, 10])).tolist()
    [0.05000000074505806, 0.20000000298023224, 0.0, 0.0]
    """
    centre, size = _centres(boxes)
    from_centre, from_size = _centres(reference)
    moved = (centre - from_centre) / from_size
    return torch.cat([moved, (size / from_size).log()], -1) * boxes.new_tensor(weights)


def decode(deltas: Tensor, reference: Tensor, weights: Weights = PLAIN) -> Tensor:
    """The boxes that ``deltas`` make of ``reference``: the reverse of ``encode``.

    Args:
        deltas, reference: (..., 4); of each the leading axes may be 1.
    """
    deltas = deltas / deltas.new_tensor(weights)
    from_centre, from_size = _centres(reference)
    centre = deltas[..., :2] * from_size + from_centre
    half = deltas[..., 2:].clamp_max(LARGEST).exp() * from_size / 2
    return torch.cat([centre - half, centre + half], -1)


def _centres(boxes: Tensor) -> tuple[Tensor, Tensor]:
    size = boxes[..., 2:] - boxes[..., :2]
    return boxes[..., :2] + size / 2, size
