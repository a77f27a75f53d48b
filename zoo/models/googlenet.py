"""GoogLeNet as published: 22 layers of Inception modules, 5x5 kernels, no batch norm.

Paper: Szegedy et al., "Going Deeper with Convolutions", 2014, arXiv:1409.4842, Table 1, Fig. 3 and
sec. 5. Notes: course 4, week 2, "Inception network".
Deviations: none in the network where the paper is definite. It is silent on three things:
the local response normalisation's constants are AlexNet's; the weights begin as He et al.'s for
ReLU, biases at 0; the last average runs over whatever map there is, so that images of any size
pass (7x7 for 224x224). The auxiliary heads keep their 5x5/3 pooling and want 224x224.
Table 1's operations agree with this network in each row but two: conv1 (34M; the 7x7 kernels it
names make 118M) and 5a (54M; 51M). Its parameters are rounder (up to 8 %; conv1 2.7K for 9.4K).
Proof: tests/models/test_googlenet.py (rows of Table 1, parity with plain functions).
"""

from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.conv import ConvReLU
from zoo.nn.inception import Inception
from zoo.nn.init import initialise, new_head
from zoo.nn.norm import LocalResponseNorm
from zoo.registry import register

PAPER = "Szegedy et al. 2014, arXiv:1409.4842, Table 1"

TABLE_1 = {  # c_in | 1x1 | 3x3 reduce, 3x3 | 5x5 reduce, 5x5 | pool proj
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


class Auxiliary(nn.Module):
    """A small classifier on the maps of 4a or 4d, for training only (sec. 5).

    Average pooling 5x5/3, 1x1 convolution to 128 maps, 1024 units, 70 % dropout, K outputs.
    Shapes: (N, c_in, 14, 14) -> (N, K).
    """

    def __init__(self, c_in: int, num_classes: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, 3)
        self.conv = ConvReLU(c_in, 128, 1)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2: nn.Module = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        if not (14 <= height <= 16 and 14 <= width <= 16):
            raise BadInput(
                f"auxiliary heads take maps of 14 x 14, got {height} x {width}: "
                "train on images of 224 x 224, or with auxiliary=False"
            )
        x = self.conv(self.pool(x)).flatten(1)  # (N, 2048)
        return self.fc2(self.dropout(self.relu(self.fc1(x))))


class GoogLeNet(nn.Module):
    """6,998,552 parameters; 13,378,280 with auxiliary heads (they are gone in use).

    Args:
        auxiliary: two more heads, on 4a and 4d; in training mode they give logits too.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_chans: int = 3,
        auxiliary: bool = False,
        dropout: float = 0.4,
    ) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.norm = LocalResponseNorm()
        self.conv1 = ConvReLU(in_chans, 64, 7, 2, 3)
        self.conv2 = ConvReLU(64, 64, 1)
        self.conv3 = ConvReLU(64, 192, 3, 1, 1)
        self.inception3a = Inception(*TABLE_1["3a"])
        self.inception3b = Inception(*TABLE_1["3b"])
        self.inception4a = Inception(*TABLE_1["4a"])
        self.inception4b = Inception(*TABLE_1["4b"])
        self.inception4c = Inception(*TABLE_1["4c"])
        self.inception4d = Inception(*TABLE_1["4d"])
        self.inception4e = Inception(*TABLE_1["4e"])
        self.inception5a = Inception(*TABLE_1["5a"])
        self.inception5b = Inception(*TABLE_1["5b"])
        self.aux1 = Auxiliary(512, num_classes) if auxiliary else None
        self.aux2 = Auxiliary(528, num_classes) if auxiliary else None
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc: nn.Module = nn.Linear(1024, num_classes)
        initialise(self, "he")

    def _walk(self, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The stages, and the inputs of the auxiliary heads (4a and 4d)."""
        x1 = self.conv1(x)  # (N, 64, 112, 112)
        x2 = self.norm(self.conv3(self.conv2(self.norm(self.pool(x1)))))  # (N, 192, 56, 56)
        x3 = self.inception3b(self.inception3a(self.pool(x2)))  # (N, 480, 28, 28)
        of_4a = self.inception4a(self.pool(x3))  # (N, 512, 14, 14)
        of_4d = self.inception4d(self.inception4c(self.inception4b(of_4a)))  # (N, 528, 14, 14)
        x4 = self.inception4e(of_4d)  # (N, 832, 14, 14)
        x5 = self.inception5b(self.inception5a(self.pool(x4)))  # (N, 1024, 7, 7)
        return [x1, x2, x3, x4, x5], [of_4a, of_4d]

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to the maps before each reduction: 112, 56, 28, 14, 7."""
        return self._walk(x)[0]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to the maps of 5b (N, 1024, H / 32, W / 32)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Maps of 5b to logits (N, K), or to their averages (N, 1024)."""
        x = self.dropout(self.avgpool(features).flatten(1))
        return x if pre_logits else self.fc(x)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Images (N, C, H, W) to logits (N, K); training with auxiliary heads: those of each.

        Raises:
            BadInput: in training, for images that the auxiliary heads cannot take.
        """
        stages, taps = self._walk(x)
        heads = self._auxiliaries() if self.training else []
        others = [head(tap) for head, tap in zip(heads, taps, strict=False)]
        logits = self.forward_head(stages[-1])
        return (logits, *others) if others else logits

    def _auxiliaries(self) -> list[Auxiliary]:
        return [head for head in (self.aux1, self.aux2) if head is not None]

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.fc

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return 1024

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer, of the auxiliary heads too."""
        self.fc = new_head(self, 1024, num_classes)
        for head in self._auxiliaries():
            head.fc2 = new_head(self, 1024, num_classes)

    def blocks(self) -> list[nn.Module]:
        """conv1, conv2 with conv3, the nine modules, the heads."""
        return [
            *(self.conv1, nn.Sequential(self.conv2, self.conv3)),
            *(getattr(self, f"inception{name}") for name in TABLE_1),
            nn.ModuleList([self.fc, *self._auxiliaries()]),
        ]


@register(
    "googlenet",
    paper=PAPER,
    input_shape=(3, 224, 224),
    stem="conv1.0.weight",
    head="fc aux1.fc2 aux2.fc2",
)
def googlenet(
    num_classes: int = 1000, in_chans: int = 3, auxiliary: bool = False, dropout: float = 0.4
) -> GoogLeNet:
    """GoogLeNet as published: 5x5 kernels, no batch norm; 6,998,552 parameters."""
    return GoogLeNet(num_classes, in_chans, auxiliary, dropout)
