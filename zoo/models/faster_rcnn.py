"""Faster R-CNN: the third step of the R-CNN family, where the network proposes its own regions.

Paper: Ren, He, Girshick, Sun 2015, "Faster R-CNN: Towards Real-Time Object Detection with Region
Proposal Networks", arXiv:1506.01497, sec. 3. Notes: course 4, week 3, "Region proposals".
R-CNN cuts each proposal out of the image and runs the network on it (zoo/models/rcnn.py); Fast
R-CNN runs it once on the image and cuts the proposals out of the map (zoo/models/fast_rcnn.py);
here a small network on that map proposes the regions too. All three share backbone and heads.
``faster_rcnn`` is the paper's network on VGG-16.
Deviations of both: RoI align instead of pooling (He et al. 2017), one logit for "object" (the
paper's own alternative: 4,617 parameters fewer than its softmax over two), joint training, no
dropout, no ImageNet weights to begin with; anchors of a size compete for the proposals with one
another only (as in a feature pyramid, where each size has its own map), and every object has the
same chance to be sampled: else the many red cells of a blood smear leave no room for its platelets.
Of ``faster_rcnn_small``: a small backbone with batch norm (stride 8), two layers of 256 units, 12
anchors of 16 to 128 pixels, 64 regions of an image trained on.
Proof: tests/models/test_faster_rcnn.py; trained by the recipe faster_rcnn_small.bccd.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from zoo.models.vgg import convolutions
from zoo.nn.init import initialise
from zoo.nn.regions.backbone import Backbone, SmallBackbone, full, padded
from zoo.nn.regions.heads import (
    RegionHeads,
    RegionOutputs,
    TwoLayers,
    best_in_each,
    found_in_each,
)
from zoo.nn.regions.pooling import RegionAlign
from zoo.nn.regions.proposal import Proposed, RegionProposal
from zoo.nn.regions.sampling import joined, sample_regions
from zoo.ops.boxes.objects import Detections, Objects
from zoo.registry import register

PAPER = "Ren et al. 2015, arXiv:1506.01497"
SMALL_ANCHORS = (16.0, 32.0, 64.0, 128.0)


class FasterRCNNOutputs(NamedTuple):
    """What is said of anchors and of regions.

    Attributes:
        proposed: of all anchors.
        proposals: (r, 4) of each image.
        regions: of the proposals; in training, of those that were sampled.
    """

    proposed: Proposed
    proposals: list[Tensor]
    regions: RegionOutputs


class FasterRCNN(nn.Module):
    """A backbone, a region proposal network on its maps, and heads for the regions cut out of them.

    Images (N, C, H, W) may have any size: they are padded with zeros to a multiple of the
    backbone's stride, and boxes are clipped to the image.

    Args:
        sample: regions of an image that are trained on.
    """

    objective: ClassVar[str] = "faster_rcnn"
    stride = 1

    def __init__(
        self,
        backbone: Backbone,
        rpn: RegionProposal,
        pooling: RegionAlign,
        roi_heads: RegionHeads,
        sample: int,
    ) -> None:
        super().__init__()
        self.backbone, self.rpn, self.pooling, self.roi_heads = backbone, rpn, pooling, roi_heads
        self.sample = sample

    @property
    def num_classes(self) -> int:
        """K, without background."""
        return self.roi_heads.num_classes

    def maps(self, images: Tensor) -> tuple[list[Tensor], Proposed]:
        """The backbone's maps, and what the proposal network says of every anchor."""
        x = padded(images, self.backbone.multiple)
        maps = self.backbone(x)
        return maps, self.rpn(maps, (x.shape[2], x.shape[3]))

    def forward(
        self,
        images: Tensor,
        objects: Sequence[Objects] | None = None,
        rng: torch.Generator | None = None,
    ) -> FasterRCNNOutputs:
        """Images (N, C, H, W) to what is said of anchors and regions.

        Args:
            objects: to train on; then regions are sampled from the proposals with ``rng``.
        """
        maps, proposed = self.maps(images)
        proposals = self.rpn.propose(proposed, (images.shape[2], images.shape[3]))
        if objects is None or rng is None:
            logits, deltas = self.roi_heads(self.pooling(maps, proposals))
            return FasterRCNNOutputs(proposed, proposals, RegionOutputs(logits, deltas, None))
        sampled = [
            sample_regions(one, truth, rng, size=self.sample)
            for one, truth in zip(proposals, objects, strict=True)
        ]
        logits, deltas = self.roi_heads(self.pooling(maps, [one.boxes for one in sampled]))
        return FasterRCNNOutputs(
            proposed, proposals, RegionOutputs(logits, deltas, joined(sampled))
        )

    def class_scores(self, images: Tensor) -> Tensor:
        """As ``zoo.nn.detector.Scoring`` says."""
        outputs = self(images)
        return best_in_each(outputs.regions, outputs.proposals)

    def detect(
        self, images: Tensor, *, threshold: float = 0.05, overlap: float = 0.5, limit: int = 100
    ) -> list[Detections]:
        """As ``zoo.nn.detector.Detector`` says; a score is the softmax probability of the class."""
        outputs = self(images)
        size = (images.shape[2], images.shape[3])
        limits: dict[str, Any] = {"threshold": threshold, "overlap": overlap, "limit": limit}
        return found_in_each(outputs.regions, outputs.proposals, size, **limits)

    def outputs(self, images: Tensor) -> Tensor:
        """Mean and maximum over the anchors, then the whole image as a region: (N, n)."""
        maps, proposed = self.maps(images)
        whole = images.new_tensor([[0, 0, images.shape[3], images.shape[2]]]).to(full(images))
        logits, deltas = self.roi_heads(self.pooling(maps, [whole] * len(images)))
        said = torch.cat([proposed.objectness[..., None], proposed.deltas], 2)  # (N, A, 5)
        parts = [said.mean(1), said.amax(1), logits, deltas.flatten(1)]
        return torch.cat(parts, 1)

    def reset_classifier(self, num_classes: int) -> None:
        """New last layers for other classes; the proposals know no classes."""
        self.roi_heads.reset_classifier(num_classes)

    def blocks(self) -> list[nn.Module]:
        """The backbone's blocks, the proposal network, the regions' layers, the last layers."""
        heads = self.roi_heads
        return [*self.backbone.blocks(), self.rpn, heads.box_head, heads.box_predictor]


class VGG16Backbone(Backbone):
    """The convolutions of VGG-16 without the last pooling: one map of stride 16 (sec. 3.1)."""

    def __init__(self, in_chans: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*list(convolutions("D", in_chans, batch_norm=False))[:-1])
        self.channels, self.multiple = 512, 16
        initialise(self.features, "he")

    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to one map (N, 512, H / 16, W / 16)."""
        return [self.features(x)]

    def blocks(self) -> list[nn.Module]:
        """The convolutions, one by one."""
        return [layer for layer in self.features if any(True for _ in layer.parameters())]


@register(
    "faster_rcnn",
    paper=f"{PAPER}, sec. 3",
    task="detection",
    input_shape=(3, 600, 800),
    stem="backbone.features.0.weight",
    head="roi_heads.box_predictor.cls_score roi_heads.box_predictor.bbox_pred",
)
def faster_rcnn(num_classes: int = 20, in_chans: int = 3) -> FasterRCNN:
    """Faster R-CNN on VGG-16, nine anchors at each position: 137,073,622 parameters for VOC."""
    backbone = VGG16Backbone(in_chans)
    maps = backbone.channels
    anchors, ratios = [(128.0, 256.0, 512.0)], (0.5, 1.0, 2.0)
    rpn = RegionProposal(maps, maps, anchors, ratios, keep=(2000, 300), before=(4000, 2000))
    heads = RegionHeads(TwoLayers(maps * 49, 4096), 4096, num_classes)
    return FasterRCNN(backbone, rpn, RegionAlign([1 / 16]), heads, sample=64)


@register(
    "faster_rcnn_small",
    paper=f"after {PAPER}",
    task="detection",
    input_shape=(3, 240, 320),
    stem="backbone.stages.0.0.conv.weight",
    head="roi_heads.box_predictor.cls_score roi_heads.box_predictor.bbox_pred",
)
def faster_rcnn_small(num_classes: int = 20, in_chans: int = 3) -> FasterRCNN:
    """Faster R-CNN with a small VGG of stride 8: 2,566,944 parameters for 3 classes."""
    backbone = SmallBackbone(in_chans)
    maps = backbone.channels
    rpn = RegionProposal(
        maps,
        maps,
        [SMALL_ANCHORS],
        (0.5, 1.0, 2.0),
        foreground=0.5,  # 0.7 leaves most small objects one anchor each
        keep=(400, 300),
        before=(300, 200),
    )
    heads = RegionHeads(TwoLayers(maps * 49, 256), 256, num_classes)
    return FasterRCNN(backbone, rpn, RegionAlign([1 / 8]), heads, sample=64)
