"""Object detection: which classes are where in an image. Notes: course 4, week 3.

``fit`` trains a ``DetectionTask``, whatever the detector (zoo/nn/detector.py); the predictor is in
predictors/detection.py. Proof: tests/tasks/test_detection.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from zoo.data.batches import shuffled
from zoo.data.image.boxes.augment import BoxAugment
from zoo.data.image.boxes.front_end import OWN
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits
from zoo.data.image.boxes.input_sizes import InputSize, rescaled
from zoo.data.image.boxes.threshold import USUAL, USUAL_OVERLAP, from_card, in_card
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.metrics.detection.scores import PROTOCOLS, DetectionScores, evaluate
from zoo.nn.detector import Objective
from zoo.nn.eval_mode import eval_mode
from zoo.ops.boxes.objects import Detections, Objects
from zoo.tasks.detection_report import mistakes_of, report_text
from zoo.viz.detection_curves import detection_curves
from zoo.viz.detection_mistakes import DetectionMistakes
from zoo.viz.mistakes import save_image

LOWEST = 0.005  # score of a detection that is evaluated, as in Darknet's ``valid``
MISTAKES = 16  # of missed objects, and of false alarms: two rows of a sheet each
VALUES = 6_000_000  # pixel values per forward pass in evaluation: 15 images of 320 x 416


class BoxBatch(NamedTuple):
    """Images, what lies in them, and what a loss may depend on besides."""

    images: Tensor  # (N, 3, H, W) normalised
    objects: Sequence[Objects]
    seen: int  # images that were trained on before
    draw: torch.Generator


@dataclass
class DetectionTask(Task):
    """Images and boxes, scored by mean average precision under three protocols.

    The whole set stays on the model's device as bytes; a batch is selected, augmented, resized and
    normalised there.
    """

    model: Any  # a Detector
    data: BoxedSplits
    batch_size: int = 8
    seed: int = 0
    augment: BoxAugment | None = None
    input_size: InputSize | None = None  # of a training batch; None: that of the images
    norm_momentum: float | None = None  # of batch norm; Darknet's 0.01 looks back 100 steps
    objective: Callable[[Any], Objective] | None = None  # of the network; None: its own
    overlap: float = USUAL_OVERLAP  # as of ``Detector.detect``
    threshold: float | None = None  # score from which a box is shown; set by ``choose``

    units: ClassVar = dict.fromkeys(PROTOCOLS, "%")

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        self.data = self.data.to(self.device)
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        if self.norm_momentum is not None:
            _set_momentum(self.model, self.norm_momentum)
        self.network = self.model
        self._objective: Objective | None = None  # of a network that is only measured
        if self.objective or self.model.objective:
            own = self.objective or import_module(f"zoo.losses.{self.model.objective}").Objective
            self._objective = own(self.model)

    def check(self) -> None:
        """Raise BadInput if the network's classes or the images' size do not fit."""
        classes, size = self.data.train.classes, self.data.front_end.size
        if self.network.num_classes != len(classes):
            raise BadInput(
                f"the network has {self.network.num_classes} classes, {self.data.name} has "
                f"{len(classes)}: {', '.join(classes)[:200]}"
            )
        if any(side % self.network.stride for side in size):
            raise BadInput(
                f"images of {size[0]} x {size[1]} pixels; height and width must be multiples of "
                f"{self.network.stride} for this network"
            )

    def batches(self, epoch: int, start: int = 0) -> Iterator[BoxBatch]:
        """This rank's share of each batch."""
        train, front_end = self.data.train, self.data.front_end
        place = {"rank": distributed.rank(), "world": distributed.world()}
        per_epoch = len(train) // self.batch_size * self.batch_size or len(train)
        order = shuffled(len(train), self.batch_size, self.seed, epoch, start=start, **place)
        for number, index, local in order:
            seen = epoch * per_epoch + number * len(index)
            draw = generator(self.seed, "augment", epoch, number)
            pixels = train.pixels[index.to(self.device)]
            objects: Sequence[Objects] = [train.objects[i] for i in index.tolist()]
            if self.augment is not None:
                pixels, objects = self.augment(pixels, objects, draw)
            images, objects = front_end.normalise(pixels[local]), objects[local]
            if self.input_size is not None:
                size = self.input_size(seen, front_end.size, self.network.stride)
                images, objects = rescaled(images, objects, size)
            yield BoxBatch(images, objects, seen, draw)

    def loss(self, batch: BoxBatch) -> Tensor:
        """The sum of the parts of the network's objective."""
        images, objects, seen, draw = batch
        if self._objective is None:
            raise BadInput(f"a {type(self.network).__name__} is not trained here")
        parts = self._objective(self.model, images, objects, seen=seen, rng=draw)
        return torch.stack(list(parts.values())).sum()

    def detections(self, split: str) -> tuple[list[Detections], list[Objects]]:
        """What is found in each image of a split and what lies there, in pixels of the images."""
        found, truth = [], []
        part = self.data.parts()[split]
        for some, at in detected(self.model, part, self.data.front_end, self.overlap):
            for one, place, objects in zip(some, part.places[at], part.objects[at], strict=True):
                found.append(one._replace(boxes=place.to_image(one.boxes)))
                truth.append(objects._replace(boxes=place.to_image(objects.boxes)))
        return found, truth

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(PROTOCOLS, "higher")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Mean average precision in percent by each protocol (zoo/metrics/detection/scores.py)."""
        return self.measured(split).means

    def measured(self, split: str) -> DetectionScores:
        """All that there is to say of the detections on a split."""
        found, truth = self.detections(split)
        return evaluate(found, truth, len(self.data.parts()[split].classes))

    def choose(self, split: str = "dev") -> None:
        """Set the threshold to the one with the highest F1 on ``split``, all classes together.

        Where no object is found at any, to the usual one.
        """
        best = self.measured(split).f1.best
        self.threshold = USUAL if best is None else best

    def read_as(self, front_end: Mapping[str, Any]) -> None:
        """Use the threshold of a card."""
        _, self.threshold = from_card(front_end, self.data.name)

    def card_facts(self) -> dict[str, Any]:
        """Task, front end with the threshold chosen on dev, and classes for the card."""
        if self.threshold is None:
            raise BadInput("no threshold is chosen yet; call choose() first")
        front_end = in_card(self.data.front_end, self.threshold)
        classes = list(self.data.train.classes)
        return {"task": "detection", "front_end": front_end, "classes": classes}

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/precision_recall.png and mistakes.png; all scores on test as text."""
        scores, classes, threshold = self.measured("test"), self.data.test.classes, self._shown
        curves, sheet = folder / "precision_recall.png", folder / "mistakes.png"
        detection_curves(scores, classes, curves, threshold=threshold, title=title)
        mistakes_of(scores, self.data.test, threshold, MISTAKES, title).save(sheet)
        return report_text(scores, classes, threshold)

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> DetectionMistakes:
        """The worst missed objects and the worst false alarms of ``split`` at the threshold.

        Args:
            most: of each.
        """
        part, scores = self.data.parts()[split], self.measured(split)
        return mistakes_of(scores, part, self._shown, most, f"{self.data.name}, {split}")

    @property
    def _shown(self) -> float:
        """The score from which a box is shown."""
        return USUAL if self.threshold is None else self.threshold

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.png, an image of the test set to try; returns its path."""
        save_image(self.data.test.pixels[0].cpu(), folder / "example.png")
        return str(folder / "example.png")


def _set_momentum(model: nn.Module, momentum: float) -> None:
    """How much a batch counts in the running statistics of all batch norms.

    Raises:
        BadInput: unless it is above 0 and at most 1.
    """
    if not 0 < momentum <= 1:
        raise BadInput(f"norm_momentum must be above 0 and at most 1, got {momentum:g}")
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = momentum


@torch.no_grad()
def detected(
    model: Any, part: BoxedImages, front_end: Any, overlap: float
) -> Iterator[tuple[list[Detections], slice]]:
    """(detections, which images) of a whole set, batch by batch, in evaluation mode, on the CPU.

    Images of their own size are cut out of the ground that they are kept on, one at a time.
    """
    own = front_end.fit == OWN
    size = 1 if own else max(1, VALUES // part.pixels.shape[1:].numel())
    with eval_mode(model):
        for at in range(0, len(part), size):
            pixels = part.pixels[at : at + size]
            if own:
                pixels = pixels[:, :, : part.places[at].height, : part.places[at].width]
            images = front_end.normalise(pixels)
            found = model.detect(images, threshold=LOWEST, overlap=overlap)
            yield [one.moved("cpu") for one in found], slice(at, at + size)
