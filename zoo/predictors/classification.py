"""Image classification: a raw picture in, ``Classification`` out.

Proof: tests/test_predict.py, tests/predictors/test_classification.py.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.options import option
from zoo.practice.crops import MultiCrop, crops, mean_log_p
from zoo.practice.ensemble import average
from zoo.predictors.predictor import Answer, Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BATCH = 64  # pictures in one forward pass
SHOWN = 5  # classes of an answer


@dataclass(frozen=True)
class Options:
    """What may be chosen when a classifier of pictures is loaded."""

    crops: Literal[1, 10, 144] | None = option(
        None,
        "average the probabilities over so many crops of the picture; else one look at all of it",
    )


@dataclass(frozen=True, eq=False)
class Classification(Answer):
    """What a picture shows: the classes with the highest probabilities, best first."""

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    image: Tensor  # (C, H, W) uint8, as the network saw it

    def __str__(self) -> str:
        return f"{self.label} ({100 * self.probability:.1f} %)"

    def to_json(self) -> dict[str, Any]:
        """Label, probability and runners-up."""
        return {"label": self.label, "probability": self.probability, "top": dict(self.top)}

    def plot(self) -> "Figure":
        """The picture beside its probabilities, as a matplotlib figure."""
        from zoo.viz.classification import classification

        figure: Figure = classification(self.image, self.top)
        return figure


class ImageClassifier(Predictor[Options]):
    """Raw pictures in, ``Classification`` out.

    With ``crops`` the probabilities are means over so many crops of the raw picture.
    """

    def __init__(
        self,
        model: nn.Module,
        front_end: ImageFrontEnd,
        classes: Sequence[str],
        crops: int | None = None,
    ) -> None:
        self.model, self.front_end, self.classes = model.eval(), front_end, tuple(classes)
        self.device = next(model.parameters()).device
        self.crops = crops
        if crops and (front_end.pad or front_end.ink or len({*front_end.size}) > 1):
            raise BadInput("crops are for networks of square pictures without a frame or ink")

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "ImageClassifier":
        """The classifier of a card and its network.

        Raises:
            BadFile: for a front end that is none.
            BadInput: for crops where the front end pads or inverts the picture.
        """
        return cls(model, ImageFrontEnd.from_card(card.front_end), card.classes, options.crops)

    @classmethod
    def network(cls, models: Sequence[nn.Module], options: Options) -> nn.Module:
        """One network, or several whose probabilities are averaged; over crops if there are some.

        The crops are cut from what the front end gives: data that are measured hold nothing else.
        """
        model = models[0] if len(models) == 1 else average(*models)
        return MultiCrop(model, options.crops) if options.crops else model

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...]:
        """(C, H, W): that of the architecture, or what a card's front end gives."""
        if front_end is None:
            return input_shape
        return ImageFrontEnd.from_card(dict(front_end)).input_shape

    def vector_input(self) -> str:
        """The picture of a test vector, as base64 of a PNG."""
        buffer = io.BytesIO()
        probe().save(buffer, "PNG")
        return base64.b64encode(buffer.getvalue()).decode()

    def output_of(self, text: str) -> Tensor:
        """Log-probabilities (K,) of the picture in ``text``: what a test vector records.

        Raises:
            BadFile: if there is none, or the classes are not as many as the outputs.
        """
        try:
            picture = Image.open(io.BytesIO(base64.b64decode(text)))
            picture.load()
        except (OSError, ValueError, TypeError, SyntaxError) as error:
            raise BadFile(f"the card's test vector holds no picture: {error}") from error
        output = self.log_p(self.front_end.pixels(picture)[None])[0]
        if len(output) != len(self.classes):
            wrong = f"has {len(self.classes)} classes but {len(output)} outputs"
            raise BadFile(f"the card {wrong}; do not use it")
        return output

    def __call__(self, raw: Any) -> Any:
        """Classify a picture, or each of a list or tuple of pictures (path, PIL image, array)."""
        if not isinstance(raw, list | tuple):
            return self([raw])[0]
        answers: list[Classification] = []
        for at in range(0, len(raw), BATCH):
            chosen = raw[at : at + BATCH]
            images = torch.stack([self.front_end.pixels(one) for one in chosen])
            if self.crops:
                log_p = torch.cat([self._log_p_of_crops(one) for one in chosen])
            else:
                log_p = self.log_p(images)
            answers += [self._answer(*pair) for pair in zip(images, log_p, strict=True)]
        return answers

    def _log_p_of_crops(self, raw: Any) -> Tensor:
        from zoo.data.image.read import read  # late, as in the front end

        image = read(raw, self.front_end.channels)
        views = crops(image, self.front_end.size[0], self.crops or 1)  # (n, C, H, W)
        return mean_log_p(self.log_p(views)[None])

    @torch.inference_mode()
    def log_p(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) uint8 to log-probabilities (N, K), on the CPU."""
        logits = self.model(self.front_end.normalise(images.to(self.device)))
        return logits.log_softmax(1).cpu()

    def _answer(self, image: Tensor, log_p: Tensor) -> Classification:
        if not torch.isfinite(log_p).all():
            raise BadInput("the network gave values that are not finite for this picture")
        best = log_p.exp().topk(min(SHOWN, len(self.classes)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        top = tuple((self.classes[i], p) for i, p in pairs)
        return Classification(top[0][0], top[0][1], top, image)


def probe() -> Image.Image:
    """The picture of the test vectors: a stroke like a seven and a dot, of no data set."""
    picture = Image.new("L", (40, 48), 0)
    draw = ImageDraw.Draw(picture)
    draw.line([(8, 10), (31, 9), (17, 39)], fill=255, width=4)
    draw.ellipse((27, 30, 32, 36), fill=140)
    return picture


PREDICTOR = ImageClassifier
