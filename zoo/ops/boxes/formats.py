"""Box formats: corners, corner and size, centre and size; and boxes cut at the image's edge.

Everywhere between files boxes are x1 y1 x2 y2 in pixels (xyxy). COCO's files have xywh: the left
upper corner, width, height. YOLO's have cxcywh: the centre, width, height, in parts of the image.
All functions take float tensors (..., 4) of any unit and are differentiable.
Proof: tests/ops/boxes/test_formats.py.
"""

import torch
from torch import Tensor


def xyxy_to_xywh(boxes: Tensor) -> Tensor:
    """x1 y1 x2 y2 to x1 y1 w h.

    >>> xyxy_to_xywh(torch.tensor([[1.0, 2.0, 11.0, 22.0]]))
    tensor([[ 1.,  2., 10., 20.]])
    """
    first, last = boxes[..., :2], boxes[..., 2:]
    return torch.cat([first, last - first], -1)


def xywh_to_xyxy(boxes: Tensor) -> Tensor:
    """x1 y1 w h to x1 y1 x2 y2.

    >>> xywh_to_xyxy(torch.tensor([[1.0, 2.0, 10.0, 20.0]]))
    tensor([[ 1.,  2., 11., 22.]])
    """
    first, size = boxes[..., :2], boxes[..., 2:]
    return torch.cat([first, first + size], -1)


def xyxy_to_cxcywh(boxes: Tensor) -> Tensor:
    """x1 y1 x2 y2 to cx cy w h.

    >>> xyxy_to_cxcywh(torch.tensor([[1.0, 2.0, 11.0, 22.0]]))
    tensor([[ 6., 12., 10., 20.]])
    """
    first, last = boxes[..., :2], boxes[..., 2:]
    return torch.cat([(first + last) / 2, last - first], -1)


def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    """Centre and size, cx cy w h, to x1 y1 x2 y2.

    >>> cxcywh_to_xyxy(torch.tensor([[6.0, 12.0, 10.0, 20.0]]))
    tensor([[ 1.,  2., 11., 22.]])
    """
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([centre - half, centre + half], -1)


def clipped(boxes: Tensor, height: float, width: float) -> Tensor:
    """Boxes x1 y1 x2 y2 cut at the edge of an image; one beside it is left without area.

    >>> clipped(torch.tensor([[-5.0, 2.0, 11.0, 22.0]]), 20, 10)
    tensor([[ 0.,  2., 10., 20.]])
    """
    most = boxes.new_tensor([width, height, width, height])
    return boxes.clamp_min(0).minimum(most)
