"""YOLOv1: the whole image in one network, once.

Paper: Redmon, Divvala, Girshick & Farhadi 2015, "You Only Look Once: Unified, Real-Time Object
Detection", arXiv:1506.02640, sec. 2 and Fig. 3.
Notes: course 4, week 3, "Bounding Box Predictions".
24 convolutions and two fully connected layers, without batch norm; leaky ReLU follows every layer
but the last, which has, in this order (Darknet's), the class probabilities of all cells, the
confidences of all boxes, all boxes.
Deviations: initial weights have He's variance, those of the last layer N(0, 0.01^2) (the paper
trains 20 layers on ImageNet first).
Darknet's ``yolov1.cfg`` of today is another network (batch norm, a locally connected layer).
Proof: tests/models/test_yolov1.py (the count; parity with an interpreter of cfg files).
"""

from typing import ClassVar

from torch import Tensor, nn

from zoo.nn.darknet import SLOPE, check_images, leaky_he, like
from zoo.ops.boxes.objects import Detections
from zoo.ops.boxes.yolo import Decoded, decode_v1, select
from zoo.registry import register

PAPER = "Redmon et al. 2015, arXiv:1506.02640"
FIGURE_3 = (  # kernel-channels, "/2" for a stride; a bar is max pooling
    "7-64/2 | 3-192 | 1-128 3-256 1-256 3-512 | "
    "1-256 3-512 1-256 3-512 1-256 3-512 1-256 3-512 1-512 3-1024 | "
    "1-512 3-1024 1-512 3-1024 3-1024 3-1024/2 3-1024 3-1024"
)
CELL = 64  # pixels of its side


def convolution(entry: str, c_in: int) -> tuple[nn.Sequential, int]:
    """A convolution of Fig. 3 with its leaky ReLU, and its channels."""
    shape, _, stride = entry.partition("/")
    kernel, channels = map(int, shape.split("-"))
    conv = nn.Conv2d(c_in, channels, kernel, int(stride or 1), kernel // 2)
    return nn.Sequential(conv, nn.LeakyReLU(SLOPE, inplace=True)), channels


class YOLOv1(nn.Module):
    """Images (N, 3, 64 S, 64 S) to the numbers of S x S cells.

    Args:
        grid: S, cells of a side.
        boxes: B, of each cell.
        figure: the convolutions.

    >>> import torch
    >>> with torch.device("meta"):
    ...     tuple(YOLOv1()(torch.zeros(1, 3, 448, 448)).shape)
    (1, 1470)
    """

    objective: ClassVar[str] = "yolov1"

    def __init__(
        self,
        num_classes: int = 20,
        in_chans: int = 3,
        grid: int = 7,
        boxes: int = 2,
        hidden_size: int = 4096,
        dropout: float = 0.5,
        figure: str = FIGURE_3,
    ) -> None:
        super().__init__()
        if min(grid, boxes, hidden_size) < 1:
            got = f"{grid}, {boxes}, {hidden_size}"
            raise ValueError(f"grid, boxes and hidden_size must be at least 1, got {got}")
        self.num_classes, self.grid, self.boxes = num_classes, grid, boxes
        self.stride = CELL * grid  # the fully connected layers take this size and no other
        layers: list[nn.Module] = []
        channels = in_chans
        for entry in figure.split():
            if entry == "|":
                layers.append(nn.MaxPool2d(2))
            else:
                layer, channels = convolution(entry, channels)
                layers.append(layer)
        self.features = nn.Sequential(*layers)
        self.hidden = nn.Sequential(
            nn.Linear(channels * grid**2, hidden_size),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Dropout(dropout),
        )
        self.hidden_size = hidden_size
        leaky_he(self)
        self.head = self._new_head(num_classes)

    def _new_head(self, num_classes: int) -> nn.Linear:
        if num_classes < 1:
            raise ValueError(f"num_classes must be at least 1, got {num_classes}")
        head = nn.Linear(self.hidden_size, self.grid**2 * (num_classes + 5 * self.boxes))
        nn.init.normal_(head.weight, std=0.01)
        nn.init.zeros_(head.bias)
        return head

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, 64 S, 64 S) to (N, S S (K + 5 B)): classes, confidences, boxes."""
        return self.head(self.hidden(self.features(images).flatten(1)))

    def decode(self, images: Tensor) -> Decoded:
        """Images (N, 3, 64 S, 64 S) to all boxes (N, S S B, 4) and their scores (N, S S B, K).

        Raises:
            ValueError: for images of another size.
        """
        check_images(images, self.stride)
        size = (images.shape[2], images.shape[3])
        return decode_v1(self(images), self.grid, self.boxes, size)

    def class_scores(self, images: Tensor) -> Tensor:
        """As ``zoo.nn.detector.Scoring`` says."""
        return self.decode(images).scores.amax(1)

    def detect(
        self, images: Tensor, *, threshold: float = 0.005, overlap: float = 0.45, limit: int = 100
    ) -> list[Detections]:
        """As ``zoo.nn.detector.Detector`` says; a score is confidence times class probability."""
        return select(self.decode(images), threshold=threshold, overlap=overlap, limit=limit)

    def outputs(self, images: Tensor) -> Tensor:
        """The numbers of the last layer, (N, S S (K + 5 B))."""
        return self(images)

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer for other classes."""
        self.head = like(self._new_head(num_classes), self)
        self.num_classes = num_classes

    def blocks(self) -> list[nn.Module]:
        """Each convolution, both fully connected layers."""
        return [
            *(part for part in self.features if list(part.parameters())),
            self.hidden,
            self.head,
        ]

    def darknet_layers(self) -> list[nn.Module]:
        """In the order of the network's cfg file."""
        linear = nn.Conv2d | nn.Linear
        return [part for part in self.modules() if isinstance(part, linear)]


@register(
    "yolov1",
    paper=PAPER,
    task="detection",
    input_shape=(3, 448, 448),
    stem="features.0.0.weight",
    head="head",
)
def yolov1(
    num_classes: int = 20,
    in_chans: int = 3,
    grid: int = 7,
    boxes: int = 2,
    hidden_size: int = 4096,
    dropout: float = 0.5,
) -> YOLOv1:
    """YOLOv1 as its paper has it; 271,703,550 parameters with VOC's 20 classes."""
    return YOLOv1(num_classes, in_chans, grid, boxes, hidden_size, dropout)
