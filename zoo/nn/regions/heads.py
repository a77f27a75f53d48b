"""What a region holds, and where exactly: the layers behind the 7 x 7 cells, and their answer.

Paper: Girshick 2015, "Fast R-CNN", arXiv:1504.08083, sec. 2.1 and 2.3. Used by rcnn, fast_rcnn,
faster_rcnn. Parameter names are torchvision's. Proof: tests/nn/regions/test_heads.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from zoo.nn.regions.backbone import full
from zoo.nn.regions.sampling import Regions
from zoo.nn.scored_form import best_of
from zoo.ops.boxes.deltas import Weights, decode
from zoo.ops.boxes.formats import clipped
from zoo.ops.boxes.nms import nms_per_class
from zoo.ops.boxes.objects import Detections

WEIGHTS: Weights = (10.0, 10.0, 5.0, 5.0)  # of the deltas: 1 / 0.1 and 1 / 0.2
NARROWEST = 1e-2  # pixels of a detection's side


class RegionOutputs(NamedTuple):
    """What a network says of the regions of all images, and what it should have said.

    Attributes:
        logits: (R, K + 1), background first.
        deltas: (R, K + 1, 4) from the regions, for each class.
        regions: R of them, in training; else None.
    """

    logits: Tensor
    deltas: Tensor
    regions: Regions | None


class TwoLayers(nn.Module):
    """Two fully connected layers with ReLU."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.fc6 = nn.Linear(inputs, width)
        self.fc7 = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Regions (R, C, 7, 7) to features (R, D)."""
        return self.fc7(self.fc6(x.flatten(1)).relu()).relu()


class Predictor(nn.Module):
    """Logits of K classes and background, and deltas for each of them."""

    def __init__(self, inputs: int, num_classes: int) -> None:
        super().__init__()
        self.cls_score = nn.Linear(inputs, num_classes + 1)
        self.bbox_pred = nn.Linear(inputs, 4 * (num_classes + 1))
        for layer, std in ((self.cls_score, 0.01), (self.bbox_pred, 0.001)):  # sec. 2.3
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Features (R, D) to logits (R, K + 1) and deltas (R, K + 1, 4), float32."""
        logits = full(self.cls_score(x))
        return logits, full(self.bbox_pred(x)).view(*logits.shape, 4)


class RegionHeads(nn.Module):
    """Features of a region, then its class and its box.

    Args:
        box_head: regions (R, C, 7, 7) to features (R, D).
        inputs: D.
    """

    def __init__(self, box_head: nn.Module, inputs: int, num_classes: int) -> None:
        super().__init__()
        self.box_head, self.inputs = box_head, inputs
        self.reset_classifier(num_classes)

    def reset_classifier(self, num_classes: int) -> None:
        """New last layers for other classes."""
        if num_classes < 1:
            raise ValueError(f"num_classes must be at least 1, got {num_classes}")
        like = next(self.box_head.parameters())
        self.box_predictor = Predictor(self.inputs, num_classes).to(like)
        self.num_classes = num_classes

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Regions (R, C, 7, 7) to logits (R, K + 1) and deltas (R, K + 1, 4)."""
        logits, deltas = self.box_predictor(self.box_head(x))
        return logits, deltas


def best_in_each(outputs: RegionOutputs, proposals: Sequence[Tensor]) -> Tensor:
    """The highest probability of each class over the regions of each image, (N, K).

    Args:
        proposals: (r, 4) of each image, R together.
    """
    return best_of(outputs.logits.softmax(1)[:, 1:], [len(one) for one in proposals])


@torch.no_grad()
def found_in_each(
    outputs: RegionOutputs,
    proposals: Sequence[Tensor],
    size: tuple[int, int],
    *,
    threshold: float,
    overlap: float,
    limit: int,
) -> list[Detections]:
    """The detections in each image.

    Args:
        proposals: (r, 4) of each image, R together.
        size: height and width of the images, to which boxes are clipped.
        threshold, overlap, limit: as of ``Detector.detect``.
    """
    counts = [len(one) for one in proposals]
    scores = outputs.logits.softmax(1)[:, 1:]  # (R, K)
    boxes = decode(outputs.deltas[:, 1:], torch.cat(list(proposals))[:, None], WEIGHTS)
    found = []
    for score, box in zip(scores.split(counts), clipped(boxes, *size).split(counts), strict=True):
        large = ((box[..., 2:] - box[..., :2]) >= NARROWEST).all(2)  # (r, K)
        row, label = ((score > threshold) & large).nonzero(as_tuple=True)
        kept = nms_per_class(box[row, label], score[row, label], label, overlap)[:limit]
        row, label = row[kept], label[kept]
        found.append(Detections(box[row, label], label, score[row, label]))
    return found
