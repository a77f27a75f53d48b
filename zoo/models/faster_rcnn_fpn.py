"""Faster R-CNN on a feature pyramid of ResNet-50: the network whose weights torchvision publishes.

Papers: Ren et al. 2015, arXiv:1506.01497; Lin et al. 2017, arXiv:1612.03144, sec. 4.1 and 4.2.
Notes: course 4, week 3, "Region proposals".
The parameters have torchvision's names, 91 outputs among them: background, and COCO's category ids
1 to 90, of which 80 are in use; what lies in the gaps (12, 26, 29, 30, 45, 66, 68, 69, 71, 83) was
never trained. So class k of the network, counted from 0, is category k + 1;
zoo/ops/boxes/coco_names.py has the ids of the 80 names.
Deviations from the papers: torchvision's (anchors on the corner of a cell, rounded corners). From
torchvision: images are padded to a multiple of 32 one by one, so that an answer does not depend on
the batch; when training, every object has the same chance to be sampled
(zoo/ops/boxes/matching.py). Batch norm stays as it begins: to train from scratch, take another.
Proof: tests/models/test_faster_rcnn_fpn.py (count; boxes, labels and scores of torchvision's).
"""

from torch import Tensor, nn

from zoo.models.faster_rcnn import PAPER, FasterRCNN
from zoo.models.resnet import Bottleneck, ResNet
from zoo.nn.regions.backbone import Backbone
from zoo.nn.regions.frozen_norm import freeze_norms
from zoo.nn.regions.heads import RegionHeads, TwoLayers
from zoo.nn.regions.pooling import RegionAlign
from zoo.nn.regions.proposal import RegionProposal
from zoo.nn.regions.pyramid import FeaturePyramid
from zoo.registry import register

SIZES = ((32.0,), (64.0,), (128.0,), (256.0,), (512.0,))  # of the anchors on each map
CATEGORIES = 90


class PyramidBackbone(Backbone):
    """ResNet-50 with frozen batch norm, and the pyramid on its last four stages."""

    def __init__(self, in_chans: int) -> None:
        super().__init__()
        body = ResNet(Bottleneck, (3, 4, 6, 3), 1, in_chans)
        body.fc = nn.Identity()
        freeze_norms(body)
        self.body, self.fpn = body, FeaturePyramid((256, 512, 1024, 2048))
        self.channels, self.multiple = 256, 32

    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to maps (N, 256, h, w) of strides 4, 8, 16, 32 and 64."""
        return self.fpn(self.body.forward_stages(x)[1:])

    def blocks(self) -> list[nn.Module]:
        """ResNet's blocks, the pyramid."""
        return [*self.body.blocks()[:-1], self.fpn]


@register(
    "faster_rcnn_resnet50_fpn",
    paper=f"{PAPER}; Lin et al. 2017, arXiv:1612.03144",
    task="detection",
    input_shape=(3, 800, 1333),
    stem="backbone.body.conv1.weight",
    head="roi_heads.box_predictor.cls_score roi_heads.box_predictor.bbox_pred",
)
def faster_rcnn_resnet50_fpn(num_classes: int = CATEGORIES, in_chans: int = 3) -> FasterRCNN:
    """Faster R-CNN with ResNet-50 and a feature pyramid: 41,755,286 parameters for COCO."""
    backbone = PyramidBackbone(in_chans)
    maps = backbone.channels
    rpn = RegionProposal(
        maps,
        maps,
        SIZES,
        (0.5, 1.0, 2.0),
        keep=(2000, 1000),
        before=(2000, 1000),
        centred=False,
    )
    pooling = RegionAlign([1 / 4, 1 / 8, 1 / 16, 1 / 32])
    heads = RegionHeads(TwoLayers(maps * 49, 1024), 1024, num_classes)
    return FasterRCNN(backbone, rpn, pooling, heads, sample=512)
