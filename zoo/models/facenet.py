"""FaceNet of Inception-ResNet-v1: the network that the published face weights are of.

Papers: Schroff, Kalenichenko & Philbin 2015, arXiv:1503.03832 (FaceNet: embeddings of length 1 and
the triplet loss); Szegedy, Ioffe, Vanhoucke & Alemi 2016, arXiv:1602.07261, sec. 3.2 and Fig. 10 to
14 (Inception-ResNet-v1). Notes: course 4, week 4, "Face Recognition". Parameter names are those of
facenet-pytorch, whose weights load (zoo/pretrained/facenet_pytorch.py).
Deviations: FaceNet's own networks are NN1 to NN4, without residual connections; this one is that of
D. Sandberg's port, and its weights were trained by cross-entropy. It differs from
Inception-ResNet-v1 in four points: a) images of 160 pixels, not 299; b) a sixth block C, without
ReLU; c) instead of the classes a linear layer without bias, batch norm, length 1; d) dropout drops
0.6 of the features, not 0.2.
Proof: tests/models/test_facenet.py. Loss: zoo/losses/verification/triplet.py.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.nn.conv import TensorFlowConv as Conv
from zoo.nn.init import initialise
from zoo.nn.unit_length import squared_distances, unit_length
from zoo.registry import register

SMALLEST = 75  # pixels, of which the last maps have one


class BlockA(nn.Module):
    """Inception-ResNet-A (Fig. 10) on 256 maps of 17x17."""

    scale = 0.17  # of what is added to x: it keeps training stable (sec. 3.3)

    def __init__(self) -> None:
        super().__init__()
        self.branch0 = Conv(256, 32, 1)
        self.branch1 = nn.Sequential(Conv(256, 32, 1), Conv(32, 32, 3, 1, 1))
        self.branch2 = nn.Sequential(Conv(256, 32, 1), Conv(32, 32, 3, 1, 1), Conv(32, 32, 3, 1, 1))
        self.conv2d = nn.Conv2d(96, 256, 1)

    def forward(self, x: Tensor) -> Tensor:
        views = torch.cat([self.branch0(x), self.branch1(x), self.branch2(x)], 1)
        return torch.relu(x + self.scale * self.conv2d(views))


class BlockB(nn.Module):
    """Inception-ResNet-B (Fig. 11) on 896 maps of 8x8: 7x7 as 1x7 and 7x1."""

    scale = 0.10

    def __init__(self) -> None:
        super().__init__()
        self.branch0 = Conv(896, 128, 1)
        self.branch1 = nn.Sequential(
            Conv(896, 128, 1), Conv(128, 128, (1, 7), 1, (0, 3)), Conv(128, 128, (7, 1), 1, (3, 0))
        )
        self.conv2d = nn.Conv2d(256, 896, 1)

    def forward(self, x: Tensor) -> Tensor:
        views = torch.cat([self.branch0(x), self.branch1(x)], 1)
        return torch.relu(x + self.scale * self.conv2d(views))


class BlockC(nn.Module):
    """Inception-ResNet-C (Fig. 13) on 1792 maps of 3x3: 3x3 as 1x3 and 3x1.

    Args:
        last: the sixth of them, which is added in full and without ReLU (deviation b).
    """

    def __init__(self, last: bool = False) -> None:
        super().__init__()
        self.branch0 = Conv(1792, 192, 1)
        self.branch1 = nn.Sequential(
            Conv(1792, 192, 1), Conv(192, 192, (1, 3), 1, (0, 1)), Conv(192, 192, (3, 1), 1, (1, 0))
        )
        self.conv2d = nn.Conv2d(384, 1792, 1)
        self.scale = 1.0 if last else 0.20
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        views = torch.cat([self.branch0(x), self.branch1(x)], 1)
        added = x + self.scale * self.conv2d(views)
        return added if self.last else torch.relu(added)


class ReductionA(nn.Module):
    """256 maps of 17x17 to 896 of 8x8 (Fig. 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch0 = Conv(256, 384, 3, 2)
        self.branch1 = nn.Sequential(
            Conv(256, 192, 1), Conv(192, 192, 3, 1, 1), Conv(192, 256, 3, 2)
        )
        self.branch2 = nn.MaxPool2d(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.branch2(x)], 1)


class ReductionB(nn.Module):
    """896 maps of 8x8 to 1792 of 3x3 (Fig. 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch0 = nn.Sequential(Conv(896, 256, 1), Conv(256, 384, 3, 2))
        self.branch1 = nn.Sequential(Conv(896, 256, 1), Conv(256, 256, 3, 2))
        self.branch2 = nn.Sequential(
            Conv(896, 256, 1), Conv(256, 256, 3, 1, 1), Conv(256, 256, 3, 2)
        )
        self.branch3 = nn.MaxPool2d(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        views = [self.branch0(x), self.branch1(x), self.branch2(x), self.branch3(x)]
        return torch.cat(views, 1)


class FaceNet(nn.Module):
    """Images (N, 3, S, S) to embeddings (N, D) of length 1, near for the same face."""

    objective: ClassVar[str] = "semi_hard"
    scale: ClassVar[str] = "squared L2"

    def __init__(
        self,
        in_chans: int = 3,
        image_size: int = 160,
        embedding_dim: int = 512,
        dropout: float = 0.6,
    ) -> None:
        super().__init__()
        if image_size < SMALLEST:
            raise ValueError(f"image_size must be at least {SMALLEST}, got {image_size}")
        self.image_size, self.embedding_dim = image_size, embedding_dim
        self.conv2d_1a = Conv(in_chans, 32, 3, 2)  # (N, 32, 79, 79)
        self.conv2d_2a = Conv(32, 32, 3)
        self.conv2d_2b = Conv(32, 64, 3, 1, 1)  # (N, 64, 77, 77)
        self.maxpool_3a = nn.MaxPool2d(3, 2)
        self.conv2d_3b = Conv(64, 80, 1)
        self.conv2d_4a = Conv(80, 192, 3)
        self.conv2d_4b = Conv(192, 256, 3, 2)  # (N, 256, 17, 17)
        self.repeat_1 = nn.Sequential(*(BlockA() for _ in range(5)))
        self.mixed_6a = ReductionA()  # (N, 896, 8, 8)
        self.repeat_2 = nn.Sequential(*(BlockB() for _ in range(10)))
        self.mixed_7a = ReductionB()  # (N, 1792, 3, 3)
        self.repeat_3 = nn.Sequential(*(BlockC() for _ in range(5)))
        self.block8 = BlockC(last=True)
        self.dropout = nn.Dropout(dropout)
        self.last_linear = nn.Linear(1792, embedding_dim, bias=False)
        self.last_bn = nn.BatchNorm1d(embedding_dim, eps=1e-3)
        initialise(self, "he")

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, S, S) to embeddings (N, D) of length 1; S may be another than its own."""
        x = self.conv2d_2b(self.conv2d_2a(self.conv2d_1a(images)))
        x = self.conv2d_3b(self.maxpool_3a(x))
        x = self.conv2d_4b(self.conv2d_4a(x))
        x = self.mixed_6a(self.repeat_1(x))
        x = self.mixed_7a(self.repeat_2(x))
        x = self.block8(self.repeat_3(x)).mean((2, 3))  # (N, 1792)
        return unit_length(self.last_bn(self.last_linear(self.dropout(x))))

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        """Embeddings (N, D) and (M, D) to their squared distances, (N, M)."""
        return squared_distances(a, b)

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        """The same of pairs: embeddings (N, D) and (N, D) to (N,)."""
        return (a - b).square().sum(1)

    def blocks(self) -> list[nn.Module]:
        """Each convolution of the stem, block and reduction; the linear layer and its norm."""
        stem = [self.conv2d_1a, self.conv2d_2a, self.conv2d_2b, self.conv2d_3b]
        stem += [self.conv2d_4a, self.conv2d_4b]
        body = [*self.repeat_1, self.mixed_6a, *self.repeat_2, self.mixed_7a, *self.repeat_3]
        return [*stem, *body, self.block8, nn.ModuleList([self.last_linear, self.last_bn])]


@register(
    "facenet",
    paper="Szegedy et al. 2016, arXiv:1602.07261, Inception-ResNet-v1, with FaceNet's embedding",
    task="verification",
    input_shape=(3, 160, 160),
    stem="conv2d_1a.conv.weight",
    head="",
)
def facenet(
    in_chans: int = 3, image_size: int = 160, embedding_dim: int = 512, dropout: float = 0.6
) -> FaceNet:
    """Inception-ResNet-v1 with embeddings of 512 numbers: 23,482,624 parameters."""
    return FaceNet(in_chans, image_size, embedding_dim, dropout)
