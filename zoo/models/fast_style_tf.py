"""Style transfer by one pass, in the form of L. Engstrom's fast-style-transfer for TensorFlow.

Paper: Johnson, Alahi & Fei-Fei 2016, arXiv:1603.08155, sec. 3.1; Ulyanov, Vedaldi & Lempitsky 2016,
arXiv:1607.08022 (instance norm). Notes: course 4, week 4, "Neural Style Transfer". Its published
variables load (zoo/pretrained/fast_style_tf.py).
Deviations of that program from the paper, all kept (its weights need them): a) instance norm where
the paper has batch norm, with 1e-3 added to the variance; b) every convolution pads with zeros as
TensorFlow's SAME does: with stride 2 an even size gets one row below and one column to the right,
none above and to the left; c) no biases; d) instance norm after the last convolution too; e) its
tanh is scaled to 127.5 +- 150, beyond the paper's [0, 255].
Where we leave the program: f) images are RGB in [0, 1] on both sides, and are multiplied by 255
inside, which is what its weights know; g) where the height or width is no multiple of 4, the up to
3 rows or columns too many are cut off.
``fast_style`` is PyTorch's example of the same paper: reflection padding, biases, no tanh.
Proof: tests/models/test_fast_style_tf.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.init import truncated_normal
from zoo.ops.same_padding import pad_same
from zoo.registry import register

WHITE = 255.0
SMALLEST = 5  # pixels of a side: instance norm needs two at a quarter of the size
EPS = 1e-3
INITIAL = 0.1  # standard deviation of weights


class Convolution(nn.Module):
    """Convolution without bias, SAME; instance norm."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, bias=False)
        self.norm = nn.InstanceNorm2d(c_out, eps=EPS, affine=True)
        self.kernel, self.stride = kernel, stride
        truncated_normal(self.conv, INITIAL)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(self.conv(pad_same(x, self.kernel, self.stride)))
        return normed


class Transposed(nn.Module):
    """Transposed convolution to twice the size, its last row and column cut off (SAME)."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(c_in, c_out, 3, 2, bias=False)
        self.norm = nn.InstanceNorm2d(c_out, eps=EPS, affine=True)
        truncated_normal(self.conv, INITIAL)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(self.conv(x)[:, :, :-1, :-1])
        return normed


class Residual(nn.Module):
    """x + two convolutions of x; no ReLU after the sum."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = Convolution(maps, maps, 3), Convolution(maps, maps, 3)

    def forward(self, x: Tensor) -> Tensor:
        update: Tensor = self.conv2(torch.relu(self.conv1(x)))
        return x + update


class FastStyleTF(nn.Module):
    """Images (N, 3, H, W) in [0, 1] to the same in the style that was learned.

    >>> FastStyleTF()(torch.zeros(1, 3, 30, 22)).shape
    torch.Size([1, 3, 30, 22])
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Convolution(3, 32, 9)
        self.conv2 = Convolution(32, 64, 3, 2)
        self.conv3 = Convolution(64, 128, 3, 2)
        self.residual = nn.Sequential(*(Residual(128) for _ in range(5)))
        self.up1, self.up2 = Transposed(128, 64), Transposed(64, 32)
        self.conv4 = Convolution(32, 3, 9)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) in [0, 1] to pictures of the same size, mostly in [0, 1], not cut.

        Raises:
            ValueError: for a side below 5 pixels.
        """
        height, width = images.shape[2:]
        if min(height, width) < SMALLEST:
            raise ValueError(f"sides must be at least {SMALLEST} pixels, got {height} x {width}")
        x = torch.relu(self.conv1(WHITE * images))
        x = torch.relu(self.conv3(torch.relu(self.conv2(x))))  # (N, 128, H / 4, W / 4), rounded up
        x = self.residual(x)
        x = torch.relu(self.up2(torch.relu(self.up1(x))))
        x = 150 * torch.tanh(self.conv4(x)) + WHITE / 2
        return x[:, :, :height, :width] / WHITE

    def blocks(self) -> list[nn.Module]:
        """Each convolution with its norm, and each residual block."""
        return [
            *(self.conv1, self.conv2, self.conv3, *self.residual),
            *(self.up1, self.up2, self.conv4),
        ]


@register(
    "fast_style_tf",
    paper="Johnson, Alahi & Fei-Fei 2016, arXiv:1603.08155, sec. 3.1",
    task="style_transfer",
    input_shape=(3, 256, 256),
    stem="conv1.conv.weight",
    head="",
)
def fast_style_tf() -> FastStyleTF:
    """Johnson's style network as Engstrom's TensorFlow program has it: 1,677,638 parameters."""
    return FastStyleTF()
