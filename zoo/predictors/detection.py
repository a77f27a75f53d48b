"""Object detection: an image in, boxes with classes and scores out (``DetectedObjects``).

>>> import zoo
>>> answer = zoo.load("yolov3_tiny.bccd")("smear.jpg")  # doctest: +SKIP
>>> print(answer)  # doctest: +SKIP
12 RBC, 1 WBC (best: WBC 97.0 %)

Notes: course 4, week 3. Proof: tests/predictors/test_detection.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.boxes.front_end import BoxFrontEnd, Placed
from zoo.data.image.boxes.threshold import (
    USUAL,
    USUAL_OVERLAP,
    from_card,
    overlap_from_card,
)
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput, ZooError
from zoo.nn.all_boxes import AllBoxes
from zoo.nn.export_form import ExportForm, Selection
from zoo.nn.scored_form import ScoredForm, of_detector
from zoo.ops.boxes.objects import Detections, joined_detections
from zoo.ops.boxes.soft_nms import gaussian_soft_nms
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.detection_answer import KINDS, DetectedObjects
from zoo.predictors.inputs import images, video_frames
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.inputs.frame import Frame, together
from zoo.predictors.predictor import Predictor, check_classes, check_finite, sampled

BATCH = 16  # images in one forward pass
CANDIDATES = 1000  # boxes of an image that soft-NMS weighs


@dataclass(frozen=True)
class Options:
    """Options of an object detector."""

    threshold: float | None = option(
        None, "score from which a box counts, 0 to 1 (default: the card's)"
    )
    overlap: float | None = option(
        None,
        "of two boxes of a class with a higher IoU, that with the lower score is left out "
        "(default: the card's, or 0.45; of mtcnn 0.7, of the smaller box)",
    )
    limit: int = option(100, "most boxes of an image, those with the highest scores")
    soft_nms: bool = option(
        False, "boxes that overlap a better one lose a part of their score (Gaussian), not all"
    )


class Given(NamedTuple):
    """An image that was read."""

    raw: Any  # can be read again
    placed: Placed


class ObjectDetector(Predictor[Options]):
    """Images in, ``DetectedObjects`` out."""

    draws = True
    saves = KINDS

    def __init__(
        self,
        model: Any,
        front_end: BoxFrontEnd,
        classes: Sequence[str],
        *,
        threshold: float = USUAL,
        overlap: float = USUAL_OVERLAP,
        limit: int = 100,
        soft_nms: bool = False,
    ) -> None:
        for name, value in (("threshold", threshold), ("overlap", overlap)):
            if not 0 <= value <= 1:
                raise BadInput(f"{name} must be from 0 to 1, got {value:g}")
        if limit < 1:
            raise BadInput(f"limit must be at least 1, got {limit}")
        check_classes(model.num_classes, classes)
        self.model, self.front_end, self.classes = model.eval(), front_end, tuple(classes)
        self.threshold, self.overlap, self.limit = threshold, overlap, limit
        self.soft_nms = soft_nms
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "ObjectDetector":
        """The detector that a card describes; what is not given is the card's.

        Raises:
            BadFile: for a front end that is not that of a detector, or does not fit the network.
            BadInput: for options out of range.
        """
        front_end, chosen = from_card(card.front_end, card.name)
        overlap = overlap_from_card(card.front_end, card.name)
        return cls(
            model,
            front_end,
            card.classes,
            threshold=chosen if options.threshold is None else options.threshold,
            overlap=overlap if options.overlap is None else options.overlap,
            limit=options.limit,
            soft_nms=options.soft_nms,
        )

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...]:
        """(3, H, W): that of the architecture, or of a card's front end."""
        if front_end is None:
            return input_shape
        return from_card(front_end, "to export")[0].input_shape

    @classmethod
    def export_form(cls, model: nn.Module, front_end: Mapping[str, Any] | None) -> ExportForm:
        """All boxes and scores, of which an ONNX file gives those that count, as the card says.

        Raises:
            BadInput: for a network that proposes regions first.
        """
        threshold = USUAL if front_end is None else from_card(front_end, "to export")[1]
        return ExportForm(
            AllBoxes(model), ("candidate_boxes", "candidate_scores"), Selection(threshold)
        )

    @classmethod
    def transform(
        cls,
        input_shape: tuple[int, ...],
        front_end: Mapping[str, Any] | None,
        arguments: Mapping[str, Any],
    ) -> nn.Module:
        """``BoxTransform`` of the front end, or of letterbox to the architecture's input."""
        from zoo.data.image.boxes.transform import BoxTransform  # late, as in the front end

        if front_end is None:
            return BoxTransform(BoxFrontEnd((input_shape[1], input_shape[2])))
        return BoxTransform(from_card(front_end, "to transform")[0])

    @classmethod
    def scored(cls, model: Any, classes: Sequence[str]) -> ScoredForm:
        """The highest score of each class in an image."""
        return of_detector(model, classes)

    def vector_input(self) -> str:
        """The image of a test vector, as base64 of a PNG."""
        return images.as_text(images.probe())

    @torch.inference_mode()
    def output_of(self, text: str) -> Tensor:
        """At most 64 of the network's outputs for the image in ``text``, from first to last.

        Raises:
            BadFile: if ``text`` holds no image.
        """
        image = self.front_end(images.from_text(text)).image
        return sampled(self.model.outputs(image[None].to(self.device))[0].float().cpu())

    def __call__(self, raw: Any) -> Any:
        """Detect objects in one image, or several to a list; inputs/images.py says which.

        Raises:
            Missing, BadFile: for a file that is not there, or cannot be read as an image.
            BadInput: for an array whose shape or values can mean two things, or anything else.
        """
        several = images.several(raw, 3)
        if several is None:
            return self._answers([raw], keep_errors=False)[0]
        return self._answers(several, keep_errors=False)

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words, each folder replaced by the images in it."""
        return video_frames.spread(inputs)

    def frames(self, word: str) -> Iterator[Frame] | None:
        """As ``Predictor.frames``."""
        return video_frames.frames(word) if video_frames.is_video(word) else None

    def watch(self, source: str | Path) -> Iterator[tuple[Frame, DetectedObjects]]:
        """The frames of a video with what is found in each, as they come; few are held.

        Args:
            source: a video file, an animation, a folder of images, "camera" or "camera:1".

        Raises:
            Missing, BadFile, BadInput: as ``zoo.predictors.inputs.video_frames.frames``.
        """
        for some in together(video_frames.frames(source)):
            yield from zip(some, self([frame.image for frame in some]), strict=True)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Predictor.each``; every image is read once."""
        return self._answers(inputs, keep_errors=True)

    def _answers(self, raws: Sequence[Any], *, keep_errors: bool) -> list[Any]:
        return images.answers(
            raws, BATCH, self._read, self._detect, self._answer, keep_errors=keep_errors
        )

    def _read(self, raw: Any) -> Given:
        given = at_hand(raw, "an image")
        with named(raw):
            return Given(given, self.front_end(given))

    @torch.inference_mode()
    def _detect(self, given: Sequence[Given]) -> list[Detections]:
        """What is found in each image, in pixels of the network's input, on the CPU."""
        overlap, limit = self.overlap, self.limit
        if self.soft_nms:
            overlap, limit = 1.0, max(CANDIDATES, limit)
        found: dict[int, Detections] = {}
        for rows in _of_one_shape([one.placed.image for one in given]):
            inputs = torch.stack([given[i].placed.image for i in rows]).to(self.device)
            some = self.model.detect(inputs, threshold=self.threshold, overlap=overlap, limit=limit)
            found |= zip(rows, (one.moved("cpu") for one in some), strict=True)
        if self.soft_nms:
            found = {i: self._softened(one) for i, one in found.items()}
        return [found[i] for i in range(len(given))]

    def _softened(self, found: Detections) -> Detections:
        """What is left of all boxes by soft-NMS within each class."""
        parts = []
        for label in found.labels.unique():
            own = found.pick(found.labels == label)
            kept, scores = gaussian_soft_nms(own.boxes, own.scores, least=self.threshold)
            parts.append(own.pick(kept)._replace(scores=scores))
        if not parts:
            return found
        joined = joined_detections(parts)
        return joined.pick(joined.scores.argsort(descending=True, stable=True)[: self.limit])

    def _answer(self, given: Given, found: Detections) -> DetectedObjects:
        check_finite(torch.cat([found.boxes.flatten(), found.scores]), "image")
        place = given.placed.place
        boxes = place.to_image(found.boxes)
        inside = (boxes[:, 2:] > boxes[:, :2]).all(1)  # not in the grey bars
        found, boxes = found.pick(inside), boxes[inside]
        points = None if found.points is None else place.points_to_image(found.points)
        return DetectedObjects(
            boxes,
            found.scores,
            found.labels,
            self.classes,
            place.image_width,
            place.image_height,
            self.threshold,
            given.raw,
            points,
        )


def _of_one_shape(inputs: Sequence[Tensor]) -> Iterator[list[int]]:
    """The numbers of the images that can be one batch; with most front ends that is all of them."""
    shapes = [image.shape for image in inputs]
    for shape in dict.fromkeys(shapes):
        yield [i for i, one in enumerate(shapes) if one == shape]


PREDICTOR = ObjectDetector
