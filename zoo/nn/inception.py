"""The inception module: four views of the same maps, side by side.

Paper: Szegedy et al. 2014, arXiv:1409.4842, sec. 4 and Fig. 2b. Notes: course 4, week 2,
"Inception network motivation". Used by googlenet, googlenet_tv and googlenet_small.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from zoo.nn.conv import ConvReLU


class Inception(nn.Module):
    """1x1 | 1x1 then 3x3 | 1x1 then 5x5 | 3x3 max pooling then 1x1, joined along the channels.

    Shapes: (N, c_in, H, W) -> (N, out, H, W) with out = c1 + c3 + c5 + proj.

    Args:
        c1: maps of the 1x1 branch.
        reduce3, c3: maps of the 1x1 before the 3x3, and of the 3x3.
        reduce5, c5: the same for the branch of large kernels.
        proj: maps of the projection after pooling.
        unit: convolution with what follows it: (c_in, c_out, kernel, stride, pad) -> module.
        large: kernel of the third branch (5; torchvision's port has 3).
    """

    def __init__(
        self,
        c_in: int,
        c1: int,
        reduce3: int,
        c3: int,
        reduce5: int,
        c5: int,
        proj: int,
        unit: Callable[..., nn.Module] = ConvReLU,
        large: int = 5,
    ) -> None:
        super().__init__()
        self.out = c1 + c3 + c5 + proj
        self.branch1 = unit(c_in, c1, 1)
        self.branch2 = nn.Sequential(unit(c_in, reduce3, 1), unit(reduce3, c3, 3, 1, 1))
        self.branch3 = nn.Sequential(
            unit(c_in, reduce5, 1), unit(reduce5, c5, large, 1, large // 2)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, 1, padding=1, ceil_mode=True), unit(c_in, proj, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)
