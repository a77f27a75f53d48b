"""A detector whose regions are given by selective search: what R-CNN and Fast R-CNN share.

They differ in how a region is judged: by a network of its own for each crop, or on one map of the
image. Proof: tests/models/test_rcnn.py, tests/models/test_fast_rcnn.py.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from zoo.nn.regions.backbone import Backbone, full
from zoo.nn.regions.heads import RegionHeads, RegionOutputs, best_in_each, found_in_each
from zoo.nn.regions.sampling import joined, sample_regions
from zoo.ops.boxes.objects import Detections, Objects
from zoo.ops.boxes.selective_search import selective_search


class Judge(nn.Module):
    """The interface: images and regions to what the regions hold."""

    backbone: Backbone
    roi_heads: RegionHeads

    @abstractmethod
    def forward(self, images: Tensor, regions: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Images, regions (r, 4) of each, to logits (R, K + 1) and deltas (R, K + 1, 4)."""


class GivenRegionsOutputs(NamedTuple):
    """What is said of regions.

    Attributes:
        proposals: (r, 4) of each image.
        regions: of the proposals; in training, of those that were sampled.
    """

    proposals: list[Tensor]
    regions: RegionOutputs


class GivenRegionsDetector(nn.Module):
    """Selective search, then a judge of regions. Images (N, C, H, W) may have any size.

    Args:
        most: proposals of an image.
        sample: regions of an image that are trained on.
    """

    objective: ClassVar[str] = "fast_rcnn"
    stride = 1

    def __init__(self, judge: Judge, most: int, sample: int) -> None:
        super().__init__()
        self.judge, self.most, self.sample = judge, most, sample

    @property
    def num_classes(self) -> int:
        """K, without background."""
        return self.judge.roi_heads.num_classes

    def propose(self, images: Tensor) -> list[Tensor]:
        """The proposals (r, 4) of each image; no network has a part in them."""
        return [selective_search(image, self.most) for image in images.detach()]

    def forward(
        self,
        images: Tensor,
        objects: Sequence[Objects] | None = None,
        rng: torch.Generator | None = None,
    ) -> GivenRegionsOutputs:
        """Images to what is said of regions.

        Args:
            objects: to train on; then regions are sampled from the proposals with ``rng``.
        """
        proposals = self.propose(images)
        if objects is None or rng is None:
            return GivenRegionsOutputs(proposals, self.said_of(images, proposals))
        sampled = [
            sample_regions(one, truth, rng, size=self.sample)
            for one, truth in zip(proposals, objects, strict=True)
        ]
        logits, deltas = self.judge(images, [one.boxes for one in sampled])
        return GivenRegionsOutputs(proposals, RegionOutputs(logits, deltas, joined(sampled)))

    def said_of(self, images: Tensor, regions: Sequence[Tensor]) -> RegionOutputs:
        """What is said of regions (r, 4) of each image."""
        logits, deltas = self.judge(images, [one.to(full(images)) for one in regions])
        return RegionOutputs(logits, deltas, None)

    def class_scores(self, images: Tensor) -> Tensor:
        """As ``zoo.nn.detector.Scoring`` says."""
        proposals, regions = self(images)
        return best_in_each(regions, proposals)

    def detect(
        self, images: Tensor, *, threshold: float = 0.05, overlap: float = 0.5, limit: int = 100
    ) -> list[Detections]:
        """As ``zoo.nn.detector.Detector`` says; a score is the softmax probability of the class."""
        proposals, regions = self(images)
        size = (images.shape[2], images.shape[3])
        return found_in_each(
            regions,
            [one.to(full(images)) for one in proposals],
            size,
            threshold=threshold,
            overlap=overlap,
            limit=limit,
        )

    def outputs(self, images: Tensor) -> Tensor:
        """Logits and deltas of the whole image as a region, (N, 5 (K + 1))."""
        whole = full(images).new_tensor([[0, 0, images.shape[3], images.shape[2]]])
        logits, deltas, _ = self.said_of(images, [whole] * len(images))
        return torch.cat([logits, deltas.flatten(1)], 1)

    def reset_classifier(self, num_classes: int) -> None:
        """New last layers for other classes."""
        self.judge.roi_heads.reset_classifier(num_classes)

    def blocks(self) -> list[nn.Module]:
        """The backbone's blocks, the regions' layers, the last layers."""
        heads = self.judge.roi_heads
        return [*self.judge.backbone.blocks(), heads.box_head, heads.box_predictor]
