"""A convolution and what follows it, as several papers share it unchanged."""

from functools import partial

from torch import Tensor, nn


class ConvReLU(nn.Sequential):
    """Convolution with bias, ReLU: the unit of the networks before batch norm."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1, pad: int = 0) -> None:
        super().__init__(nn.Conv2d(c_in, c_out, kernel, stride, pad), nn.ReLU(inplace=True))


class ConvNormReLU(nn.Module):
    """Convolution without bias (beta takes its place), batch norm, ReLU.

    Source: Ioffe & Szegedy 2015, arXiv:1502.03167, sec. 3.2. TensorFlow's ports use eps = 1e-3.

    Args:
        kernel, pad: of both axes, or (vertical, horizontal).
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int | tuple[int, int],
        stride: int = 1,
        pad: int | tuple[int, int] = 0,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, pad, bias=False)
        self.bn = nn.BatchNorm2d(c_out, eps=eps)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


TensorFlowConv = partial(ConvNormReLU, eps=1e-3)


def projection(c_in: int, c_out: int, stride: int) -> nn.Sequential:
    """Option B of residual shortcuts: a 1x1 convolution and batch norm (He et al. 2015, eq. 2)."""
    return nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
