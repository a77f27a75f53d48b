"""GoogLeNet in the form of torchvision's weights, which were ported from TensorFlow.

Paper: Szegedy et al. 2014, arXiv:1409.4842; batch norm from Ioffe & Szegedy 2015,
arXiv:1502.03167. Notes: course 4, week 2, "Inception network". ``zoo.models.googlenet`` is the
paper's own network.
Deviations of torchvision's form from the paper, all kept (its weights need them):
    a. the 5x5 branch has 3x3 kernels, by a mistake of the port (pytorch/vision issue 906);
    b. batch norm (eps 1e-3) and no biases; no local response normalisation;
    c. the pooling between 4e and 5a is 2x2/2, not 3x3/2;
    d. 20 % dropout before the last layer, not 40 %;
    e. the auxiliary heads average over a 4x4 grid of any map, not 5x5/3 (14x14 gives other values);
    f. the released file's auxiliary heads were never trained: their weights are random.
Where we leave torchvision:
    g. outputs in training mode are (logits, of 4a, of 4d), theirs (logits, of 4d, of 4a); our loss
       for them is ``zoo.losses.auxiliary``, theirs is missing and their script fails here;
    h. weights begin as a normal of 0.01 that is cut at 2 sigma; theirs, cut at the absolute
       values -2 and 2, is never cut; biases at 0;
    i. no ``transform_input``: the front end on the weights' card has mean and std 0.5.
Proof: tests/models/test_googlenet_tv.py (parity with torchvision, a test for each letter but f).
"""

from functools import partial

from torch import Tensor, nn

from zoo.models.googlenet import TABLE_1
from zoo.nn import inception
from zoo.nn.conv import TensorFlowConv
from zoo.nn.init import new_head, truncated_normal
from zoo.registry import register

PAPER = "Szegedy et al. 2014, arXiv:1409.4842; torchvision's form"

Inception = partial(inception.Inception, unit=TensorFlowConv, large=3)


class AuxiliaryTV(nn.Module):
    """A 4x4 grid of averages, 1x1 convolution to 128 maps, 1024 units, 70 % dropout, K outputs.

    Shapes: (N, c_in, H, W) -> (N, K).
    """

    def __init__(self, c_in: int, num_classes: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.conv = TensorFlowConv(c_in, 128, 1)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2: nn.Module = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.pool(x)).flatten(1)  # (N, 2048)
        return self.fc2(self.dropout(self.relu(self.fc1(x))))


class GoogLeNetTV(nn.Module):
    """6,624,904 parameters; 13,004,888 with auxiliary heads.

    Args:
        auxiliary: two more heads, on 4a and 4d; in training mode they give logits too.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_chans: int = 3,
        auxiliary: bool = False,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.pool4 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv1 = TensorFlowConv(in_chans, 64, 7, 2, 3)
        self.conv2 = TensorFlowConv(64, 64, 1)
        self.conv3 = TensorFlowConv(64, 192, 3, 1, 1)
        self.inception3a = Inception(*TABLE_1["3a"])
        self.inception3b = Inception(*TABLE_1["3b"])
        self.inception4a = Inception(*TABLE_1["4a"])
        self.inception4b = Inception(*TABLE_1["4b"])
        self.inception4c = Inception(*TABLE_1["4c"])
        self.inception4d = Inception(*TABLE_1["4d"])
        self.inception4e = Inception(*TABLE_1["4e"])
        self.inception5a = Inception(*TABLE_1["5a"])
        self.inception5b = Inception(*TABLE_1["5b"])
        self.aux1 = AuxiliaryTV(512, num_classes) if auxiliary else None
        self.aux2 = AuxiliaryTV(528, num_classes) if auxiliary else None
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc: nn.Module = nn.Linear(1024, num_classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                truncated_normal(layer, 0.01)

    def _walk(self, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The stages, and the inputs of the auxiliary heads (4a and 4d)."""
        x1 = self.conv1(x)  # (N, 64, 112, 112)
        x2 = self.conv3(self.conv2(self.pool(x1)))  # (N, 192, 56, 56)
        x3 = self.inception3b(self.inception3a(self.pool(x2)))  # (N, 480, 28, 28)
        of_4a = self.inception4a(self.pool(x3))  # (N, 512, 14, 14)
        of_4d = self.inception4d(self.inception4c(self.inception4b(of_4a)))  # (N, 528, 14, 14)
        x4 = self.inception4e(of_4d)  # (N, 832, 14, 14)
        x5 = self.inception5b(self.inception5a(self.pool4(x4)))  # (N, 1024, 7, 7)
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
        """Images (N, C, H, W) to logits (N, K); training with auxiliary heads: those of each."""
        stages, taps = self._walk(x)
        heads = self._auxiliaries() if self.training else []
        others = [head(tap) for head, tap in zip(heads, taps, strict=False)]
        logits = self.forward_head(stages[-1])
        return (logits, *others) if others else logits

    def _auxiliaries(self) -> list[AuxiliaryTV]:
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
    "googlenet_tv",
    paper=PAPER,
    input_shape=(3, 224, 224),
    stem="conv1.conv.weight",
    head="fc aux1.fc2 aux2.fc2",
)
def googlenet_tv(
    num_classes: int = 1000, in_chans: int = 3, auxiliary: bool = False, dropout: float = 0.2
) -> GoogLeNetTV:
    """GoogLeNet as torchvision has it: 3x3 for 5x5, batch norm; 6,624,904 parameters."""
    return GoogLeNetTV(num_classes, in_chans, auxiliary, dropout)
