"""From a YOLO network's numbers to boxes: the decoding of its three papers, and the selection.

Papers: Redmon et al. 2015, arXiv:1506.02640 (v1); Redmon & Farhadi 2016, arXiv:1612.08242, sec. 2
(v2); Redmon & Farhadi 2018, arXiv:1804.02767, sec. 2.1 (v3). Notes: course 4, week 3, "YOLO".
Boxes come out as x1 y1 x2 y2 in pixels of the input. The trap: later networks of the same name
(from YOLOv4 on) decode with 2 sigmoid(t) - 0.5 and (2 sigmoid(t))^2, which these papers do not.
Proof: tests/ops/boxes/test_yolo.py (loops over cells and anchors, by hand).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.ops.boxes.nms import nms_per_class
from zoo.ops.boxes.objects import Detections

Pairs = Sequence[Sequence[float]]  # width and height of each anchor

LARGEST_PART = 1e3  # images; beyond it nothing is a box
LARGEST_T = 20.0  # exp(20) anchors is beyond any image; its square is still a float32
FIRST = 4096  # candidates that NMS looks at first


class Decoded(NamedTuple):
    """Every box that a network proposes for a batch, good and bad.

    Attributes:
        boxes: (N, n, 4) x1 y1 x2 y2 in pixels of the input.
        scores: (N, n, K) objectness times the probability of each class.
    """

    boxes: Tensor
    scores: Tensor


def cells(raw: Tensor, anchors: int) -> Tensor:
    """A head's map (N, A (5 + K), h, w) as (N, A, h, w, 5 + K): tx ty tw th objectness classes."""
    n, channels, h, w = raw.shape
    return raw.view(n, anchors, channels // anchors, h, w).permute(0, 1, 3, 4, 2)


def corners(columns: Tensor, rows: Tensor, stride: int) -> Tensor:
    """The upper left corner (h, w, 2) of each cell, x y, in cells; shaped as two ranges say."""
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack((x, y), -1) * stride


def decode_v1(raw: Tensor, grid: int, boxes: int, size: tuple[int, int]) -> Decoded:
    """The last layer of YOLOv1: all class probabilities, all confidences, all boxes.

    Each is ordered by rows and columns. A box is x y in its cell and the square roots of its width
    and height, as parts of the image. Nothing is squashed; scores are cut to [0, 1] here.

    Args:
        raw: (N, S S (K + 5 B)).
        grid, boxes: S and B.
        size: H and W of the images.
    """
    t = floats(raw)
    n, area = len(t), grid * grid
    classes = t.shape[1] // area - 5 * boxes
    probability, confidence, box = t.split([area * k for k in (classes, boxes, 4 * boxes)], 1)
    box = box.view(n, grid, grid, boxes, 4).clamp(-LARGEST_PART, LARGEST_PART)
    steps = torch.arange(grid, device=t.device, dtype=t.dtype)
    pixels = t.new_tensor([size[1], size[0]])
    centre = (box[..., :2] + corners(steps, steps, 1)[:, :, None]) / grid * pixels
    half = box[..., 2:].square() * pixels / 2
    scores = confidence.view(n, area, boxes, 1) * probability.view(n, area, 1, classes)
    placed = torch.cat((centre - half, centre + half), -1)
    return Decoded(placed.flatten(1, 3), scores.flatten(1, 2).clamp(0, 1))


def decode_v2(raw: Tensor, anchors: Pairs, stride: int) -> Decoded:
    """The map of YOLOv2: as v3, but a softmax over the classes, and anchors in cells.

    Args:
        raw: (N, A (5 + K), h, w).
        anchors: A of them, in cells.
        stride: pixels of a cell's side.
    """
    t = cells(floats(raw), len(anchors))
    boxes = placed_boxes(t, [[side * stride for side in pair] for pair in anchors], stride)
    scores = t[..., 4:5].sigmoid() * t[..., 5:].softmax(-1)
    return Decoded(_in_rows(boxes), _in_rows(scores))


def decode_v3(
    maps: Sequence[Tensor], anchors: Pairs, masks: Sequence[Sequence[int]], strides: Sequence[int]
) -> Decoded:
    """The heads of YOLOv3, one after the other: sigmoid classes, anchors in pixels.

    Args:
        maps: (N, A (5 + K), h, w) of each head.
        anchors: all of them.
        masks: which ones each head has.
        strides: pixels of a cell's side in each head.
    """
    heads = [
        decode_head(raw, [anchors[i] for i in mask], stride)
        for raw, mask, stride in zip(maps, masks, strides, strict=True)
    ]
    return Decoded(*(torch.cat(parts, 1) for parts in zip(*heads, strict=True)))


def decode_head(raw: Tensor, anchors: Pairs, stride: int) -> Decoded:
    """A head of YOLOv3: b = (cell + sigmoid(t)) stride, size = anchor exp(t), sigmoid classes.

    Args:
        raw: (N, A (5 + K), h, w).
        anchors: of this head, A of them, in pixels of the input.
        stride: pixels of a cell's side.

    Returns:
        boxes (N, h w A, 4), ordered by rows, columns, anchors as in Darknet.
    """
    t = cells(floats(raw), len(anchors))
    boxes = placed_boxes(t, anchors, stride)
    scores = t[..., 4:5].sigmoid() * t[..., 5:].sigmoid()
    return Decoded(_in_rows(boxes), _in_rows(scores))


def placed_boxes(t: Tensor, anchors: Pairs, stride: int) -> Tensor:
    """(N, A, h, w, 5 + K) to boxes (N, A, h, w, 4); ``anchors`` in pixels."""
    rows, columns = (torch.arange(side, device=t.device, dtype=t.dtype) for side in t.shape[2:4])
    centre = t[..., :2].sigmoid() * stride + corners(columns, rows, stride)
    priors = t.new_tensor([list(pair) for pair in anchors])[:, None, None]  # (A, 1, 1, 2)
    half = t[..., 2:4].clamp(max=LARGEST_T).exp() * priors / 2
    return torch.cat((centre - half, centre + half), -1)


def floats(raw: Tensor) -> Tensor:
    """At least float32: half of it rounds 400 pixels to a quarter of one."""
    return raw if raw.dtype == torch.float64 else raw.float()


def _in_rows(values: Tensor) -> Tensor:
    """(N, A, h, w, D) to (N, h w A, D)."""
    return values.permute(0, 2, 3, 1, 4).flatten(1, 3)


@torch.no_grad()
def select(decoded: Decoded, *, threshold: float, overlap: float, limit: int) -> list[Detections]:
    """Greedy non-maximum suppression for each class of each image, then the best ``limit``.

    One box may be found as several classes, as in Darknet.

    Args:
        threshold: a score counts if it is higher.
        overlap: of two boxes of a class with a higher IoU, that with the lower score is left out.
    """
    return [
        _select(boxes, scores, threshold, overlap, limit)
        for boxes, scores in zip(decoded.boxes.float(), decoded.scores.float(), strict=True)
    ]


def _select(
    boxes: Tensor, scores: Tensor, threshold: float, overlap: float, limit: int
) -> Detections:
    """Boxes (n, 4) and scores (n, K).

    What greedy suppression keeps of the best M candidates is the beginning of what it keeps of all,
    so M grows only until ``limit`` are found: an untrained network has a million candidates.
    """
    which, label = (scores > threshold).nonzero(as_tuple=True)
    ranked, order = scores[which, label].sort(descending=True, stable=True)
    which, label = which[order], label[order]
    few = FIRST
    while True:
        kept = nms_per_class(boxes[which[:few]], ranked[:few], label[:few], overlap)[:limit]
        if len(kept) >= limit or few >= len(ranked):
            return Detections(boxes[which[kept]], label[kept], ranked[kept])
        few *= 4
