"""YOLOv2-tiny: nine convolutions, five anchors in each cell.

Paper: Redmon & Farhadi 2016, "YOLO9000: Better, Faster, Stronger", arXiv:1612.08242, sec. 2; the
network itself is only in Darknet's ``yolov2-tiny.cfg`` and ``yolov2-tiny-voc.cfg``.
Notes: course 4, week 3, "YOLO Algorithm".
The two files differ in the eighth convolution (512 channels for COCO, 1,024 for VOC), so they are
two names here. Six convolutions are followed by pooling, the sixth of them with stride 1.
Deviations: initial weights have He's variance, and objectness starts at a probability of 0.01.
Proof: tests/models/test_yolov2_tiny.py (Darknet's counts; parity with an interpreter of cfg files).
"""

from functools import partial
from typing import ClassVar

from torch import Tensor, nn

from zoo.models.yolov2 import ANCHORS, PAPER
from zoo.nn.darknet import (
    DarknetConv,
    PoolStride1,
    check_images,
    checked_anchors,
    detection_layer,
    leaky_he,
    like,
    summary,
)
from zoo.ops.boxes.objects import Detections
from zoo.ops.boxes.yolo import Decoded, Pairs, decode_v2, select
from zoo.registry import register

WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
VOC_ANCHORS = ((1.08, 1.19), (3.42, 4.41), (6.63, 11.38), (9.42, 5.11), (16.62, 10.52))


class YOLOv2Tiny(nn.Module):
    """Images (N, 3, H, W) to one map; H and W are multiples of 32.

    Args:
        anchors: width and height of each, in cells.
        widths: channels of the eight convolutions before the last layer.

    >>> import torch
    >>> with torch.device("meta"):
    ...     tuple(YOLOv2Tiny()(torch.zeros(1, 3, 416, 416)).shape)
    (1, 425, 13, 13)
    """

    objective: ClassVar[str] = "yolov2"
    stride = 32
    anchor_unit = 32  # pixels: anchors are in cells

    def __init__(
        self,
        num_classes: int = 80,
        in_chans: int = 3,
        anchors: Pairs = ANCHORS,
        widths: tuple[int, ...] = (*WIDTHS, 512),
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.anchors = checked_anchors(anchors)
        pairs = zip((in_chans, *widths[:-1]), widths, strict=True)
        self.convs = nn.ModuleList(DarknetConv(a, b, 3) for a, b in pairs)
        self.pools = nn.ModuleList([*(nn.MaxPool2d(2) for _ in range(5)), PoolStride1()])
        leaky_he(self)
        self.head = detection_layer(widths[-1], len(self.anchors), num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) to the raw map (N, A (5 + K), H / 32, W / 32).

        The channels of each anchor are tx ty tw th objectness classes, before any sigmoid.
        """
        x = images
        for conv, pool in zip(self.convs, self.pools, strict=False):
            x = pool(conv(x))
        for conv in self.convs[len(self.pools) :]:
            x = conv(x)
        return self.head(x)

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
        c_in = self.head.in_channels
        self.head = like(detection_layer(c_in, len(self.anchors), num_classes), self)
        self.num_classes = num_classes

    def blocks(self) -> list[nn.Module]:
        """Each convolution."""
        return self.darknet_layers()

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of ``yolov2-tiny.cfg``."""
        return [*self.convs, self.head]


network = partial(
    register,
    paper=PAPER,
    task="detection",
    input_shape=(3, 416, 416),
    stem="convs.0.conv.weight",
    head="head",
)


@network("yolov2_tiny")
def yolov2_tiny(num_classes: int = 80, in_chans: int = 3, anchors: Pairs = ANCHORS) -> YOLOv2Tiny:
    """YOLOv2-tiny of Darknet for COCO; 11,232,057 parameters with its 80 classes."""
    return YOLOv2Tiny(num_classes, in_chans, anchors)


@network("yolov2_tiny_voc")
def yolov2_tiny_voc(
    num_classes: int = 20, in_chans: int = 3, anchors: Pairs = VOC_ANCHORS
) -> YOLOv2Tiny:
    """YOLOv2-tiny of Darknet for VOC, wider at its end; 15,861,773 parameters with 20 classes."""
    return YOLOv2Tiny(num_classes, in_chans, anchors, (*WIDTHS, 1024))
