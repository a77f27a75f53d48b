"""YOLOv3-tiny: the small YOLOv3, two heads.

Paper: Redmon & Farhadi 2018, "YOLOv3: An Incremental Improvement", arXiv:1804.02767; the network
itself is only in Darknet's ``yolov3-tiny.cfg``. Notes: course 4, week 3, "YOLO Algorithm".
Seven convolutions, each but the last two followed by pooling (the sixth by pooling with stride 1);
a head at stride 32, and one at stride 16 that also sees the fifth convolution.
Deviations: initial weights have He's variance, and objectness starts at a probability of 0.01
(Darknet's start at 0.5 and it burns in for 1,000 steps). The anchors of the second head are 0, 1, 2
as in the cfg file of today; the published weights were trained with 1, 2, 3, as their card says.
Proof: tests/models/test_yolov3_tiny.py (Darknet's count; parity with an interpreter of cfg files).
"""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.nn.darknet import (
    DarknetConv,
    PoolStride1,
    check_images,
    checked_anchors,
    checked_masks,
    detection_layers,
    leaky_he,
    like,
    summary,
)
from zoo.ops.boxes.objects import Detections
from zoo.ops.boxes.yolo import Decoded, Pairs, decode_v3, select
from zoo.registry import register

PAPER = "Redmon & Farhadi 2018, arXiv:1804.02767"
WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
ANCHORS = ((10, 14), (23, 27), (37, 58), (81, 82), (135, 169), (344, 319))
MASKS = ((3, 4, 5), (0, 1, 2))

Masks = tuple[tuple[int, ...], ...]


class YOLOv3Tiny(nn.Module):
    """Images (N, 3, H, W) to two maps; H and W are multiples of 32.

    Args:
        anchors: width and height of each, in pixels of the input.
        masks: which anchors the heads have, that with stride 32 first.
        widths: channels of the seven convolutions.

    Attributes:
        strides: pixels of a cell's side in each map.

    >>> with torch.device("meta"):
    ...     [tuple(m.shape) for m in YOLOv3Tiny()(torch.zeros(1, 3, 416, 416))]
    [(1, 255, 13, 13), (1, 255, 26, 26)]
    """

    objective: ClassVar[str] = "yolov3"
    stride = 32
    anchor_unit = 1  # pixel
    strides = (32, 16)

    def __init__(
        self,
        num_classes: int = 80,
        in_chans: int = 3,
        anchors: Pairs = ANCHORS,
        masks: Masks = MASKS,
        widths: tuple[int, ...] = WIDTHS,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.anchors = checked_anchors(anchors)
        self.masks = checked_masks(masks, len(self.strides), len(self.anchors))
        pairs = zip((in_chans, *widths[:-1]), widths, strict=True)
        self.convs = nn.ModuleList(DarknetConv(a, b, 3) for a, b in pairs)
        *_, c16, c32, deepest = widths
        self.pool, self.pool_stride_1 = nn.MaxPool2d(2), PoolStride1()
        self.neck = DarknetConv(deepest, c16, 1)
        self.coarse = DarknetConv(c16, c32, 3)
        self.lateral = DarknetConv(c16, c16 // 2, 1)
        self.upsample = nn.Upsample(scale_factor=2)
        self.fine = DarknetConv(c16 // 2 + c16, c16, 3)
        leaky_he(self)
        self.heads = self._new_heads(num_classes)

    def _new_heads(self, num_classes: int) -> nn.ModuleList:
        inputs = (self.coarse.conv.out_channels, self.fine.conv.out_channels)
        return detection_layers(inputs, self.masks, num_classes)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (N, 3, H, W) to raw maps (N, A (5 + K), H / 32, W / 32) and (..., H / 16, W / 16).

        The channels of each anchor are tx ty tw th objectness classes, before any sigmoid.
        """
        x = images
        for conv in self.convs[:4]:
            x = self.pool(conv(x))
        c16 = self.convs[4](x)  # (N, 256, H / 16, W / 16)
        x = self.pool_stride_1(self.convs[5](self.pool(c16)))
        neck = self.neck(self.convs[6](x))  # (N, 256, H / 32, W / 32)
        coarse = self.coarse(neck)
        fine = self.fine(torch.cat((self.upsample(self.lateral(neck)), c16), 1))
        return [self.heads[0](coarse), self.heads[1](fine)]

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
        """New heads for other classes."""
        self.heads = like(self._new_heads(num_classes), self)
        self.num_classes = num_classes

    def blocks(self) -> list[nn.Module]:
        """Each convolution, then both heads."""
        return [*self.convs, self.neck, self.coarse, self.lateral, self.fine, self.heads]

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of ``yolov3-tiny.cfg``: each head's last layer follows its convolution."""
        first = [*self.convs, self.neck, self.coarse, self.heads[0]]
        return [*first, self.lateral, self.fine, self.heads[1]]


network = partial(
    register,
    paper=PAPER,
    task="detection",
    input_shape=(3, 416, 416),
    stem="convs.0.conv.weight",
    head="heads",
)


@network("yolov3_tiny")
def yolov3_tiny(
    num_classes: int = 80, in_chans: int = 3, anchors: Pairs = ANCHORS, masks: Masks = MASKS
) -> YOLOv3Tiny:
    """YOLOv3-tiny of Darknet; 8,852,366 parameters with COCO's 80 classes."""
    return YOLOv3Tiny(num_classes, in_chans, anchors, masks)


@network("yolov3_tiny_half")
def yolov3_tiny_half(
    num_classes: int = 80, in_chans: int = 3, anchors: Pairs = ANCHORS, masks: Masks = MASKS
) -> YOLOv3Tiny:
    """yolov3_tiny with half the channels everywhere, for small machines; no Darknet network."""
    return YOLOv3Tiny(num_classes, in_chans, anchors, masks, tuple(w // 2 for w in WIDTHS))
