"""R-CNN: the first step of the R-CNN family. Each region is cut out of the image and classified.

Paper: Girshick, Donahue, Darrell, Malik 2014, "Rich Feature Hierarchies for Accurate Object
Detection and Semantic Segmentation", arXiv:1311.2524, sec. 2, appendix A and C. Notes: course 4,
week 3, "Region proposals": propose regions, classify them one at a time.
The next steps are zoo/models/fast_rcnn.py (one map for all regions) and zoo/models/faster_rcnn.py
(regions by a network); backbone and heads have the same parameters in all three.
Deviations: the family's small backbone from scratch on crops of 56 x 56, instead of AlexNet on 227
x 227; a softmax and the boxes of each class trained at once (zoo/losses/fast_rcnn.py), where the
paper fine-tunes the network, then fits an SVM for each class, then ridge regression for boxes;
proposals as zoo/ops/boxes/selective_search.py says.
Proof: tests/models/test_rcnn.py; ``zoo bench rcnn_story``.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo.nn.regions.backbone import Backbone, SmallBackbone, full
from zoo.nn.regions.given import GivenRegionsDetector, Judge
from zoo.nn.regions.heads import RegionHeads, TwoLayers
from zoo.nn.regions.pooling import SIZE, with_image
from zoo.registry import register

CONTEXT = 16 / 227  # of a crop's side, on each side, is what lies around the region (appendix A)


class CropJudge(Judge):
    """Every region warped to one size and through the whole network.

    After training one crop at a time; in training all are one batch, which batch norm needs.
    """

    def __init__(self, backbone: Backbone, roi_heads: RegionHeads) -> None:
        super().__init__()
        self.backbone, self.roi_heads = backbone, roi_heads
        self.side = SIZE * backbone.multiple  # of a crop: its map is 7 x 7

    def forward(self, images: Tensor, regions: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """As ``Judge`` says."""
        crops = self.crops(images, regions)
        parts = [crops] if self.training else crops.split(1)
        said = [self.roi_heads(full(self.backbone(some)[0])) for some in parts]
        return torch.cat([logits for logits, _ in said]), torch.cat([deltas for _, deltas in said])

    def crops(self, images: Tensor, regions: Sequence[Tensor]) -> Tensor:
        """The regions and what is around them, warped to (R, C, 56, 56)."""
        from torchvision.ops import roi_align  # late: its import takes half a second

        rows = with_image(regions)
        around = (rows[:, 3:] - rows[:, 1:3]) * CONTEXT / (1 - 2 * CONTEXT)
        wider = torch.cat([rows[:, :1], rows[:, 1:3] - around, rows[:, 3:] + around], 1)
        cut: Tensor = roi_align(full(images), wider, self.side, 1.0, sampling_ratio=2)
        return cut


@register(
    "rcnn",
    paper="after Girshick et al. 2014, arXiv:1311.2524",
    task="detection",
    input_shape=(3, 240, 320),
    stem="judge.backbone.stages.0.0.conv.weight",
    head="judge.roi_heads.box_predictor.cls_score judge.roi_heads.box_predictor.bbox_pred",
)
def rcnn(num_classes: int = 20, in_chans: int = 3) -> GivenRegionsDetector:
    """R-CNN with a small VGG: each proposal of selective search is a crop for the network."""
    backbone = SmallBackbone(in_chans)
    heads = RegionHeads(TwoLayers(backbone.channels * SIZE**2, 256), 256, num_classes)
    return GivenRegionsDetector(CropJudge(backbone, heads), most=500, sample=16)
