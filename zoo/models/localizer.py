"""Classification with localization: one object at most, and where it is; and landmarks.

Notes: course 4, week 3, "Object localization" and "Landmark detection". A convolutional network
with more outputs than classes: y = (p, bx, by, bh, bw, c1 ... cK) of ``localizer``, where p says
whether there is an object, bx, by is the middle of its box, bh, bw its height and width, all as
parts of the image's; y = (p, l1x, l1y ... lkx, lky) of ``landmark``, the places of k points.
Deviations: the notes leave the network open. Here it is seven convolutions with batch norm, three
of them with stride 2, and a fully connected layer, which keeps places apart where global pooling
would mix them. The box and the points are sigmoids: the notes have
linear outputs, which may leave the image. The two heads of ``localizer`` are one layer in the
notes; apart, the classes can be replaced and the box kept.
Proof: tests/models/test_localizer.py. Loss: zoo/losses/localizer.py.
"""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn.conv import ConvNormReLU
from zoo.nn.init import initialise, new_head
from zoo.registry import register

NOTES = "notes, course 4, week 3"
WIDTHS = ((24, 2), (48, 2), (48, 1), (96, 2), (96, 1), (96, 1))  # maps and stride of each 3x3
LAST = 32  # maps that the fully connected layer sees
STRIDE = 8


class Trunk(nn.Module):
    """Images (N, C, S, S) to what the heads see, (N, hidden_size).

    Raises:
        ValueError: unless S, the ``image_size``, is a multiple of the stride; without hidden units.
    """

    def __init__(self, in_chans: int, image_size: int, hidden_size: int) -> None:
        super().__init__()
        if image_size < STRIDE or image_size % STRIDE:
            raise ValueError(f"image_size must be a multiple of {STRIDE}, got {image_size}")
        if hidden_size < 1:
            raise ValueError(f"hidden_size must be at least 1, got {hidden_size}")
        layers: list[nn.Module] = []
        maps = in_chans
        for width, stride in WIDTHS:
            layers.append(ConvNormReLU(maps, width, 3, stride, 1))
            maps = width
        layers.append(ConvNormReLU(maps, LAST, 1))  # (N, 32, S / 8, S / 8)
        self.convolutions = nn.Sequential(*layers)
        self.hidden = nn.Linear(LAST * (image_size // STRIDE) ** 2, hidden_size)
        initialise(self, "he")

    def forward(self, images: Tensor) -> Tensor:
        return F.relu(self.hidden(self.convolutions(images).flatten(1)))


class Localizer(nn.Module):
    """y = (p, bx, by, bh, bw, c1 ... cK), before sigmoid and softmax.

    >>> Localizer(3)(torch.zeros(2, 3, 96, 96)).shape
    torch.Size([2, 8])
    """

    finds: ClassVar[str] = "box"
    counted_by: ClassVar[str] = "num_classes"

    def __init__(
        self, num_classes: int, in_chans: int = 3, image_size: int = 96, hidden_size: int = 128
    ) -> None:
        super().__init__()
        self.trunk = Trunk(in_chans, image_size, hidden_size)
        self.box = nn.Linear(hidden_size, 1 + 4)
        self.classes: nn.Module = nn.Linear(hidden_size, num_classes)
        self.hidden_size, self.image_size = hidden_size, image_size
        initialise(self.box, "xavier")
        initialise(self.classes, "xavier")

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, S, S) to y (N, 5 + K): logits all."""
        features = self.trunk(images)
        return torch.cat([self.box(features), self.classes(features)], 1)

    @staticmethod
    def encode(points: Tensor) -> Tensor:
        """Two opposite corners (N, 2, 2) as parts of the image to bx, by, bh, bw (N, 4)."""
        low, high = points.amin(1), points.amax(1)  # a mirrored box has them the other way round
        return torch.cat([(low + high) / 2, (high - low).flip(1)], 1)

    @staticmethod
    def decode(where: Tensor) -> Tensor:
        """The reverse: (N, 4) to the upper left and the lower right corner (N, 2, 2)."""
        middle, half = where[:, :2], where[:, 2:].flip(1) / 2
        return torch.stack([middle - half, middle + half], 1)

    def reset_classifier(self, num_classes: int) -> None:
        """A new layer for the classes; p and the box, which no class owns, stay."""
        self.classes = new_head(self, self.hidden_size, num_classes)

    def get_classifier(self) -> nn.Module:
        """The layer with one output per class."""
        return self.classes

    def blocks(self) -> list[nn.Module]:
        """Each convolution, the fully connected layer, the heads."""
        return [
            *self.trunk.convolutions,
            self.trunk.hidden,
            nn.ModuleList([self.box, self.classes]),
        ]


class Landmark(nn.Module):
    """y = (p, l1x, l1y ... lkx, lky), before the sigmoid.

    >>> Landmark(5)(torch.zeros(2, 3, 96, 96)).shape
    torch.Size([2, 11])
    """

    finds: ClassVar[str] = "points"
    counted_by: ClassVar[str] = "num_points"

    def __init__(
        self, num_points: int, in_chans: int = 3, image_size: int = 96, hidden_size: int = 128
    ) -> None:
        super().__init__()
        if num_points < 1:
            raise ValueError(f"num_points must be at least 1, got {num_points}")
        self.trunk = Trunk(in_chans, image_size, hidden_size)
        self.points = nn.Linear(hidden_size, 1 + 2 * num_points)
        self.hidden_size, self.image_size = hidden_size, image_size
        initialise(self.points, "xavier")

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, S, S) to y (N, 1 + 2 k): logits all."""
        y: Tensor = self.points(self.trunk(images))
        return y

    @staticmethod
    def encode(points: Tensor) -> Tensor:
        """Points (N, k, 2) as parts of the image to l1x, l1y ... (N, 2 k)."""
        return points.flatten(1)

    @staticmethod
    def decode(where: Tensor) -> Tensor:
        """The reverse: (N, 2 k) to (N, k, 2)."""
        return where.unflatten(1, (-1, 2))

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer, for so many points."""
        fresh = nn.Linear(self.hidden_size, 1 + 2 * num_classes)
        initialise(fresh, "xavier")
        self.points = fresh.to(self.points.weight)

    def blocks(self) -> list[nn.Module]:
        """Each convolution, the fully connected layer, the head."""
        return [*self.trunk.convolutions, self.trunk.hidden, self.points]


@register(
    "localizer",
    paper=NOTES,
    task="localization",
    input_shape=(3, 96, 96),
    stem="trunk.convolutions.0.conv.weight",
    head="classes",
)
def localizer(
    num_classes: int = 3, in_chans: int = 3, image_size: int = 96, hidden_size: int = 128
) -> Localizer:
    """The notes' localizer: is there an object, its box, its class; 834,048 parameters."""
    return Localizer(num_classes, in_chans, image_size, hidden_size)


@register(
    "landmark",
    paper=NOTES,
    task="localization",
    input_shape=(3, 96, 96),
    stem="trunk.convolutions.0.conv.weight",
    head="",
)
def landmark(
    num_points: int = 5, in_chans: int = 3, image_size: int = 96, hidden_size: int = 128
) -> Landmark:
    """The notes' landmarks: is there an object, and where its points are; 834,435 parameters."""
    return Landmark(num_points, in_chans, image_size, hidden_size)
