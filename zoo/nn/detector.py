"""The interface of every object detector of the zoo, whatever its paper.

A detector and its training are kept apart: ``objective`` names the file in zoo/losses that trains
it, whose class ``Objective`` is made from the network before ``fit`` wraps it.
Proof: tests/models/detector_checks.py holds each detector to it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from zoo.ops.boxes.objects import Detections, Objects


@runtime_checkable
class Detector(Protocol):
    """An ``nn.Module`` that finds boxes of K classes in images.

    Images are float32 (N, 3, H, W), normalised by the front end; boxes are in pixels of them. The
    answer for an image does not depend on the others in the batch.
    """

    objective: ClassVar[str]
    """The file in zoo/losses that trains it: "yolov3"; "" of one that is not trained here."""

    stride: int
    """H and W are multiples of it."""

    num_classes: int
    """K."""

    def forward(self, images: Tensor) -> Any:
        """The outputs that its objective takes (of the R-CNNs ``forward`` takes more)."""

    def outputs(self, images: Tensor) -> Tensor:
        """What the network computes before anything is selected, (N, n): a test vector holds it."""

    def detect(
        self, images: Tensor, *, threshold: float = 0.005, overlap: float = 0.45, limit: int = 100
    ) -> list[Detections]:
        """The detections in each image.

        Args:
            threshold: lowest score that counts.
            overlap: of two boxes of a class with a higher IoU, that with the lower score is left
                out (non-maximum suppression).
            limit: most detections of an image.
        """

    def reset_classifier(self, num_classes: int) -> None:
        """New last layers for other classes."""

    def blocks(self) -> list[nn.Module]:
        """All parameters, parted from input to output; the last block is the head."""


class Scoring(Protocol):
    """A detector of which ``zoo see`` can tell what its classes see."""

    def class_scores(self, images: Tensor) -> Tensor:
        """The highest score of each class in each image, (N, K), with a gradient."""


class Anchored(Protocol):
    """A detector whose builder takes ``anchors``, ((width, height), ...), which data can set."""

    anchor_unit: ClassVar[int]
    """Pixels of the input in one unit of the anchors: 1, or the side of a cell."""


class Objective(Protocol):
    """The loss of a detector: class ``Objective`` of a file in zoo/losses.

    It is made from the network: ``Objective(model)``, and keeps what it needs to know of it
    (anchors, strides), no parameters.
    """

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        objects: Sequence[Objects],
        *,
        seen: int,
        rng: torch.Generator,
    ) -> dict[str, Tensor]:
        """The parts of the loss by name, scalars; their sum is what is minimised.

        ``model`` is called once, as ``fit`` has wrapped it; nothing else is asked of it.

        Args:
            images: (N, 3, H, W).
            objects: of each image, on the same device.
            seen: images that were trained on before this batch (YOLOv2's warm-up).
            rng: for what is sampled (the R-CNNs' proposals), on the CPU.
        """
