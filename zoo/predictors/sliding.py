"""An image classifier at every position of a large image: ``zoo predict NAME FILE --slide 0.9``.

The image is not resized: its objects must be as large as in the images that the network was trained
on. Notes: course 4, week 3, "Convolutional implementation of sliding windows".
Proof: tests/predictors/test_sliding.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput, ZooError
from zoo.ops.boxes.nms import nms
from zoo.practice.sliding_window import SlidingWindow, by_crops, convolutional
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import images
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.predictor import Predictor, check_classes, check_finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OVERLAP = 0.1  # IoU above which the less probable of two windows is left out, whatever their class


@dataclass(frozen=True, eq=False)
class Windows(Answer):
    """What a classifier says of the windows of an image.

    Attributes:
        found: label, probability and x1 y1 x2 y2 of the windows that are probable enough, the most
            probable first, without those that overlap a more probable one.
        labels: (R, S) the row of the most probable class at each position.
        probabilities: (R, S) of it.
        classes: the names.
        stride: from one position to the next, down and to the right, in pixels.
        cropped: whether every window was cropped, since the network pads; else all were computed at
            once. The answers to the windows are the network's answers to the crops either way.
        image: (C, H, W) uint8.
    """

    found: tuple[tuple[str, float, tuple[float, float, float, float]], ...]
    labels: Tensor
    probabilities: Tensor
    classes: tuple[str, ...]
    stride: tuple[int, int]
    cropped: bool
    image: Tensor

    @property
    def remark(self) -> str:
        """How the image was read."""
        rows, columns = self.labels.shape
        how = ", cropped one by one since the network pads" if self.cropped else ""
        return f"{rows} x {columns} windows, {self.stride[0]} pixels apart{how}"

    def __str__(self) -> str:
        each = (
            f"{label} ({100 * p:.1f} %) at {x1:.0f},{y1:.0f} to {x2:.0f},{y2:.0f}"
            for label, p, (x1, y1, x2, y2) in self.found
        )
        return "; ".join(each) or "nothing"

    def to_json(self) -> dict[str, Any]:
        """The windows, and the map of labels."""
        windows = [{"label": n, "probability": p, "box": list(box)} for n, p, box in self.found]
        rows = [[self.classes[i] for i in row] for row in self.labels.tolist()]
        return {"windows": windows, "map": rows, "stride": list(self.stride)}

    def plot(self) -> "Figure":
        """The image with its windows, as a matplotlib figure."""
        from zoo.viz.localization import windows_figure

        figure: Figure = windows_figure(self.image, self.found)
        return figure


class SlidingClassifier(Predictor[Any]):
    """Raw images in, ``Windows`` out, with the network of an image classifier."""

    draws = True

    def __init__(
        self, model: nn.Module, front_end: ImageFrontEnd, classes: Sequence[str], sure: float
    ) -> None:
        """The network is turned now.

        Raises:
            BadInput: for a network that cannot be, or one that subtracts a mean image.
        """
        if not 0 < sure <= 1:
            raise BadInput(f"slide must be above 0 and at most 1, got {sure:g}")
        if len(front_end.mean) > front_end.channels:
            raise BadInput("these weights subtract a mean image: there is none of a larger image")
        self.model, self.front_end, self.classes = model.eval(), front_end, tuple(classes)
        self.device = next(model.parameters()).device
        self.sure = sure
        self.window: SlidingWindow = convolutional(model, front_end.input_shape[1:])

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Any
    ) -> "SlidingClassifier":
        """That of a card of an image classifier, whose options these are.

        Raises:
            BadFile: for a front end that is not that of an image.
            BadInput: as ``SlidingClassifier``.
        """
        return cls(model, ImageFrontEnd.from_card(card.front_end), card.classes, options.slide)

    def vector_input(self) -> str:
        """The image of a test vector, as base64 of a PNG."""
        return images.as_text(images.probe())

    def output_of(self, text: str) -> Tensor:
        """Log-probabilities (K,) of the image in ``text``, resized: the map has one pixel.

        Raises:
            BadFile: if ``text`` holds no image, or the number of outputs is not that of classes.
        """
        output = self.log_p(self.front_end.pixels(images.from_text(text)))[:, 0, 0]
        check_classes(len(output), self.classes)
        return output

    def __call__(self, raw: Any) -> Any:
        """The windows of an image, or of several; zoo/predictors/inputs/images.py says which.

        Raises:
            Missing, BadFile: for a file that is not there, or cannot be read as an image.
            BadInput: for an image smaller than the window, or anything else.
        """
        several = images.several(raw, self.front_end.channels)
        if several is None:
            return self._answers([raw], keep_errors=False)[0]
        return self._answers(several, keep_errors=False)

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words, each folder replaced by the images in it."""
        return images.spread(inputs)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Predictor.each``; every image is read once."""
        return self._answers(inputs, keep_errors=True)

    def _answers(self, raws: Sequence[Any], *, keep_errors: bool) -> list[Any]:
        return images.answers(
            raws,
            1,  # they differ in size
            self._read,
            lambda read: [self.log_p(image) for image in read],
            self._result,
            keep_errors=keep_errors,
        )

    def _read(self, raw: Any) -> Tensor:
        """The image (C, H, W) uint8, in its own size.

        Raises:
            BadInput: if it is smaller than the window.
        """
        from zoo.data.image.read import decoded  # late, as in the front end

        given = at_hand(raw, "an image")
        with named(raw):
            image = decoded(given, self.front_end.channels)
            self.window.positions(image.shape[1], image.shape[2])
            return self.front_end.inked(image)

    @torch.inference_mode()
    def log_p(self, image: Tensor) -> Tensor:
        """Log-probabilities (K, R, S) of the windows of an image, on the CPU."""
        seen = self.front_end.normalise(image[None].to(self.device))
        window = self.window
        logits: Tensor = window(seen) if window.exact else by_crops(self.model, window, seen)
        return logits[0].log_softmax(0).cpu()

    def _result(self, image: Tensor, log_p: Tensor) -> Windows:
        check_finite(log_p, "image")
        best, labels = log_p.exp().max(0)
        boxes, scores = self.window.boxes(image.shape[1], image.shape[2]), best.flatten()
        sure = (scores >= self.sure).nonzero().squeeze(1)
        kept = sure[nms(boxes[sure], scores[sure], OVERLAP)].tolist()
        flat = labels.flatten().tolist()
        found = []
        for i in kept:
            x1, y1, x2, y2 = boxes[i].tolist()
            found.append((self.classes[flat[i]], float(scores[i]), (x1, y1, x2, y2)))
        window = self.window
        cropped = not window.exact
        return Windows(tuple(found), labels, best, self.classes, window.stride, cropped, image)
