"""Style transfer by one pass: a network for each style, in the form of PyTorch's example.

Paper: Johnson, Alahi & Fei-Fei 2016, arXiv:1603.08155, sec. 3.1; Ulyanov, Vedaldi & Lempitsky
2016, arXiv:1607.08022 (instance norm). Notes: course 4, week 4, "Neural Style Transfer".
Parameter names are those of the example fast_neural_style of pytorch/examples, whose checkpoints
load (zoo/pretrained/fast_style.py).
Deviations of that example from the paper, all kept (its weights need them): a) instance norm where
the paper has batch norm; b) reflection padding before every convolution, where the paper pads the
image once, by 40 pixels, and pads nothing in its residual blocks; c) nearest neighbours and a
convolution where the paper has convolutions of stride 1/2; d) no scaled tanh at
the end.
Where we leave the example: e) images are RGB in [0, 1] on both sides, and are multiplied by 255
inside, which is what its weights know; f) where the height or width is no multiple of 4, the up to
3 rows or columns too many are cut off.
Proof: tests/models/test_fast_style.py. Initial weights are torch's own, as the example's.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.registry import register

WHITE = 255.0
SMALLEST = 5  # pixels of a side: reflection by 4 needs one more than these


class Reflected(nn.Module):
    """Reflection padding that keeps the size, and a convolution with bias.

    Args:
        upsample: factor by which nearest neighbours enlarge the maps first.
    """

    def __init__(
        self, c_in: int, c_out: int, kernel: int, stride: int = 1, upsample: int = 1
    ) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(c_in, c_out, kernel, stride)
        self.pad, self.upsample = kernel // 2, upsample

    def forward(self, x: Tensor) -> Tensor:
        if self.upsample > 1:
            x = F.interpolate(x, scale_factor=float(self.upsample), mode="nearest")
        made: Tensor = self.conv2d(F.pad(x, (self.pad,) * 4, mode="reflect"))
        return made


class Residual(nn.Module):
    """x + two convolutions of x; no ReLU after the sum."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.conv1 = Reflected(maps, maps, 3)
        self.in1 = nn.InstanceNorm2d(maps, affine=True)
        self.conv2 = Reflected(maps, maps, 3)
        self.in2 = nn.InstanceNorm2d(maps, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        update: Tensor = self.in2(self.conv2(torch.relu(self.in1(self.conv1(x)))))
        return update + x


class FastStyle(nn.Module):
    """Images (N, 3, H, W) in [0, 1] to the same in the style that was learned.

    >>> FastStyle()(torch.zeros(1, 3, 30, 22)).shape
    torch.Size([1, 3, 30, 22])
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Reflected(3, 32, 9)
        self.in1 = nn.InstanceNorm2d(32, affine=True)
        self.conv2 = Reflected(32, 64, 3, 2)
        self.in2 = nn.InstanceNorm2d(64, affine=True)
        self.conv3 = Reflected(64, 128, 3, 2)
        self.in3 = nn.InstanceNorm2d(128, affine=True)
        self.res1, self.res2, self.res3 = Residual(128), Residual(128), Residual(128)
        self.res4, self.res5 = Residual(128), Residual(128)
        self.deconv1 = Reflected(128, 64, 3, upsample=2)
        self.in4 = nn.InstanceNorm2d(64, affine=True)
        self.deconv2 = Reflected(64, 32, 3, upsample=2)
        self.in5 = nn.InstanceNorm2d(32, affine=True)
        self.deconv3 = Reflected(32, 3, 9)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) in [0, 1] to pictures of the same size, mostly in [0, 1], not cut.

        Raises:
            ValueError: for a side below 5 pixels.
        """
        height, width = images.shape[2:]
        if min(height, width) < SMALLEST:
            raise ValueError(f"sides must be at least {SMALLEST} pixels, got {height} x {width}")
        x = torch.relu(self.in1(self.conv1(WHITE * images)))
        x = torch.relu(self.in2(self.conv2(x)))
        x = torch.relu(self.in3(self.conv3(x)))  # (N, 128, H / 4, W / 4), rounded up
        x = self.res5(self.res4(self.res3(self.res2(self.res1(x)))))
        x = torch.relu(self.in4(self.deconv1(x)))
        x = torch.relu(self.in5(self.deconv2(x)))
        return self.deconv3(x)[:, :, :height, :width] / WHITE

    def blocks(self) -> list[nn.Module]:
        """Each convolution with its norm, and each residual block; the last convolution."""
        first = [(self.conv1, self.in1), (self.conv2, self.in2), (self.conv3, self.in3)]
        last = [(self.deconv1, self.in4), (self.deconv2, self.in5)]
        residual = [self.res1, self.res2, self.res3, self.res4, self.res5]
        pairs = [[nn.ModuleList(pair) for pair in some] for some in (first, last)]
        return [*pairs[0], *residual, *pairs[1], self.deconv3]


@register(
    "fast_style",
    paper="Johnson, Alahi & Fei-Fei 2016, arXiv:1603.08155, sec. 3.1",
    task="style_transfer",
    input_shape=(3, 256, 256),
    stem="conv1.conv2d.weight",
    head="",
)
def fast_style() -> FastStyle:
    """Johnson's style network as PyTorch's example has it: 1,679,235 parameters."""
    return FastStyle()
