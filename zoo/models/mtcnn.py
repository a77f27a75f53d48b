"""MTCNN: faces and five points of each, by a cascade of three small networks.

Paper: Zhang, Zhang, Li & Qiao 2016, "Joint Face Detection and Alignment using Multi-task Cascaded
Convolutional Networks", IEEE Signal Processing Letters 23(10), arXiv:1604.02878, fig. 2.
P-Net slides over a pyramid of the image and proposes squares of 12 pixels; R-Net looks at each
again in 24 pixels, O-Net in 48. All three say whether it is a face and how its box must be moved;
O-Net also finds the eyes, the nose and the corners of the mouth. It has one class, a face; how many
pixels a face has decides which level of the pyramid finds it, so images come at their own size.
Deviations: none from the authors' program, whose arithmetic (zoo/ops/boxes/cascade.py) the paper
leaves open. A candidate that lies wholly beside the image is left out. It is not trained here: the
paper's training needs WIDER FACE and CelebA, with hard examples chosen anew for each network.
Proof: tests/models/test_mtcnn.py (facenet-pytorch with the same weights; a plain cascade).
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.ops.area import area_resized
from zoo.ops.boxes.cascade import (
    Candidates,
    cells,
    cuts,
    moved,
    nms_of_smaller,
    pyramid,
    scaled_size,
    squared,
)
from zoo.ops.boxes.nms import nms_per_class
from zoo.ops.boxes.objects import Detections
from zoo.registry import register

PAPER = "Zhang et al. 2016, arXiv:1604.02878, fig. 2"
SIDES = (12, 24, 48)  # pixels that P-Net, R-Net and O-Net see
WITHIN_LEVEL, ACROSS = 0.5, 0.7  # highest IoU within a level of the pyramid, and of all
PIXELS = 4_000_000  # of the images that are computed together
CUTS = 256  # that R-Net or O-Net see at once
NOT_TRAINED = (
    "that takes WIDER FACE and CelebA and hard examples for each of its three networks; its "
    "weights ship: zoo predict mtcnn, zoo evaluate mtcnn --data"
)

Outputs = tuple[Tensor, Tensor, Tensor]


def max_pool(x: Tensor, size: int) -> Tensor:
    """Maximum of ``size`` x ``size`` pixels at stride 2, also over what is left at the border.

    As ``nn.MaxPool2d(size, 2, ceil_mode=True)``, of which CPUs compute the backward indices too:
    a maximum of shifted images is ten times as fast.
    """
    for axis in (2, 3):
        whole = (x.shape[axis] - size) // 2 + 1
        best = x.narrow(axis, 0, 2 * whole)[_every_second(axis)]
        for first in range(1, size):
            best = torch.maximum(best, x.narrow(axis, first, 2 * whole - 1)[_every_second(axis)])
        if (left := x.shape[axis] - 2 * whole) > size - 2:
            rest = x.narrow(axis, 2 * whole, left).amax(axis, keepdim=True)
            best = torch.cat((best, rest), axis)
        x = best
    return x


def _every_second(axis: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(None, None, 2),)


class PNet(nn.Module):
    """Proposals, at every second pixel: 6,632 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 10, 3), nn.PReLU(10)
        self.conv2, self.prelu2 = nn.Conv2d(10, 16, 3), nn.PReLU(16)
        self.conv3, self.prelu3 = nn.Conv2d(16, 32, 3), nn.PReLU(32)
        self.conv4_1 = nn.Conv2d(32, 2, 1)  # none, face
        self.conv4_2 = nn.Conv2d(32, 4, 1)  # offsets

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 3, H, W) to logits (N, 2, h, w) and offsets (N, 4, h, w)."""
        x = max_pool(self.prelu1(self.conv1(x)), 2)
        x = self.prelu2(self.conv2(x))
        x = self.prelu3(self.conv3(x))
        return self.conv4_1(x), self.conv4_2(x)


class RNet(nn.Module):
    """A second look at 24 x 24 pixels: 100,178 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 28, 3), nn.PReLU(28)
        self.conv2, self.prelu2 = nn.Conv2d(28, 48, 3), nn.PReLU(48)
        self.conv3, self.prelu3 = nn.Conv2d(48, 64, 2), nn.PReLU(64)
        self.dense4, self.prelu4 = nn.Linear(576, 128), nn.PReLU(128)
        self.dense5_1 = nn.Linear(128, 2)
        self.dense5_2 = nn.Linear(128, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Cuts (n, 3, 24, 24) to logits (n, 2) and offsets (n, 4)."""
        x = max_pool(self.prelu1(self.conv1(x)), 3)  # (n, 28, 11, 11)
        x = max_pool(self.prelu2(self.conv2(x)), 3)  # (n, 48, 4, 4)
        x = self.prelu3(self.conv3(x))  # (n, 64, 3, 3)
        x = self.prelu4(self.dense4(columns_first(x)))
        return self.dense5_1(x), self.dense5_2(x)


class ONet(nn.Module):
    """The last look at 48 x 48 pixels, and the five points: 389,040 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 32, 3), nn.PReLU(32)
        self.conv2, self.prelu2 = nn.Conv2d(32, 64, 3), nn.PReLU(64)
        self.conv3, self.prelu3 = nn.Conv2d(64, 64, 3), nn.PReLU(64)
        self.conv4, self.prelu4 = nn.Conv2d(64, 128, 2), nn.PReLU(128)
        self.dense5, self.prelu5 = nn.Linear(1152, 256), nn.PReLU(256)
        self.dense6_1 = nn.Linear(256, 2)
        self.dense6_2 = nn.Linear(256, 4)
        self.dense6_3 = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Outputs:
        """Cuts (n, 3, 48, 48) to logits (n, 2), offsets (n, 4) and points (n, 10), x before y."""
        x = max_pool(self.prelu1(self.conv1(x)), 3)  # (n, 32, 23, 23)
        x = max_pool(self.prelu2(self.conv2(x)), 3)  # (n, 64, 10, 10)
        x = max_pool(self.prelu3(self.conv3(x)), 2)  # (n, 64, 4, 4)
        x = self.prelu4(self.conv4(x))  # (n, 128, 3, 3)
        x = self.prelu5(self.dense5(columns_first(x)))
        return self.dense6_1(x), self.dense6_2(x), self.dense6_3(x)


def columns_first(x: Tensor) -> Tensor:
    """(n, C, H, W) to (n, W H C): the weights come from a program that stores columns first."""
    return x.permute(0, 3, 2, 1).flatten(1)


class MTCNN(nn.Module):
    """Images (N, 3, H, W) of any size to faces.

    Args:
        min_face: pixels of a side of the smallest face that is looked for.
        factor: from one level of the pyramid to the next.
        thresholds: the lowest score that P-Net and R-Net let pass; O-Net's is asked of ``detect``.
    """

    objective: ClassVar[str] = ""  # it is not trained here
    stride = 1
    num_classes = 1

    def __init__(
        self,
        min_face: int = 20,
        factor: float = 0.709,
        thresholds: tuple[float, ...] = (0.6, 0.7),
    ) -> None:
        super().__init__()
        if min_face < 1 or not 0 < factor < 1 or len(thresholds) != 2:
            got = f"{min_face}, {factor} and {thresholds}"
            raise ValueError(
                f"min_face must be at least 1, factor in (0, 1), thresholds two; got {got}"
            )
        self.min_face, self.factor, self.thresholds = min_face, factor, tuple(thresholds)
        self.pnet, self.rnet, self.onet = PNet(), RNet(), ONet()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """What each network says of the whole images (N, 3, H, W) as one candidate.

        Returns:
            logits (N, 2) and offsets (N, 4) of P-Net, of R-Net and of O-Net; points (N, 10).
        """
        small = (area_resized(images, (side, side)) for side in SIDES)
        proposed = [one.flatten(1) for one in self.pnet(next(small))]
        return (*proposed, *self.rnet(next(small)), *self.onet(next(small)))

    def outputs(self, images: Tensor) -> Tensor:
        """All of ``forward``, (N, 28)."""
        return torch.cat(self(images), 1)

    def class_scores(self, images: Tensor) -> Tensor:
        """P-Net's highest score in each image, (N, 1): the other networks see only cuts."""
        h, w = images.shape[2:]
        scales = pyramid(h, w, self.min_face, self.factor) or [SIDES[0] / min(h, w)]
        levels = (area_resized(images, scaled_size(h, w, scale)) for scale in scales)
        best = [self.pnet(one)[0].softmax(1)[:, 1:].amax((2, 3)) for one in levels]
        return torch.stack(best).amax(0)

    @torch.no_grad()
    def detect(
        self, images: Tensor, *, threshold: float = 0.7, overlap: float = 0.7, limit: int = 100
    ) -> list[Detections]:
        """As ``zoo.nn.detector.Detector`` says; with the five points of each face.

        Args:
            threshold: O-Net's lowest score.
            overlap: of two faces that share more of the smaller one, that with the lower score is
                left out; so no IoU is higher.
        """
        together = max(PIXELS // max(images.shape[2] * images.shape[3], 1), 1)
        found: list[Detections] = []
        for some in images.contiguous().split(together):  # of side-by-side channels all is slower
            squares = self._refined(some, self._proposed(some))
            found += self._faces(some, squares, threshold, overlap, limit)
        return found

    def _proposed(self, images: Tensor) -> Candidates:
        """Squares that P-Net takes for faces, at all levels of the pyramid."""
        height, width = images.shape[2:]
        scales = pyramid(height, width, self.min_face, self.factor)
        levels = [self._level(images, scale) for scale in scales]
        if not levels:
            empty = images.new_zeros(0)
            return Candidates(empty.long(), empty.view(0, 4), empty)
        image, boxes, scores, offsets = (torch.cat(parts) for parts in zip(*levels, strict=True))
        kept = nms_per_class(boxes, scores, image, ACROSS)
        boxes = squared(moved(boxes[kept], offsets[kept], ends=0))
        return Candidates(image[kept], boxes, scores[kept])

    def _level(self, images: Tensor, scale: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of one scale: number of the image, box, score and offsets of each proposal."""
        size = scaled_size(images.shape[2], images.shape[3], scale)
        logits, offsets = self.pnet(area_resized(images, size))
        score = logits.softmax(1)[:, 1]  # (N, h, w)
        image, row, column = (score >= self.thresholds[0]).nonzero(as_tuple=True)
        boxes, scores = cells(row, column, scale, score.dtype), score[image, row, column]
        kept = nms_per_class(boxes, scores, image, WITHIN_LEVEL)
        image, row, column = image[kept], row[kept], column[kept]
        return image, boxes[kept], scores[kept], offsets[image, :, row, column]

    def _refined(self, images: Tensor, found: Candidates) -> Candidates:
        """Those of the squares that R-Net takes for faces, moved by it, again as squares."""
        pixels, found = cuts(images, found, SIDES[1])
        logits, offsets = self._looked(self.rnet, pixels, (2, 4))
        score = logits.softmax(1)[:, 1]
        passed = score > self.thresholds[1]
        found, offsets = found._replace(scores=score).pick(passed), offsets[passed]
        kept = nms_per_class(found.boxes, found.scores, found.image, ACROSS)
        found = found.pick(kept)
        return found._replace(boxes=squared(moved(found.boxes, offsets[kept], ends=1)))

    def _faces(
        self, images: Tensor, found: Candidates, threshold: float, overlap: float, limit: int
    ) -> list[Detections]:
        """What O-Net takes for faces, of each image."""
        pixels, found = cuts(images, found, SIDES[2])
        logits, offsets, points = self._looked(self.onet, pixels, (2, 4, 10))
        score = logits.softmax(1)[:, 1]
        passed = score > threshold
        found, offsets = found._replace(scores=score).pick(passed), offsets[passed]
        corner = found.boxes[:, None, :2]  # (n, 1, 2)
        sides = found.boxes[:, None, 2:] - corner + 1
        places = points[passed].unflatten(1, (2, 5)).transpose(1, 2) * sides + corner - 1
        found = found._replace(boxes=moved(found.boxes, offsets, ends=1))
        faces = []
        for number in range(len(images)):
            own = (found.image == number).nonzero().flatten()
            own = own[nms_of_smaller(found.boxes[own], found.scores[own], overlap)[:limit]]
            boxes, scores, five = (x[own].float() for x in (found.boxes, found.scores, places))
            faces.append(Detections(boxes, torch.zeros_like(own), scores, five))
        return faces

    def _looked(self, network: nn.Module, pixels: Tensor, widths: tuple[int, ...]) -> list[Tensor]:
        """A network's outputs for cuts (n, 3, side, side), some at a time; n may be 0."""
        if not len(pixels):
            return [pixels.new_zeros(0, width) for width in widths]
        parts = [network(some) for some in pixels.split(CUTS)]
        return [torch.cat(outputs) for outputs in zip(*parts, strict=True)]

    def reset_classifier(self, num_classes: int) -> None:
        """There are no other classes than faces.

        Raises:
            ValueError: for more than one class, or none.
        """
        if num_classes < 1:
            raise ValueError(f"num_classes must be at least 1, got {num_classes}")
        if num_classes != 1:
            raise BadInput(f"mtcnn finds one class, faces; got num_classes={num_classes}")

    def blocks(self) -> list[nn.Module]:
        """The three networks."""
        return [self.pnet, self.rnet, self.onet]


@register(
    "mtcnn",
    paper=PAPER,
    task="detection",
    input_shape=(3, 160, 160),
    stem="pnet.conv1.weight",
    head="onet.dense6_1",
    not_trained=NOT_TRAINED,
)
def mtcnn(
    min_face: int = 20, factor: float = 0.709, thresholds: tuple[float, ...] = (0.6, 0.7)
) -> MTCNN:
    """MTCNN, faces with five points; 495,850 parameters."""
    return MTCNN(min_face, factor, thresholds)
