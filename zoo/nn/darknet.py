"""The blocks of the Darknet networks: convolution, stride-1 pooling, reorg.

Source: the layers of Redmon's Darknet (``convolutional``, ``maxpool``, ``reorg``), 2013-2018.
Used by darknet19, darknet53, yolov2, yolov3 and their small forms.
Traps: batch norm's running averages move by 0.01 (not torch's 0.1); pooling of 2 with stride 1 has
minus infinity beyond the right and bottom edge (not zeros, which win over negative features); reorg
is neither ``pixel_unshuffle`` nor space-to-depth.
Proof: tests/nn/test_darknet.py (Darknet's loops, by hand).
"""

import math
from collections.abc import Sequence
from operator import index
from typing import Protocol, TypeVar, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.ops.boxes.yolo import Pairs

Layer = TypeVar("Layer", bound=nn.Module)

SLOPE = 0.1  # of the leaky ReLU below 0
EPS, MOMENTUM = 1e-5, 0.01
OBJECTNESS = -4.6  # sigmoid: 0.01, the share of cells with an object


@runtime_checkable
class DarknetNetwork(Protocol):
    """A network that Darknet's file of weights can hold."""

    def darknet_layers(self) -> list[nn.Module]:
        """The layers with weights, in the order of the network's cfg file."""


class DarknetConv(nn.Module):
    """Convolution without bias, batch norm, leaky ReLU; as large as its input for stride 1."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out, eps=EPS, momentum=MOMENTUM)
        self.leaky = nn.LeakyReLU(SLOPE, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.leaky(self.bn(self.conv(x)))


class PoolStride1(nn.Module):
    """Max pooling of 2x2 with stride 1; beyond the right and bottom edge is minus infinity.

    >>> PoolStride1()(torch.tensor([[[[-1.0, -2.0], [-3.0, -4.0]]]]))
    tensor([[[[-1., -2.],
              [-3., -4.]]]])
    """

    def forward(self, x: Tensor) -> Tensor:
        # torch pads with minus infinity on all sides; the first row and column are windows too many
        return F.max_pool2d(x, 2, stride=1, padding=1)[..., 1:, 1:]


def reorg(x: Tensor) -> Tensor:
    """YOLOv2's passthrough, exactly: (N, C, H, W) to (N, 4 C, H / 2, W / 2).

    Darknet reads its memory as if the map had C / 4 channels of twice the size, and so mixes
    neighbouring rows and channels; the published weights were trained with it.
    """
    n, c, h, w = x.shape
    blocks = x.reshape(n, c // 4, h, 2, w, 2)
    return blocks.permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)


def leaky_he(model: nn.Module) -> None:
    """Draw all weights anew: He's variance for the leaky ReLU, biases zero."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, a=SLOPE)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def detection_layer(c_in: int, anchors: int, num_classes: int) -> nn.Conv2d:
    """The 1x1 convolution to A (5 + K) maps: tx ty tw th objectness classes for each anchor.

    Raises:
        ValueError: without a class.
    """
    if num_classes < 1:
        raise ValueError(f"num_classes must be at least 1, got {num_classes}")
    layer = nn.Conv2d(c_in, anchors * (5 + num_classes), 1)
    leaky_he(layer)
    bias = torch.zeros(anchors, 5 + num_classes)
    bias[:, 4] = OBJECTNESS
    layer.bias = nn.Parameter(bias.flatten())
    return layer


def detection_layers(
    inputs: Sequence[int], masks: Sequence[Sequence[int]], num_classes: int
) -> nn.ModuleList:
    """A ``detection_layer`` for each head: of its input channels and the anchors of its mask."""
    return nn.ModuleList(
        detection_layer(c_in, len(mask), num_classes)
        for c_in, mask in zip(inputs, masks, strict=True)
    )


def classifying_layer(c_in: int, num_classes: int) -> nn.Module:
    """The 1x1 convolution to one map for each class; for 0 classes one that changes nothing."""
    if num_classes == 0:
        return nn.Identity()
    layer = nn.Conv2d(c_in, num_classes, 1)
    leaky_he(layer)
    return layer


def convs_of(*modules: nn.Module) -> list[nn.Module]:
    """The ``DarknetConv`` inside, in their order."""
    return [m for module in modules for m in module.modules() if isinstance(m, DarknetConv)]


def pool() -> nn.MaxPool2d:
    """Max pooling of 2x2 with stride 2; the last window of an odd side is narrower."""
    return nn.MaxPool2d(2, ceil_mode=True)


def like(layer: Layer, model: nn.Module) -> Layer:
    """``layer`` on the device of ``model`` and of its dtype."""
    parameter = next(model.parameters())
    return layer.to(parameter.device, parameter.dtype)


def checked_anchors(anchors: Pairs) -> tuple[tuple[float, float], ...]:
    """Anchors as pairs of numbers, however a card or a caller has written them.

    Raises:
        ValueError: if they are not pairs of a width and a height above 0.
    """
    try:
        pairs = tuple(tuple(float(side) for side in pair) for pair in anchors)
    except (TypeError, ValueError):
        pairs = ()
    sides = [side for pair in pairs for side in pair]
    if not pairs or {*map(len, pairs)} != {2} or not all(0 < s < math.inf for s in sides):
        raise ValueError(f"anchors must be pairs of width and height above 0, got {anchors}")
    return tuple((width, height) for width, height in pairs)


def checked_masks(
    masks: Sequence[Sequence[int]], heads: int, anchors: int
) -> tuple[tuple[int, ...], ...]:
    """Which anchors each head has.

    Raises:
        ValueError: if there is not one for each head, or an anchor does not exist.
    """
    try:
        chosen = tuple(tuple(index(i) for i in mask) for mask in masks)
    except TypeError:
        chosen = ()
    right = [0 < len({*mask} & {*range(anchors)}) == len(mask) for mask in chosen]  # each once
    if len(chosen) != heads or not all(right):
        raise ValueError(
            f"masks must be {heads} lists of anchors, 0 to {anchors - 1}, got {str(masks)[:80]}"
        )
    return chosen


def check_images(images: Tensor, stride: int) -> None:
    """Raise ValueError for images whose sides are not multiples of ``stride``."""
    if images.dim() != 4 or images.shape[2] % stride or images.shape[3] % stride:
        raise ValueError(
            f"images must be (N, C, H, W), H and W multiples of {stride}, got {tuple(images.shape)}"
        )


def summary(maps: Sequence[Tensor]) -> Tensor:
    """Mean and maximum of each channel of each map, (N, n): few numbers for a test vector."""
    return torch.cat([f(m.flatten(2)) for m in maps for f in (_mean, _maximum)], 1)


def _mean(x: Tensor) -> Tensor:
    return x.mean(2)


def _maximum(x: Tensor) -> Tensor:
    return x.amax(2)
