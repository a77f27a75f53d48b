"""What ``zoo.load`` gives for pictures: raw picture in, ``Classification`` out.

Proof: tests/test_predict.py.
"""

import base64
import io
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.preprocess import PictureFrontEnd
from zoo.errors import BadFile, BadInput
from zoo.practice.crops import crops, mean_log_p


@dataclass(frozen=True, eq=False)
class Classification:
    """What a picture shows: the classes with the highest probabilities, best first."""

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    picture: Tensor  # (C, H, W) uint8, as the network saw it

    def __str__(self) -> str:
        return f"{self.label} ({100 * self.probability:.1f} %)"

    def to_json(self) -> dict[str, Any]:
        """Label, probability and runners-up, for machines."""
        return {"label": self.label, "probability": self.probability, "top": dict(self.top)}

    def plot(self) -> Any:
        """The picture beside its probabilities, as a matplotlib figure."""
        from zoo.viz.classification import classification

        return classification(self.picture, self.top)


class PictureClassifier:
    """Raw pictures in, ``Classification`` out.

    With ``crops`` (1, 10 or 144) the probabilities are means over so many crops of the raw picture.
    """

    OPTIONS = ("crops",)

    def __init__(
        self,
        model: nn.Module,
        front_end: PictureFrontEnd,
        classes: tuple[str, ...],
        crops: int | None = None,
    ) -> None:
        self.model, self.front_end, self.classes = model.eval(), front_end, classes
        self.device = next(model.parameters()).device
        self.crops = crops
        if crops and (front_end.pad or front_end.ink or len({*front_end.size}) > 1):
            raise BadInput("crops are for networks of square pictures without a frame or ink")

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: None = None, crops: int | None = None
    ) -> "PictureClassifier":
        """The classifier of a card and its network."""
        return cls(model, PictureFrontEnd.from_card(card.front_end), tuple(card.classes), crops)

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
        found: list[Classification] = []
        for at in range(0, len(raw), 64):
            chosen = raw[at : at + 64]
            pixels = torch.stack([self.front_end.pixels(one) for one in chosen])
            if self.crops:
                said = torch.cat([self._log_p_of_crops(one) for one in chosen])
            else:
                said = self.log_p(pixels)
            found += [
                self._describe(picture, log_p) for picture, log_p in zip(pixels, said, strict=True)
            ]
        return found

    def _log_p_of_crops(self, raw: Any) -> Tensor:
        from zoo.data.image.read import read  # late, as in the front end

        picture = read(raw, self.front_end.channels)
        views = crops(picture, self.front_end.size[0], self.crops or 1)  # (n, C, H, W)
        return mean_log_p(self.log_p(views)[None])

    @torch.inference_mode()
    def log_p(self, pixels: Tensor) -> Tensor:
        """Pictures (N, C, H, W) uint8 to log-probabilities (N, K), on the CPU."""
        logits = self.model(self.front_end.normalise(pixels.to(self.device)))
        return logits.log_softmax(1).cpu()

    def _describe(self, picture: Tensor, log_p: Tensor) -> Classification:
        if not torch.isfinite(log_p).all():
            raise BadInput("the network gave values that are not finite for this picture")
        best = log_p.exp().topk(min(5, len(self.classes)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        top = tuple((self.classes[i], p) for i, p in pairs)
        return Classification(top[0][0], top[0][1], top, picture)


def probe() -> Image.Image:
    """The picture of the test vectors: a stroke like a seven and a dot, of no data set."""
    picture = Image.new("L", (40, 48), 0)
    draw = ImageDraw.Draw(picture)
    draw.line([(8, 10), (31, 9), (17, 39)], fill=255, width=4)
    draw.ellipse((27, 30, 32, 36), fill=140)
    return picture
