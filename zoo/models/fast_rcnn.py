"""Fast R-CNN: the second step of the R-CNN family. One map of the image, all regions cut out of it.

Paper: Girshick 2015, "Fast R-CNN", arXiv:1504.08083, sec. 2. Notes: course 4, week 3, "Region
proposals": convolutional implementation of sliding windows to classify all proposed regions.
The step before is zoo/models/rcnn.py (the network runs on each region), the next one
zoo/models/faster_rcnn.py (regions by a network); backbone and heads have the same parameters in all
three.
Deviations: the family's small backbone from scratch instead of VGG-16 from ImageNet; RoI align
instead of max pooling (He et al. 2017, arXiv:1703.06870, sec. 3); background is sampled from all
proposals, not from an IoU of 0.1 on, and every object has the same chance to be sampled
(zoo/ops/boxes/matching.py); proposals as zoo/ops/boxes/selective_search.py says.
Proof: tests/models/test_fast_rcnn.py; ``zoo bench rcnn_story``.
"""

from collections.abc import Sequence

from torch import Tensor

from zoo.nn.regions.backbone import Backbone, SmallBackbone, padded
from zoo.nn.regions.given import GivenRegionsDetector, Judge
from zoo.nn.regions.heads import RegionHeads, TwoLayers
from zoo.nn.regions.pooling import SIZE, RegionAlign
from zoo.registry import register


class MapJudge(Judge):
    """The network once on the image; every region is 7 x 7 cells of its map."""

    def __init__(self, backbone: Backbone, pooling: RegionAlign, roi_heads: RegionHeads) -> None:
        super().__init__()
        self.backbone, self.pooling, self.roi_heads = backbone, pooling, roi_heads

    def forward(self, images: Tensor, regions: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """As ``Judge`` says."""
        maps = self.backbone(padded(images, self.backbone.multiple))
        logits, deltas = self.roi_heads(self.pooling(maps, regions))
        return logits, deltas


@register(
    "fast_rcnn",
    paper="after Girshick 2015, arXiv:1504.08083",
    task="detection",
    input_shape=(3, 240, 320),
    stem="judge.backbone.stages.0.0.conv.weight",
    head="judge.roi_heads.box_predictor.cls_score judge.roi_heads.box_predictor.bbox_pred",
)
def fast_rcnn(num_classes: int = 20, in_chans: int = 3) -> GivenRegionsDetector:
    """Fast R-CNN with a small VGG: proposals of selective search on one map."""
    backbone = SmallBackbone(in_chans)
    heads = RegionHeads(TwoLayers(backbone.channels * SIZE**2, 256), 256, num_classes)
    judge = MapJudge(backbone, RegionAlign([1 / backbone.multiple]), heads)
    return GivenRegionsDetector(judge, most=500, sample=64)
