"""Inception v3: large kernels taken apart into small and into one-sided ones.

Paper: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
arXiv:1512.00567, Table 1, Fig. 5-8 and 10. Notes: course 4, week 2, "Inception network".
Parameter names are torchvision's, which are those of the network that the authors released.
Deviations of the released network from the paper, all kept (its weights need them):
    a. the 35x35 modules keep a 5x5 convolution; Fig. 5 has two 3x3 in its place (pytorch/vision
       issue 798);
    b. between the first pooling and the first module: 1x1 to 80, 3x3 to 192, and 3x3/2 pooling;
       Table 1 has three 3x3 convolutions, to 80, to 192 with stride 2, and to 288;
    c. the five 17x17 modules of Table 1 are a reduction and four modules; the two of 8x8 have
       another reduction before them, in which a 3x3/2 convolution ends a 7x7 taken apart.
Deviations of torchvision's form from the released network, kept too:
    d. the averages within the modules count the zeros around the map (TensorFlow's do not);
    e. 50 % dropout before the last layer, where TensorFlow's has 20 %.
Where we leave torchvision:
    f. weights begin as normals that are cut at 2 sigma, as TensorFlow's; torchvision's cut at the
       absolute values -2 and 2 is none; biases at 0;
    g. no ``transform_input``: the front end on the weights' card has mean and std 0.5.
Proof: tests/models/test_inception_v3.py (parity with torchvision, a test for each letter).
"""

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.conv import TensorFlowConv as Conv
from zoo.nn.init import new_head, truncated_normal
from zoo.registry import register

PAPER = "Szegedy et al. 2015, arXiv:1512.00567, Table 1"


def chain(x: Tensor, *layers: nn.Module) -> Tensor:
    """One layer after another."""
    for layer in layers:
        x = layer(x)
    return x


class Module35(nn.Module):
    """Fig. 5, with its 5x5: (N, c_in, 35, 35) -> (N, 224 + proj, 35, 35)."""

    def __init__(self, c_in: int, proj: int) -> None:
        super().__init__()
        self.branch1x1 = Conv(c_in, 64, 1)
        self.branch5x5_1 = Conv(c_in, 48, 1)
        self.branch5x5_2 = Conv(48, 64, 5, pad=2)
        self.branch3x3dbl_1 = Conv(c_in, 64, 1)
        self.branch3x3dbl_2 = Conv(64, 96, 3, pad=1)
        self.branch3x3dbl_3 = Conv(96, 96, 3, pad=1)
        self.pool = nn.AvgPool2d(3, 1, 1)  # the zeros around the map count
        self.branch_pool = Conv(c_in, proj, 1)

    def forward(self, x: Tensor) -> Tensor:
        five = chain(x, self.branch5x5_1, self.branch5x5_2)
        double = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3)
        return torch.cat([self.branch1x1(x), five, double, self.branch_pool(self.pool(x))], 1)


class Reduction35(nn.Module):
    """Fig. 10, from 35x35 to 17x17: (N, 288, 35, 35) -> (N, 768, 17, 17)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3 = Conv(288, 384, 3, 2)
        self.branch3x3dbl_1 = Conv(288, 64, 1)
        self.branch3x3dbl_2 = Conv(64, 96, 3, pad=1)
        self.branch3x3dbl_3 = Conv(96, 96, 3, 2)
        self.pool = nn.MaxPool2d(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        double = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3)
        return torch.cat([self.branch3x3(x), double, self.pool(x)], 1)


class Module17(nn.Module):
    """Fig. 6 with n = 7: 7x7 as 1x7 and 7x1; (N, 768, 17, 17) -> (N, 768, 17, 17)."""

    def __init__(self, c: int) -> None:
        super().__init__()
        across, along = ((1, 7), (0, 3)), ((7, 1), (3, 0))  # kernel, padding
        self.branch1x1 = Conv(768, 192, 1)
        self.branch7x7_1 = Conv(768, c, 1)
        self.branch7x7_2 = Conv(c, c, across[0], pad=across[1])
        self.branch7x7_3 = Conv(c, 192, along[0], pad=along[1])
        self.branch7x7dbl_1 = Conv(768, c, 1)
        self.branch7x7dbl_2 = Conv(c, c, along[0], pad=along[1])
        self.branch7x7dbl_3 = Conv(c, c, across[0], pad=across[1])
        self.branch7x7dbl_4 = Conv(c, c, along[0], pad=along[1])
        self.branch7x7dbl_5 = Conv(c, 192, across[0], pad=across[1])
        self.pool = nn.AvgPool2d(3, 1, 1)  # the zeros around the map count
        self.branch_pool = Conv(768, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        seven = chain(x, self.branch7x7_1, self.branch7x7_2, self.branch7x7_3)
        double = chain(x, self.branch7x7dbl_1, self.branch7x7dbl_2, self.branch7x7dbl_3)
        double = chain(double, self.branch7x7dbl_4, self.branch7x7dbl_5)
        return torch.cat([self.branch1x1(x), seven, double, self.branch_pool(self.pool(x))], 1)


class Reduction17(nn.Module):
    """From 17x17 to 8x8: (N, 768, 17, 17) -> (N, 1280, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3_1 = Conv(768, 192, 1)
        self.branch3x3_2 = Conv(192, 320, 3, 2)
        self.branch7x7x3_1 = Conv(768, 192, 1)
        self.branch7x7x3_2 = Conv(192, 192, (1, 7), pad=(0, 3))
        self.branch7x7x3_3 = Conv(192, 192, (7, 1), pad=(3, 0))
        self.branch7x7x3_4 = Conv(192, 192, 3, 2)
        self.pool = nn.MaxPool2d(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        three = chain(x, self.branch3x3_1, self.branch3x3_2)
        seven = chain(x, self.branch7x7x3_1, self.branch7x7x3_2, self.branch7x7x3_3)
        return torch.cat([three, self.branch7x7x3_4(seven), self.pool(x)], 1)


class Module8(nn.Module):
    """Fig. 7: 1x3 and 3x1 side by side; (N, c_in, 8, 8) -> (N, 2048, 8, 8)."""

    def __init__(self, c_in: int) -> None:
        super().__init__()
        self.branch1x1 = Conv(c_in, 320, 1)
        self.branch3x3_1 = Conv(c_in, 384, 1)
        self.branch3x3_2a = Conv(384, 384, (1, 3), pad=(0, 1))
        self.branch3x3_2b = Conv(384, 384, (3, 1), pad=(1, 0))
        self.branch3x3dbl_1 = Conv(c_in, 448, 1)
        self.branch3x3dbl_2 = Conv(448, 384, 3, pad=1)
        self.branch3x3dbl_3a = Conv(384, 384, (1, 3), pad=(0, 1))
        self.branch3x3dbl_3b = Conv(384, 384, (3, 1), pad=(1, 0))
        self.pool = nn.AvgPool2d(3, 1, 1)  # the zeros around the map count
        self.branch_pool = Conv(c_in, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        three = self.branch3x3_1(x)
        double = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2)
        parts = [self.branch1x1(x), self.branch3x3_2a(three), self.branch3x3_2b(three)]
        parts += [self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double)]
        return torch.cat([*parts, self.branch_pool(self.pool(x))], 1)


class AuxiliaryV3(nn.Module):
    """Fig. 8, with batch norm: average pooling 5x5/3, 1x1 to 128, 5x5 to 768, K outputs.

    Shapes: (N, 768, 17, 17) -> (N, K).
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.pool0 = nn.AvgPool2d(5, 3)
        self.conv0 = Conv(768, 128, 1)
        self.conv1 = Conv(128, 768, 5)
        self.pool1 = nn.AdaptiveAvgPool2d(1)
        self.fc: nn.Module = nn.Linear(768, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        if min(x.shape[2:]) < 17:
            raise BadInput(
                f"the auxiliary head takes maps of at least 17 x 17, got {tuple(x.shape[2:])}: "
                "train on images of 299 x 299, or with auxiliary=False"
            )
        x = chain(x, self.pool0, self.conv0, self.conv1)  # (N, 768, 1, 1)
        return self.fc(self.pool1(x).flatten(1))


class InceptionV3(nn.Module):
    """23,834,568 parameters; 27,161,264 with the auxiliary head. Images from 75x75 on.

    Args:
        auxiliary: one more head, on the last 17x17 maps; in training mode it gives logits too.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_chans: int = 3,
        auxiliary: bool = False,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, 2)
        self.Conv2d_1a_3x3 = Conv(in_chans, 32, 3, 2)
        self.Conv2d_2a_3x3 = Conv(32, 32, 3)
        self.Conv2d_2b_3x3 = Conv(32, 64, 3, pad=1)
        self.Conv2d_3b_1x1 = Conv(64, 80, 1)
        self.Conv2d_4a_3x3 = Conv(80, 192, 3)
        self.Mixed_5b = Module35(192, 32)
        self.Mixed_5c = Module35(256, 64)
        self.Mixed_5d = Module35(288, 64)
        self.Mixed_6a = Reduction35()
        self.Mixed_6b = Module17(128)
        self.Mixed_6c = Module17(160)
        self.Mixed_6d = Module17(160)
        self.Mixed_6e = Module17(192)
        self.AuxLogits = AuxiliaryV3(num_classes) if auxiliary else None
        self.Mixed_7a = Reduction17()
        self.Mixed_7b = Module8(1280)
        self.Mixed_7c = Module8(2048)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc: nn.Module = nn.Linear(2048, num_classes)
        self._initialise()

    def _initialise(self) -> None:
        """Cut normals of 0.1; 0.01 and 0.001 in the auxiliary head's last two layers."""
        aux = self.AuxLogits
        own = {} if aux is None else {aux.conv1.conv: 0.01, aux.fc: 0.001}
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                truncated_normal(layer, own.get(layer, 0.1))

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to the maps before each reduction: 147, 71, 35, 17, 8."""
        x1 = chain(x, self.Conv2d_1a_3x3, self.Conv2d_2a_3x3, self.Conv2d_2b_3x3)
        x2 = chain(x1, self.pool, self.Conv2d_3b_1x1, self.Conv2d_4a_3x3)  # (N, 192, 71, 71)
        x3 = chain(x2, self.pool, self.Mixed_5b, self.Mixed_5c, self.Mixed_5d)
        x4 = chain(x3, self.Mixed_6a, self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e)
        return [x1, x2, x3, x4, chain(x4, self.Mixed_7a, self.Mixed_7b, self.Mixed_7c)]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to the maps of the last module (N, 2048, 8, 8)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps of the last module to logits (N, K), or to their averages (N, 2048)."""
        x = self.dropout(self.avgpool(features).flatten(1))
        return x if pre_logits else self.fc(x)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Images (N, C, H, W) to logits (N, K); training with the auxiliary head: of both.

        Raises:
            BadInput: in training, for images that the auxiliary head cannot take.
        """
        stages = self.forward_stages(x)
        if not self.training or self.AuxLogits is None:
            return self.forward_head(stages[-1])
        return self.forward_head(stages[-1]), self.AuxLogits(stages[3])

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.fc

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return 2048

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer, of the auxiliary head too."""
        self.fc = new_head(self, 2048, num_classes)
        if self.AuxLogits is not None:
            self.AuxLogits.fc = new_head(self, 768, num_classes)

    def blocks(self) -> list[nn.Module]:
        """The five convolutions, the eleven modules, the heads."""
        body = [
            part for name, part in self.named_children() if name.startswith(("Conv2d", "Mixed"))
        ]
        heads = [self.fc] if self.AuxLogits is None else [self.fc, self.AuxLogits]
        return [*body, nn.ModuleList(heads)]


@register(
    "inception_v3",
    paper=PAPER,
    input_shape=(3, 299, 299),
    stem="Conv2d_1a_3x3.conv.weight",
    head="fc AuxLogits.fc",
)
def inception_v3(
    num_classes: int = 1000, in_chans: int = 3, auxiliary: bool = False, dropout: float = 0.5
) -> InceptionV3:
    """Inception v3 as released by its authors: 23,834,568 parameters."""
    return InceptionV3(num_classes, in_chans, auxiliary, dropout)
