"""A small FaceNet of inception modules, for training from scratch on a few thousand images.

Paper: after the network NN2 of Schroff, Kalenichenko & Philbin 2015, arXiv:1503.03832, sec. 3.3 and
Table 2. Notes: course 4, week 4, "Face Recognition".
Deviations: this is not NN2 but its idea at a twentieth of the parameters: images of 56 pixels, not
224; half as many modules and at most 256 maps; batch norm after every convolution, no L2 pooling.
Proof: tests/models/test_facenet_small.py. Loss: zoo/losses/verification/triplet.py.
"""

from typing import ClassVar

from torch import Tensor, nn

from zoo.nn.conv import ConvNormReLU
from zoo.nn.inception import Inception
from zoo.nn.init import initialise
from zoo.nn.unit_length import squared_distances, unit_length
from zoo.registry import register

SMALLEST = 32  # pixels


class FaceNetSmall(nn.Module):
    """Images (N, C, S, S) to embeddings (N, D) of length 1, near for the same face.

    >>> import torch
    >>> FaceNetSmall()(torch.zeros(2, 3, 56, 56)).shape
    torch.Size([2, 128])
    """

    objective: ClassVar[str] = "semi_hard"
    scale: ClassVar[str] = "squared L2"

    def __init__(self, in_chans: int = 3, image_size: int = 56, embedding_dim: int = 128) -> None:
        super().__init__()
        if image_size < SMALLEST:
            raise ValueError(f"image_size must be at least {SMALLEST}, got {image_size}")
        self.image_size, self.embedding_dim = image_size, embedding_dim
        self.stages = nn.Sequential(
            ConvNormReLU(in_chans, 32, 7, 2, 3),  # (N, 32, 28, 28)
            nn.MaxPool2d(3, 2, padding=1),
            ConvNormReLU(32, 32, 1),
            ConvNormReLU(32, 64, 3, 1, 1),  # (N, 64, 14, 14)
            Inception(64, 24, 32, 48, 8, 12, 12, unit=ConvNormReLU),
            Inception(96, 32, 32, 64, 12, 24, 24, unit=ConvNormReLU),
            nn.MaxPool2d(3, 2, padding=1),
            Inception(144, 64, 48, 96, 16, 32, 32, unit=ConvNormReLU),
            Inception(224, 64, 64, 128, 16, 32, 32, unit=ConvNormReLU),  # (N, 256, 7, 7)
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(256, embedding_dim)
        initialise(self.stages, "he")
        initialise(self.fc, "xavier")

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, S, S) to embeddings (N, D) of length 1; S may be another than its own."""
        return unit_length(self.fc(self.pool(self.stages(images)).flatten(1)))

    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        """Embeddings (N, D) and (M, D) to their squared distances, (N, M)."""
        return squared_distances(a, b)

    def pairwise(self, a: Tensor, b: Tensor) -> Tensor:
        """The same of pairs: embeddings (N, D) and (N, D) to (N,)."""
        return (a - b).square().sum(1)

    def blocks(self) -> list[nn.Module]:
        """Each convolution and inception module, the fully connected layer."""
        return [*(stage for stage in self.stages if list(stage.parameters())), self.fc]


@register(
    "facenet_small",
    paper="after Schroff et al. 2015, arXiv:1503.03832, Table 2",
    task="verification",
    input_shape=(3, 56, 56),
    stem="stages.0.conv.weight",
    head="",
)
def facenet_small(
    in_chans: int = 3, image_size: int = 56, embedding_dim: int = 128
) -> FaceNetSmall:
    """FaceNet's NN2 at 56 pixels: four inception modules, 318,792 parameters."""
    return FaceNetSmall(in_chans, image_size, embedding_dim)
