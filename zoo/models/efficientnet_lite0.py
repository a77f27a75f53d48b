"""EfficientNet-Lite0: EfficientNet-B0 without squeeze-and-excitation, with ReLU6 for swish.

Paper: Tan & Le 2019, arXiv:1905.11946, Table 1 (the stages of B0); the blocks are those of
MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381, sec. 3); "Lite" is defined by the code of
tensorflow/tpu, models/official/efficientnet/lite. Notes: course 4, week 2, "MobileNet".
Deviations:
    a. padding is TensorFlow's SAME, computed from the size of each input: the odd pixel goes to
       the bottom and right. Published weights need it.
    b. ``smooth=True`` is for features of pictures, not for classes: reflection padding, and the
       mean of 2x2 pixels before each convolution of stride 2, so that fine texture is not aliased.
       Logits are others then.
Proof: tests/models/test_efficientnet_lite0.py (parity with an independent implementation).
"""

import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn.init import initialise, new_head
from zoo.ops.same_padding import pad_same
from zoo.registry import register

EPS = 1e-3  # of batch norm: TensorFlow's
STEM, HEAD = 32, 1280  # maps of the first and the last convolution
# kernel, stride, expansion, maps, number of blocks: Table 1, stages 2 to 8
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


class ConvNorm(nn.Module):
    """A convolution with SAME padding, batch norm and perhaps ReLU6."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        *,
        relu: bool = True,
        smooth: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(c_out, eps=EPS)
        self.kernel, self.stride, self.relu, self.smooth = kernel, stride, relu, smooth

    def forward(self, x: Tensor) -> Tensor:
        padded = self._smoothed(x) if self.smooth else pad_same(x, self.kernel, self.stride)
        x = self.bn(self.conv(padded))
        return F.relu6(x) if self.relu else x

    def _smoothed(self, x: Tensor) -> Tensor:
        """As many around on all sides, mirrored; with stride 2 means of 2x2 pixels."""
        if self.stride == 2:  # the pixel at 2i becomes the mean of 2i and 2i + 1
            x = F.pad(F.avg_pool2d(x, 2, 1), (0, 1, 0, 1), mode="replicate")
        pad = self.kernel // 2
        return F.pad(x, (pad,) * 4, mode="reflect") if pad else x


class MBConv(nn.Module):
    """The inverted bottleneck: 1x1 to more maps, depthwise, 1x1 to few, and the shortcut."""

    def __init__(
        self, c_in: int, c_out: int, kernel: int, stride: int, expansion: int, smooth: bool
    ) -> None:
        super().__init__()
        inner = expansion * c_in
        self.expand = ConvNorm(c_in, inner) if expansion != 1 else None
        self.depthwise = ConvNorm(inner, inner, kernel, stride, groups=inner, smooth=smooth)
        self.project = ConvNorm(inner, c_out, relu=False)
        self.has_shortcut = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        return x + y if self.has_shortcut else y


class EfficientNetLite0(nn.Module):
    """4,652,008 parameters with 1,000 classes; images are (value - 127) / 128.

    >>> import torch
    >>> EfficientNetLite0(10)(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 10])
    """

    def __init__(self, num_classes: int, in_chans: int = 3, smooth: bool = False) -> None:
        super().__init__()
        self.stem = ConvNorm(in_chans, STEM, 3, 2, smooth=smooth)
        maps, blocks, ends = STEM, [], []
        for kernel, stride, expansion, width, count in STAGES:
            for first in range(count):
                blocks.append(
                    MBConv(maps, width, kernel, 1 if first else stride, expansion, smooth)
                )
                maps = width
            ends.append(len(blocks))
        self.units = nn.ModuleList(blocks)
        self.stage_ends = tuple(ends)
        self.head = ConvNorm(maps, HEAD)
        self.dropout = nn.Dropout(0.2)
        self.fc: nn.Module = nn.Linear(HEAD, num_classes)
        initialise(self, "he")

    def forward_blocks(self, x: Tensor, last: int | None = None) -> list[Tensor]:
        """Images (N, C, H, W) to the maps after each of the blocks, up to number ``last``."""
        x, maps = self.stem(x), []
        for block in self.units[: None if last is None else last + 1]:
            x = block(x)
            maps.append(x)
        return maps

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images to the maps after each stage of the table; of the last after its 1x1 too."""
        maps = self.forward_blocks(x)
        *stages, last = (maps[end - 1] for end in self.stage_ends)
        return [*stages, self.head(last)]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images to maps (N, 1280, H/32, W/32)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps to logits (N, K), or to their means (N, D)."""
        means = features.mean((2, 3))
        return means if pre_logits else self.fc(self.dropout(means))

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return HEAD

    def get_classifier(self) -> nn.Module:
        """The linear layer."""
        return self.fc

    def reset_classifier(self, num_classes: int) -> None:
        """A new linear layer."""
        self.fc = new_head(self, HEAD, num_classes)

    def blocks(self) -> list[nn.Module]:
        """The stem, the sixteen blocks, the last convolution, the linear layer."""
        return [self.stem, *self.units, self.head, self.fc]


@register(
    "efficientnet_lite0",
    paper="Tan & Le 2019, arXiv:1905.11946; tensorflow/tpu's Lite form",
    input_shape=(3, 224, 224),
    stem="stem.conv.weight",
    head="fc",
)
def efficientnet_lite0(
    num_classes: int = 1000, in_chans: int = 3, smooth: bool = False
) -> EfficientNetLite0:
    """EfficientNet-B0 with ReLU6 and without squeeze-and-excitation; 4,652,008 parameters."""
    return EfficientNetLite0(num_classes, in_chans, smooth)
