"""Feature pyramid: maps of every stride that know as much as the deepest one.

Paper: Lin, Dollar, Girshick, He, Hariharan, Belongie 2017, "Feature Pyramid Networks for Object
Detection", arXiv:1612.03144, sec. 3. Parameter names are torchvision's.
Proof: tests/nn/regions/test_pyramid.py.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import interpolate


class FeaturePyramid(nn.Module):
    """From the coarsest map down: twice as large, plus the 1x1 convolution of the next finer one.

    A 3x3 convolution then smooths each; a last map has every second position of the coarsest
    (footnote 2 of the paper, for the largest anchors only).

    Args:
        channels: of the maps that come in, the finest first.
        maps: channels of all maps that go out.
    """

    def __init__(self, channels: Sequence[int], maps: int = 256) -> None:
        super().__init__()
        inner = [nn.Conv2d(c, maps, 1) for c in channels]
        outer = [nn.Conv2d(maps, maps, 3, padding=1) for _ in channels]
        self.inner_blocks = nn.ModuleList(map(nn.Sequential, inner))
        self.layer_blocks = nn.ModuleList(map(nn.Sequential, outer))
        for layer in (*inner, *outer):
            nn.init.kaiming_uniform_(layer.weight, a=1)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Maps (N, C_i, h, w), the finest first, to one more, (N, maps, h, w)."""
        inner = [block(x) for block, x in zip(self.inner_blocks, features, strict=True)]
        for finer in range(len(inner) - 2, -1, -1):
            coarse = interpolate(inner[finer + 1], size=inner[finer].shape[-2:], mode="nearest")
            inner[finer] = inner[finer] + coarse
        maps = [block(x) for block, x in zip(self.layer_blocks, inner, strict=True)]
        return [*maps, maps[-1][:, :, ::2, ::2]]
