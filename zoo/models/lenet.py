"""LeNet-5: the network of 1998, and the form that everybody trains today.

Paper: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proc. IEEE 86(11), 1998, sec. II.B and appendix A. Notes: course 4, week 2, "Classic networks".
Deviations: ``lenet5_1998`` has none in the network (the paper trains it by a stochastic diagonal
Levenberg-Marquardt method; the recipe does not). ``lenet5`` has plain average pooling, a fully
connected C3, tanh without scaling, and a linear output.
Proof: tests/models/test_lenet.py (counts per layer of the paper, shapes, parity with scipy).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.models.lenet_targets import digit_codes
from zoo.nn.init import initialise, new_head
from zoo.registry import register

PAPER = "LeCun et al. 1998, Proc. IEEE 86(11), sec. II.B"

C3_SOURCES = (  # Table I: which maps of S2 each map of C3 sees
    *((i % 6, (i + 1) % 6, (i + 2) % 6) for i in range(6)),
    *((i % 6, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6) for i in range(6)),
    *((i % 6, (i + 1) % 6, (i + 3) % 6, (i + 4) % 6) for i in range(3)),
    (0, 1, 2, 3, 4, 5),
)


class LeNet5(nn.Module):
    """C1 6@5x5, S2, C3 16@5x5, S4, C5 120, F6 84, linear output: 61,706 parameters.

    >>> LeNet5()(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 10, in_chans: int = 1) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(in_chans, 6, 5)
        self.s2 = nn.AvgPool2d(2)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.s4 = nn.AvgPool2d(2)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.tanh = nn.Tanh()
        self.output: nn.Module = nn.Linear(84, num_classes)
        initialise(self, "xavier")

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 32, 32) to what S2, S4, C5 and F6 give."""
        s2 = self.s2(self.tanh(self.c1(x)))  # (N, 6, 14, 14)
        s4 = self.s4(self.tanh(self.c3(s2)))  # (N, 16, 5, 5)
        c5 = self.tanh(self.c5(s4)).flatten(1)  # (N, 120)
        return [s2, s4, c5, self.tanh(self.f6(c5))]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to F6 (N, 84)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """F6 to logits (N, K)."""
        return features if pre_logits else self.output(features)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The output layer."""
        return self.output

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return 84

    def reset_classifier(self, num_classes: int) -> None:
        """A new output layer."""
        self.output = new_head(self, 84, num_classes)

    def blocks(self) -> list[nn.Module]:
        """C1, C3, C5, F6, output."""
        return [self.c1, self.c3, self.c5, self.f6, self.output]


class ScaledTanh(nn.Module):
    """f(a) = A tanh(S a) with A = 1.7159, S = 2/3, so that f(1) = 1 and f(-1) = -1 (eq. 6)."""

    def forward(self, a: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(a * (2 / 3))


class SubSampling(nn.Module):
    """The sum of each 2x2 square, times a trainable coefficient, plus a trainable bias.

    Shapes: (N, C, H, W) -> (N, C, H / 2, W / 2). Two parameters per map.
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(maps, 1, 1))
        self.bias = nn.Parameter(torch.empty(maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2) * (4 * self.coefficient) + self.bias


class SparseConv(nn.Module):
    """A 5x5 convolution in which each output map sees only the input maps of ``C3_SOURCES``.

    Shapes: (N, 6, H, W) -> (N, 16, H - 4, W - 4). The 60 kernels that exist are the parameters;
    they are laid into a dense kernel whose other entries stay zero.
    """

    kernel_at: Tensor

    def __init__(self) -> None:
        super().__init__()
        at = [6 * out + source for out, sources in enumerate(C3_SOURCES) for source in sources]
        self.register_buffer("kernel_at", torch.tensor(at), persistent=False)
        self.weight = nn.Parameter(torch.empty(len(at), 5, 5))
        self.bias = nn.Parameter(torch.empty(16))

    def forward(self, x: Tensor) -> Tensor:
        dense = self.weight.new_zeros(16 * 6, 5, 5).index_copy(0, self.kernel_at, self.weight)
        return F.conv2d(x, dense.view(16, 6, 5, 5), self.bias)


class RBF(nn.Module):
    """-y_i, with y_i = sum_j (x_j - w_ij)^2, fixed w: how far F6 is from the code of i (eq. 7)."""

    codes: Tensor

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("codes", digit_codes(num_classes), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """F6 (N, 84) to logits (N, K): the penalties y with the sign changed."""
        square = x.square().sum(1, keepdim=True) + self.codes.square().sum(1)
        return 2 * x @ self.codes.T - square


class LeNet5of1998(nn.Module):
    """The network of the paper: 60,000 trainable parameters.

    The outputs are logits = -penalties, so that the largest belongs to the best class; they are
    meant for ``zoo.losses.rbf.map_loss``.

    >>> LeNet5of1998()(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 10, in_chans: int = 1) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(in_chans, 6, 5)
        self.s2 = SubSampling(6)
        self.c3 = SparseConv()
        self.s4 = SubSampling(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.squash = ScaledTanh()
        self.output: nn.Module = RBF(num_classes)
        self._initialise(in_chans)

    @torch.no_grad()
    def _initialise(self, in_chans: int) -> None:
        """Uniform in +-2.4 / fan-in of the unit, biases too (appendix A)."""
        units = [(self.c1, 25 * in_chans), (self.s2, 4), (self.s4, 4), (self.c5, 400)]
        for layer, inputs in [*units, (self.f6, 120)]:
            for parameter in layer.parameters():
                parameter.uniform_(-2.4 / inputs, 2.4 / inputs)
        fan_in = [25 * len(sources) for sources in C3_SOURCES]
        of_kernel = [fan for fan, sources in zip(fan_in, C3_SOURCES, strict=True) for _ in sources]
        self.c3.weight.uniform_(-2.4, 2.4).div_(torch.tensor(of_kernel)[:, None, None])
        self.c3.bias.uniform_(-2.4, 2.4).div_(torch.tensor(fan_in))

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, 32, 32) to what S2, S4, C5 and F6 give."""
        s2 = self.squash(self.s2(self.squash(self.c1(x))))  # (N, 6, 14, 14)
        s4 = self.squash(self.s4(self.squash(self.c3(s2))))  # (N, 16, 5, 5)
        c5 = self.squash(self.c5(s4)).flatten(1)  # (N, 120)
        return [s2, s4, c5, self.squash(self.f6(c5))]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to F6 (N, 84)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """F6 to logits (N, K)."""
        return features if pre_logits else self.output(features)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, 32, 32) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The RBF units, which have nothing to train."""
        return self.output

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return 84

    def reset_classifier(self, num_classes: int) -> None:
        """RBF units for another number of classes."""
        rbf = RBF(num_classes) if num_classes else nn.Identity()
        self.output = rbf.to(self.f6.weight)

    def blocks(self) -> list[nn.Module]:
        """C1, S2, C3, S4, C5, F6, output."""
        return [self.c1, self.s2, self.c3, self.s4, self.c5, self.f6, self.output]


@register("lenet5", paper=PAPER, input_shape=(1, 32, 32), stem="c1.weight", head="output")
def lenet5(num_classes: int = 10, in_chans: int = 1) -> LeNet5:
    """LeNet-5 as everybody trains it: 61,706 parameters."""
    return LeNet5(num_classes, in_chans)


@register("lenet5_1998", paper=PAPER, input_shape=(1, 32, 32), stem="c1.weight", head="")
def lenet5_1998(num_classes: int = 10, in_chans: int = 1) -> LeNet5of1998:
    """LeNet-5 as published: sparse C3, trainable sub-sampling, RBF output; 60,000 parameters."""
    return LeNet5of1998(num_classes, in_chans)
