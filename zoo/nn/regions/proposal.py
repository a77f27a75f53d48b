"""The region proposal network: where on the map may an object be, of whatever class?

Paper: Ren, He, Girshick, Sun 2015, "Faster R-CNN: Towards Real-Time Object Detection with Region
Proposal Networks", arXiv:1506.01497, sec. 3.1; several maps as Lin et al. 2017, arXiv:1612.03144,
sec. 4.1. Notes: course 4, week 3, "Region proposals".
Deviations: one logit for "object" instead of a softmax over two (the paper's own alternative).
Parameter names are torchvision's. Proof: tests/nn/regions/test_proposal.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from zoo.nn.regions.backbone import full
from zoo.ops.boxes.anchor_grid import anchor_grid, base_anchors
from zoo.ops.boxes.deltas import decode
from zoo.ops.boxes.formats import clipped
from zoo.ops.boxes.nms import nms_per_class

SMALLEST = 1e-3  # pixels of a proposal's side


class Proposed(NamedTuple):
    """What the network says of every anchor.

    Attributes:
        anchors: (A, 4), x1 y1 x2 y2 in pixels of the input.
        objectness: (N, A) logits.
        deltas: (N, A, 4) from the anchors.
        levels: (A,) which of all sizes on all maps each anchor has.
    """

    anchors: Tensor
    objectness: Tensor
    deltas: Tensor
    levels: Tensor


class RPNHead(nn.Module):
    """A 3x3 convolution that slides over the map, then objectness and deltas of A anchors."""

    def __init__(self, channels: int, maps: int, anchors: int) -> None:
        super().__init__()
        conv = nn.Conv2d(channels, maps, 3, padding=1)
        self.conv = nn.Sequential(nn.Sequential(conv, nn.ReLU(inplace=True)))
        self.cls_logits = nn.Conv2d(maps, anchors, 1)
        self.bbox_pred = nn.Conv2d(maps, 4 * anchors, 1)
        for layer in (conv, self.cls_logits, self.bbox_pred):
            nn.init.normal_(layer.weight, std=0.01)  # sec. 3.1.3
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """A map (N, C, h, w) to logits (N, h * w * A) and deltas (N, h * w * A, 4)."""
        seen = self.conv(x)
        objectness = self.cls_logits(seen).permute(0, 2, 3, 1).flatten(1)
        deltas = self.bbox_pred(seen).permute(0, 2, 3, 1)
        return full(objectness), full(deltas).reshape(len(x), -1, 4)


class RegionProposal(nn.Module):
    """Anchors, the head that judges and moves them, and the choice of proposals.

    Args:
        channels: of each map.
        maps: of the 3x3 convolution.
        sizes: of the anchors on each map, in pixels.
        ratios: height / width of the anchors.
        foreground, background: an anchor whose highest IoU with a truth is at least the first is
            trained as an object, below the second as none.
        keep: proposals of an image, in training and after it.
        before: anchors of a size that enter non-maximum suppression, in training and after it.
        centred: anchors stand on the middle of a cell, else on its corner as torchvision's do.
    """

    def __init__(
        self,
        channels: int,
        maps: int,
        sizes: Sequence[Sequence[float]],
        ratios: Sequence[float],
        *,
        foreground: float = 0.7,
        background: float = 0.3,
        keep: tuple[int, int] = (2000, 1000),
        before: tuple[int, int] = (2000, 1000),
        centred: bool = True,
    ) -> None:
        super().__init__()
        self.sizes, self.ratios, self.centred = sizes, ratios, centred
        self.foreground, self.background = foreground, background
        self.keep, self.before = keep, before
        self.head = RPNHead(channels, maps, len(sizes[0]) * len(ratios))

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Proposed:
        """Maps (N, C, h, w), the finest first, to what is said of every anchor.

        Args:
            size: height and width of the padded images that the maps were made of.
        """
        said = [self.head(one) for one in features]
        grids = [
            self._grid(one, sizes, size) for one, sizes in zip(features, self.sizes, strict=True)
        ]
        levels = [
            torch.arange(len(grid)) % len(sizes) + i * len(sizes)
            for i, (grid, sizes) in enumerate(zip(grids, self.sizes, strict=True))
        ]
        return Proposed(
            torch.cat(grids),
            torch.cat([objectness for objectness, _ in said], 1),
            torch.cat([deltas for _, deltas in said], 1),
            torch.cat(levels).to(features[0].device),
        )

    def _grid(self, features: Tensor, sizes: Sequence[float], size: tuple[int, int]) -> Tensor:
        rows, columns = features.shape[2:]
        stride = (size[0] // rows, size[1] // columns)
        base = base_anchors(sizes, self.ratios).to(full(features))
        if self.centred:
            base = base + base.new_tensor([stride[1], stride[0]] * 2) / 2
        return anchor_grid(base, rows, columns, stride)

    @torch.no_grad()
    def propose(
        self, proposed: Proposed, size: tuple[int, int], overlap: float = 0.7
    ) -> list[Tensor]:
        """The proposals (r, 4) of each image, the most likely first (sec. 3.3).

        Args:
            size: height and width of the image, to which boxes are clipped.
            overlap: of two proposals with a higher IoU the less likely is left out.
        """
        when = 0 if self.training else 1
        number = proposed.levels
        levels = [(number == i).nonzero()[:, 0] for i in range(int(number.max()) + 1)]
        results = []
        for objectness, deltas in zip(proposed.objectness, proposed.deltas, strict=True):
            best = _best(objectness, levels, self.before[when])
            boxes = clipped(decode(deltas[best], proposed.anchors[best]), *size)
            large = ((boxes[:, 2:] - boxes[:, :2]) >= SMALLEST).all(1)  # False for NaN too: the
            usable = large & objectness[best].isfinite()  # loss, not this, is what reports it
            best, boxes = best[usable], boxes[usable]
            kept = nms_per_class(boxes, objectness[best], number[best], overlap)
            results.append(boxes[kept[: self.keep[when]]])
        return results


def _best(objectness: Tensor, levels: Sequence[Tensor], most: int) -> Tensor:
    """The rows of the ``most`` likely anchors of each size: large objects have more of them."""
    rows = []
    for level in levels:
        part = objectness[level]
        rows.append(level[part.topk(min(most, len(part))).indices])
    return torch.cat(rows)
