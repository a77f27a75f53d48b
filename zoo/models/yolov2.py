"""YOLOv2: Darknet-19, a passthrough from stride 16, five anchors in each cell.

Paper: Redmon & Farhadi 2016, "YOLO9000: Better, Faster, Stronger", arXiv:1612.08242, sec. 2.
Notes: course 4, week 3, "Anchor Boxes", "YOLO Algorithm".
Deviations: as in Darknet, a 1x1 convolution to 64 maps stands before the passthrough, which the
paper does not mention, and the passthrough mixes rows and channels (``zoo.nn.darknet.reorg``).
Initial weights have He's variance (Darknet starts from a trained Darknet-19), and objectness
starts at a probability of 0.01.
Proof: tests/models/test_yolov2.py (Darknet's count; parity with an interpreter of cfg files).
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.models.darknet19 import stages
from zoo.nn.darknet import (
    DarknetConv,
    check_images,
    checked_anchors,
    convs_of,
    detection_layer,
    leaky_he,
    like,
    reorg,
    summary,
)
from zoo.ops.boxes.objects import Detections
from zoo.ops.boxes.yolo import Decoded, Pairs, decode_v2, select
from zoo.registry import register

PAPER = "Redmon & Farhadi 2016, arXiv:1612.08242"
ANCHORS = (  # of COCO
    *((0.57273, 0.677385), (1.87446, 2.06253), (3.33843, 5.47434)),
    *((7.88282, 3.52778), (9.77052, 9.16828)),
)
VOC_ANCHORS = (
    *((1.3221, 1.73145), (3.19275, 4.00944), (5.05587, 8.09892)),
    *((9.47112, 4.84053), (11.2364, 10.0071)),
)


class YOLOv2(nn.Module):
    """Images (N, 3, H, W) to one map; H and W are multiples of 32.

    Args:
        anchors: width and height of each, in cells.
        divisor: of all channels.

    >>> with torch.device("meta"):
    ...     tuple(YOLOv2()(torch.zeros(1, 3, 608, 608)).shape)
    (1, 425, 19, 19)
    """

    objective: ClassVar[str] = "yolov2"
    stride = 32
    anchor_unit = 32  # pixels: anchors are in cells

    def __init__(
        self,
        num_classes: int = 80,
        in_chans: int = 3,
        anchors: Pairs = ANCHORS,
        divisor: int = 1,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.anchors = checked_anchors(anchors)
        deep, passed = 1024 // divisor, 64 // divisor
        self.stages = stages(in_chans, divisor)
        self.deeper = nn.Sequential(DarknetConv(deep, deep, 3), DarknetConv(deep, deep, 3))
        self.passthrough = DarknetConv(deep // 2, passed, 1)
        self.last = DarknetConv(4 * passed + deep, deep, 3)
        leaky_he(self)
        self.head = detection_layer(deep, len(self.anchors), num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) to the raw map (N, A (5 + K), H / 32, W / 32).

        The channels of each anchor are tx ty tw th objectness classes, before any sigmoid.
        """
        x = images
        for stage in self.stages[:-1]:
            x = stage(x)
        c16 = x  # (N, 512, H / 16, W / 16)
        deep = self.deeper(self.stages[-1](x))  # (N, 1024, H / 32, W / 32)
        both = torch.cat((reorg(self.passthrough(c16)), deep), 1)  # (N, 1280, H / 32, W / 32)
        return self.head(self.last(both))

    def decode(self, images: Tensor) -> Decoded:
        """Images (N, 3, H, W) to all boxes (N, n, 4) and their scores (N, n, K).

        Raises:
            ValueError: if H or W is not a multiple of 32.
        """
        check_images(images, self.stride)
        return decode_v2(self(images), self.anchors, self.stride)

    def class_scores(self, images: Tensor) -> Tensor:
        """As ``zoo.nn.detector.Scoring`` says."""
        return self.decode(images).scores.amax(1)

    def detect(
        self, images: Tensor, *, threshold: float = 0.005, overlap: float = 0.45, limit: int = 100
    ) -> list[Detections]:
        """As ``zoo.nn.detector.Detector`` says; a score is objectness times class probability."""
        return select(self.decode(images), threshold=threshold, overlap=overlap, limit=limit)

    def outputs(self, images: Tensor) -> Tensor:
        """Mean and maximum of each channel of the raw map, (N, n)."""
        return summary([self(images)])

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer for other classes."""
        c_in = self.last.conv.out_channels
        self.head = like(detection_layer(c_in, len(self.anchors), num_classes), self)
        self.num_classes = num_classes

    def blocks(self) -> list[nn.Module]:
        """The stages of the body, what follows them, the last layer."""
        return [*self.stages, self.deeper, self.passthrough, self.last, self.head]

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of ``yolov2.cfg``."""
        return [*convs_of(self.stages, self.deeper), self.passthrough, self.last, self.head]


@register(
    "yolov2",
    paper=PAPER,
    task="detection",
    input_shape=(3, 416, 416),
    stem="stages.0.0.conv.weight",
    head="head",
)
def yolov2(num_classes: int = 80, in_chans: int = 3, anchors: Pairs = ANCHORS) -> YOLOv2:
    """YOLOv2; 50,962,889 parameters with COCO's 80 classes, 50,655,389 with VOC's 20."""
    return YOLOv2(num_classes, in_chans, anchors)
