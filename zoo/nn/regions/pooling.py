"""Regions cut out of a network's maps: every one becomes 7 x 7, whatever its size.

Papers: Girshick 2015, "Fast R-CNN", arXiv:1504.08083, sec. 2.1; RoI align: He et al. 2017,
arXiv:1703.06870, sec. 3; which map: Lin et al. 2017, arXiv:1612.03144, eq. 1.
Used by fast_rcnn, faster_rcnn. Proof: tests/nn/regions/test_pooling.py.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from zoo.nn.regions.backbone import full

SIZE = 7
CANONICAL = 224.0  # pixels of a side of ImageNet's pictures: such a region is cut out of level 4


class RegionAlign(nn.Module):
    """RoI align: the mean of 2 x 2 bilinear samples in each of 7 x 7 cells.

    Args:
        scales: of the maps, the finest first: a map's size over the image's.
    """

    def __init__(self, scales: Sequence[float]) -> None:
        super().__init__()
        self.scales = tuple(scales)

    def forward(self, maps: Sequence[Tensor], regions: Sequence[Tensor]) -> Tensor:
        """Maps (N, C, h, w) and the regions (r, 4) of each image to (R, C, 7, 7).

        More maps than there are scales are left out.
        """
        maps = maps[: len(self.scales)]
        from torchvision.ops import roi_align  # late: its import takes half a second

        rows = with_image(regions)
        level = self.levels(rows[:, 1:])
        cut = rows.new_zeros(len(rows), maps[0].shape[1], SIZE, SIZE)
        for number, (one, scale) in enumerate(zip(maps, self.scales, strict=True)):
            chosen = (level == number).nonzero()[:, 0]
            part = roi_align(full(one), rows[chosen], SIZE, scale, sampling_ratio=2)
            cut = part if len(maps) == 1 else cut.index_copy(0, chosen, part)
        return cut

    def levels(self, boxes: Tensor) -> Tensor:
        """Which map each region (R, 4) is cut out of: k = 4 + log2(sqrt(w h) / 224), rounded down.

        Level 4 is the map of stride 16; a region larger or smaller than all is cut out of the last
        or first.
        """
        first = -math.log2(self.scales[0])
        side = (boxes[:, 2:] - boxes[:, :2]).prod(1).sqrt()
        level = (4 + (side / CANONICAL).log2() + 1e-6).floor() - first
        return level.clamp(0, len(self.scales) - 1).long()


def with_image(regions: Sequence[Tensor]) -> Tensor:
    """The regions (r, 4) of each image as (R, 5): the number of the image before each."""
    boxes = torch.cat(list(regions))
    counts = torch.tensor([len(one) for one in regions], device=boxes.device)
    number = torch.arange(len(regions), device=boxes.device).repeat_interleave(counts)
    return torch.cat([number[:, None].to(boxes), boxes], 1)
