"""Localization: an image in, ``Localization`` out: is there an object, which one, and where.

Proof: tests/predictors/test_localization.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, ZooError
from zoo.metrics.localization import SURE, Found, read_outputs
from zoo.nn.scored_form import ScoredForm
from zoo.ops.letterbox import Placement
from zoo.options import option
from zoo.predictors.inputs import images
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.predictor import Answer, Predictor, check_classes, check_finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BATCH = 64  # images in one forward pass


@dataclass(frozen=True)
class Options:
    """Options of a localizer."""

    threshold: float = option(SURE, "probability from which on there is an object")


@dataclass(frozen=True, eq=False)
class Localization(Answer):
    """The object of an image, or its points.

    Attributes:
        probability: that there is one.
        there: whether that is enough.
        label: its class; "" where there is none, and of points.
        box: x1 y1 x2 y2 in pixels of the image; None where there is no object, and of points.
        points: name, x and y of each, in pixels; () where there is none, and of a box.
        image: (3, H, W) uint8, as it was given.
    """

    probability: float
    there: bool
    label: str
    box: tuple[float, float, float, float] | None
    points: tuple[tuple[str, float, float], ...]
    image: Tensor

    def __str__(self) -> str:
        sure = f"({100 * self.probability:.1f} %)"
        if self.box:
            x1, y1, x2, y2 = self.box
            return f"{self.label} {sure} at {x1:.0f},{y1:.0f} to {x2:.0f},{y2:.0f}"
        places = ", ".join(f"{name} {x:.0f},{y:.0f}" for name, x, y in self.points)
        return f"{places or 'nothing'} {sure}"

    def to_json(self) -> dict[str, Any]:
        """Probability, and what there is: label and box, or the points by name."""
        record: dict[str, Any] = {"probability": self.probability}
        if self.box:
            record |= {"label": self.label, "box": list(self.box)}
        if self.points:
            record["points"] = {name: [x, y] for name, x, y in self.points}
        return record

    def plot(self) -> "Figure":
        """The image with the box or the points, as a matplotlib figure."""
        from zoo.viz.localization import located_figure

        x1, y1, x2, y2 = self.box or (0.0,) * 4
        places = [(x1, y1), (x2, y2)] if self.box else [(x, y) for _, x, y in self.points]
        text = f"{self.label or ('object' if self.there else 'nothing')} "
        text += f"({100 * self.probability:.1f} %)"
        figure: Figure = located_figure(self.image, places, text, boxes=self.box is not None)
        return figure


Read = tuple[Tensor, Tensor, Placement]  # the image, what the network sees, where it lies in that


class Localizer(Predictor[Options]):
    """Images in, ``Localization`` out."""

    draws = True

    def __init__(
        self, model: Any, front_end: BoxFrontEnd, names: Sequence[str], threshold: float = SURE
    ) -> None:
        if not 0 <= threshold <= 1:
            raise BadInput(f"threshold must lie between 0 and 1, got {threshold:g}")
        self.model, self.front_end, self.names = model.eval(), front_end, tuple(names)
        self.device = next(model.parameters()).device
        self.threshold = threshold
        self._boxes, self._decode = model.finds == "box", model.decode
        probe = torch.zeros(1, len(names) if not self._boxes else 2, 2)
        self._numbers = model.encode(probe).shape[1]

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "Localizer":
        """The localizer of a card and its network.

        Raises:
            BadFile: for a front end that is not that of images with boxes.
            BadInput: for a threshold that is no probability.
        """
        front_end = BoxFrontEnd.from_card(card.front_end)
        return cls(model, front_end, card.classes, options.threshold)

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...]:
        """(C, H, W): that of the architecture, or of a card's front end."""
        if front_end is None:
            return input_shape
        return BoxFrontEnd.from_card(front_end).input_shape

    @classmethod
    def transform(
        cls,
        input_shape: tuple[int, ...],
        front_end: Mapping[str, Any] | None,
        arguments: Mapping[str, Any],
    ) -> nn.Module:
        """``BoxTransform`` of the front end, or of letterbox to the architecture's input."""
        from zoo.data.image.boxes.transform import BoxTransform  # late, as in the front end

        usual = (input_shape[1], input_shape[2])
        made = BoxFrontEnd(usual) if front_end is None else BoxFrontEnd.from_card(front_end)
        size = arguments.get("image_size")
        return BoxTransform(made if size is None else replace(made, size=(size, size)))

    @classmethod
    def scored(cls, model: Any, classes: Sequence[str]) -> ScoredForm:
        """The logits that there is an object, and of the classes."""
        if model.finds == "box":
            where = model.encode(torch.zeros(1, 2, 2)).shape[1]
            names = ("object", *classes)
            rest = [0, *range(1 + where, 1 + where + len(names) - 1)]
            return ScoredForm(lambda images: model(images)[:, rest], names, torch.sigmoid, "%")
        return ScoredForm(lambda images: model(images)[:, :1], ("object",), torch.sigmoid, "%")

    def vector_input(self) -> str:
        """The image of a test vector, as base64 of a PNG."""
        return images.as_text(images.probe())

    def output_of(self, text: str) -> Tensor:
        """The outputs for the image in ``text``, as a test vector records them.

        Raises:
            BadFile: if ``text`` holds no image, or the number of outputs is not that of names.
        """
        placed = self.front_end(images.from_text(text))
        output = self._outputs(placed.image[None])[0]
        if self._boxes:
            check_classes(len(output) - 1 - self._numbers, self.names)
        elif len(output) != 1 + self._numbers:
            has = f"has {len(self.names)} points but {len(output)} outputs"
            raise BadFile(f"the card {has}; do not use it")
        return output

    def __call__(self, raw: Any) -> Any:
        """What is in an image, or in several; zoo/predictors/inputs/images.py says which.

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
        return images.spread(inputs)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Predictor.each``; every image is read once."""
        return self._answers(inputs, keep_errors=True)

    def _answers(self, raws: Sequence[Any], *, keep_errors: bool) -> list[Any]:
        return images.answers(
            raws, BATCH, self._read, self._run, self._result, keep_errors=keep_errors
        )

    def _read(self, raw: Any) -> Read:
        from zoo.data.image.read import decoded  # late, as in the front end

        given = at_hand(raw, "an image")
        with named(raw):
            image = decoded(given, 3)
        placed = self.front_end.placed(image)
        return image, placed.image, placed.place

    def _run(self, read: Sequence[Read]) -> list[Tensor]:
        return list(self._outputs(torch.stack([seen for _, seen, _ in read])))

    @torch.inference_mode()
    def _outputs(self, seen: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) to y (N, 1 + D + K), on the CPU."""
        outputs: Tensor = self.model(seen.to(self.device)).float().cpu()
        return outputs

    def _result(self, read: Read, output: Tensor) -> Localization:
        check_finite(output, "image")
        image, _, place = read
        found = read_outputs(output[None], self._decode, self._numbers)
        p, there = float(found.p[0]), bool(found.p[0] >= self.threshold)
        if not there:
            return Localization(p, False, "", None, (), image)
        spots = self._in_image(found, place)
        if not self._boxes:
            named_points = zip(self.names, spots.tolist(), strict=True)
            points = tuple((name, x, y) for name, (x, y) in named_points)
            return Localization(p, True, "", None, points, image)
        (x1, y1), (x2, y2) = spots.tolist()
        return Localization(p, True, self.names[int(found.labels[0])], (x1, y1, x2, y2), (), image)

    def _in_image(self, found: Found, place: Placement) -> Tensor:
        """The points (P, 2) in pixels of the image, inside of it."""
        height, width = self.front_end.size
        spots = found.points[0] * found.points.new_tensor([width, height])
        return place.to_image(spots.repeat(1, 2))[:, :2]  # as boxes, each of one point


PREDICTOR = Localizer
