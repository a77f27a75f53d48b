"""YOLOv3: Darknet-53 and three heads, for large, middle and small objects.

Paper: Redmon & Farhadi 2018, "YOLOv3: An Incremental Improvement", arXiv:1804.02767, sec. 2.
Notes: course 4, week 3, "YOLO Algorithm".
A head is five convolutions, of which the last also goes, reduced and at twice the size, to the
next head, beside the maps of the body that have this size; then one more, and the last layer.
Deviations: initial weights have He's variance (Darknet starts from a trained Darknet-53), and
objectness starts at a probability of 0.01.
Proof: tests/models/test_yolov3.py (Darknet's count; parity with an interpreter of cfg files).
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.models.darknet53 import stages
from zoo.nn.darknet import (
    DarknetConv,
    check_images,
    checked_anchors,
    checked_masks,
    convs_of,
    detection_layers,
    leaky_he,
    like,
    summary,
)
from zoo.ops.boxes.objects import Detections
from zoo.ops.boxes.yolo import Decoded, Pairs, decode_v3, select
from zoo.registry import register

PAPER = "Redmon & Farhadi 2018, arXiv:1804.02767"
ANCHORS = (
    *((10, 13), (16, 30), (33, 23)),
    *((30, 61), (62, 45), (59, 119)),
    *((116, 90), (156, 198), (373, 326)),
)
MASKS = ((6, 7, 8), (3, 4, 5), (0, 1, 2))

Masks = tuple[tuple[int, ...], ...]


def five(c_in: int, channels: int) -> nn.Sequential:
    """1x1 and 3x3 convolutions in turns, to ``channels`` and twice as many."""
    sizes = ((c_in, 1), (channels, 3), (2 * channels, 1), (channels, 3), (2 * channels, 1))
    return nn.Sequential(
        *(DarknetConv(c, channels if k == 1 else 2 * channels, k) for c, k in sizes)
    )


class YOLOv3(nn.Module):
    """Images (N, 3, H, W) to three maps; H and W are multiples of 32.

    Args:
        anchors: width and height of each, in pixels of the input.
        masks: which anchors the heads have, that with stride 32 first.
        width: channels of the first convolution.

    Attributes:
        strides: pixels of a cell's side in each map.

    >>> with torch.device("meta"):
    ...     [tuple(m.shape) for m in YOLOv3()(torch.zeros(1, 3, 416, 416))]
    [(1, 255, 13, 13), (1, 255, 26, 26), (1, 255, 52, 52)]
    """

    objective: ClassVar[str] = "yolov3"
    stride = 32
    anchor_unit = 1  # pixel
    strides = (32, 16, 8)

    def __init__(
        self,
        num_classes: int = 80,
        in_chans: int = 3,
        anchors: Pairs = ANCHORS,
        masks: Masks = MASKS,
        width: int = 32,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.anchors = checked_anchors(anchors)
        self.masks = checked_masks(masks, len(self.strides), len(self.anchors))
        c8, c16, c32 = 8 * width, 16 * width, 32 * width  # 256, 512, 1024
        self.stages = stages(in_chans, width)
        self.necks = nn.ModuleList(
            [five(c32, c16), five(c8 + c16, c8), five(c8 // 2 + c8, c8 // 2)]
        )
        self.laterals = nn.ModuleList([DarknetConv(c16, c8, 1), DarknetConv(c8, c8 // 2, 1)])
        self.lasts = nn.ModuleList(DarknetConv(c // 2, c, 3) for c in (c32, c16, c8))
        self.head_inputs = (c32, c16, c8)
        self.upsample = nn.Upsample(scale_factor=2)
        leaky_he(self)
        self.heads = self._new_heads(num_classes)

    def _new_heads(self, num_classes: int) -> nn.ModuleList:
        return detection_layers(self.head_inputs, self.masks, num_classes)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (N, 3, H, W) to raw maps (N, A (5 + K), h, w), stride 32 first, then 16 and 8.

        The channels of each anchor are tx ty tw th objectness classes, before any sigmoid.
        """
        features = []
        x = images
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        maps = []
        for number, (neck, last, head) in enumerate(
            zip(self.necks, self.lasts, self.heads, strict=True)
        ):
            if number:
                x = self.upsample(self.laterals[number - 1](x))
                x = torch.cat((x, features[-1 - number]), 1)
            x = neck(x)
            maps.append(head(last(x)))
        return maps

    def decode(self, images: Tensor) -> Decoded:
        """Images (N, 3, H, W) to all boxes (N, n, 4) and their scores (N, n, K).

        Raises:
            ValueError: if H or W is not a multiple of 32.
        """
        check_images(images, self.stride)
        return decode_v3(self(images), self.anchors, self.masks, self.strides)

    def class_scores(self, images: Tensor) -> Tensor:
        """As ``zoo.nn.detector.Scoring`` says."""
        return self.decode(images).scores.amax(1)

    def detect(
        self, images: Tensor, *, threshold: float = 0.005, overlap: float = 0.45, limit: int = 100
    ) -> list[Detections]:
        """As ``zoo.nn.detector.Detector`` says; a score is objectness times class probability."""
        return select(self.decode(images), threshold=threshold, overlap=overlap, limit=limit)

    def outputs(self, images: Tensor) -> Tensor:
        """Mean and maximum of each channel of the raw maps, (N, n)."""
        return summary(self(images))

    def reset_classifier(self, num_classes: int) -> None:
        """New last layers for other classes."""
        self.heads = like(self._new_heads(num_classes), self)
        self.num_classes = num_classes

    def blocks(self) -> list[nn.Module]:
        """The stages of the body, each head's convolutions, the last layers."""
        first, second, third = map(nn.ModuleList, zip(self.necks, self.lasts, strict=True))
        return [
            *self.stages, first, self.laterals[0], second, self.laterals[1], third, self.heads
        ]  # fmt: skip

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of ``yolov3.cfg``: each head ends before the next begins."""
        heads = zip(self.necks, self.lasts, self.heads, [*self.laterals, None], strict=True)
        found = convs_of(self.stages)
        for neck, last, head, lateral in heads:
            found += [*convs_of(neck), last, head, *([lateral] if lateral else [])]
        return found


@register(
    "yolov3",
    paper=PAPER,
    task="detection",
    input_shape=(3, 416, 416),
    stem="stages.0.0.conv.weight",
    head="heads",
)
def yolov3(
    num_classes: int = 80, in_chans: int = 3, anchors: Pairs = ANCHORS, masks: Masks = MASKS
) -> YOLOv3:
    """YOLOv3; 61,949,149 parameters with COCO's 80 classes."""
    return YOLOv3(num_classes, in_chans, anchors, masks)
