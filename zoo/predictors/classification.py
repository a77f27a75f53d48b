"""Image classification: a raw image in, ``Classification`` out.

Proof: tests/test_loading.py, tests/predictors/test_classification.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.preprocess import ImageFrontEnd, default_front_end
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput, ZooError
from zoo.nn.scored_form import ScoredForm, of_classes
from zoo.options import option
from zoo.practice.crops import largest, mean_log_p
from zoo.practice.ensemble import average
from zoo.predictors import multi_crop
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import images
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.multi_crop import MultiCrop
from zoo.predictors.predictor import Predictor, check_classes, check_finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BATCH = 64  # images in one forward pass
SHOWN = 5  # classes of a result


@dataclass(frozen=True)
class Options:
    """Options of an image classifier."""

    crops: Literal[1, 10, 144] | None = option(
        None,
        "average the probabilities over this many crops of the image; else the whole image is used",
    )
    slide: float | None = option(
        None,
        "classify every window of a large image, which is not resized; the least probability of a "
        "window that is told, such as 0.9",
    )


@dataclass(frozen=True, eq=False)
class Classification(Answer):
    """The classes of an image with the highest probabilities.

    Attributes:
        label, probability: the most probable class.
        top: classes and probabilities, best first.
        image: (C, H, W) uint8, after resizing and cropping.
    """

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    image: Tensor

    def __str__(self) -> str:
        return f"{self.label} ({100 * self.probability:.1f} %)"

    def to_json(self) -> dict[str, Any]:
        """Label, probability and the most probable classes."""
        return {"label": self.label, "probability": self.probability, "top": dict(self.top)}

    def plot(self) -> "Figure":
        """The image beside its probabilities, as a matplotlib figure."""
        from zoo.viz.classification import classification_figure

        figure: Figure = classification_figure(self.image, self.top)
        return figure


class ImageClassifier(Predictor[Options]):
    """Raw images in, ``Classification`` out.

    With ``crops`` the probabilities are means over this many crops of the raw image.
    """

    draws = True

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
        if crops is not None:
            multi_crop.check(front_end, crops)

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> Any:
        """The classifier of a card and its network; with ``slide`` that of zoo/predictors/sliding.

        Raises:
            BadFile: for a front end that is not that of an image.
            BadInput: for crops where the network's images are not square, for a network that cannot
                slide.
        """
        front_end = ImageFrontEnd.from_card(card.front_end)
        if options.slide is None:
            return cls(model, front_end, card.classes, options.crops)
        if options.crops is not None:
            raise BadInput("crops and slide are two ways of looking at an image; give one")
        from zoo.predictors.sliding import SlidingClassifier  # late: it imports torch.fx

        return SlidingClassifier.from_card(card, model, vocabulary, options)

    @classmethod
    def network(cls, models: Sequence[nn.Module], options: Options, card: Card) -> nn.Module:
        """One network, or an ensemble of several; with ``crops`` also averaged over crops.

        Here the crops are taken from preprocessed images, since a data set holds no raw ones.

        Raises:
            BadInput: for crops where the network's images are not square, and for ``slide``.
        """
        if options.slide is not None:
            raise BadInput("slide is for large images: a labelled one is measured without it")
        model = models[0] if len(models) == 1 else average(*models)
        if options.crops is None:
            return model
        return MultiCrop(model, ImageFrontEnd.from_card(card.front_end), options.crops)

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...]:
        """(C, H, W): that of the architecture, or of a card's front end."""
        if front_end is None:
            return input_shape
        return ImageFrontEnd.from_card(dict(front_end)).input_shape

    @classmethod
    def transform(
        cls,
        input_shape: tuple[int, ...],
        front_end: Mapping[str, Any] | None,
        arguments: Mapping[str, Any],
    ) -> nn.Module:
        """``ImageTransform`` of the front end, or of the architecture's default."""
        from zoo.data.image.transform import ImageTransform  # late, as in the front end

        if front_end is None:
            made = default_front_end(input_shape)
        else:
            made = ImageFrontEnd.from_card(front_end)
        made = made.with_channels(arguments.get("in_chans", made.channels))
        size = arguments.get("image_size")
        return ImageTransform(made if size is None else replace(made, size=(size, size)))

    @classmethod
    def scored(cls, model: nn.Module, classes: Sequence[str]) -> ScoredForm:
        """The logits of the classes."""
        return of_classes(model, classes)

    def vector_input(self) -> str:
        """The image of a test vector, as base64 of a PNG."""
        return images.as_text(images.probe())

    def output_of(self, text: str) -> Tensor:
        """Log-probabilities (K,) of the image in ``text``, as a test vector records them.

        Raises:
            BadFile: if ``text`` holds no image, or the number of outputs is not that of classes.
        """
        image = images.from_text(text)
        output = self.log_p(self.front_end.pixels(image)[None])[0]
        check_classes(len(output), self.classes)
        return output

    def __call__(self, raw: Any) -> Any:
        """Classify one image, or several to a list of results; inputs/images.py says which.

        Raises:
            Missing, BadFile: for a file that is not there, or cannot be read as an image.
            BadInput: for an array whose shape or values can mean two things, or anything else.
        """
        several = images.several(raw, self.front_end.channels, self.front_end.flat)
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
        """The classification of each image, or its error if errors are kept."""
        return images.answers(
            raws, BATCH, self._read, self._run, self._result, keep_errors=keep_errors
        )

    def _run(self, read: Sequence[tuple[Tensor, Tensor | None]]) -> Sequence[Tensor]:
        """Log-probabilities (K,) of each image; with crops they are there already."""
        known = [log_p for _, log_p in read if log_p is not None]
        return known or list(self.log_p(torch.stack([pixels for pixels, _ in read])))

    def _read(self, raw: Any) -> tuple[Tensor, Tensor | None]:
        """The pixels that the network sees; with crops, its log-probabilities too."""
        given = at_hand(raw, "an image")
        with named(raw):
            if self.crops is None:
                return self.front_end.pixels(given), None
            from zoo.data.image.read import decoded  # late, as in the front end

            least = 2 * largest(self.front_end.size[0])
            image = decoded(given, self.front_end.channels, enough=(least, least))
        views = multi_crop.views(self.front_end.inked(image), self.front_end, self.crops)
        return self.front_end.fitted(image), mean_log_p(self.log_p(views)[None])[0]

    @torch.inference_mode()
    def log_p(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) uint8 to log-probabilities (N, K), on the CPU."""
        logits = self.model(self.front_end.normalise(images.to(self.device)))
        return logits.log_softmax(1).cpu()

    def _result(self, read: tuple[Tensor, Tensor | None], log_p: Tensor) -> Classification:
        check_finite(log_p, "image")
        best = log_p.exp().topk(min(SHOWN, len(self.classes)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        top = tuple((self.classes[i], p) for i, p in pairs)
        return Classification(top[0][0], top[0][1], top, read[0])


PREDICTOR = ImageClassifier
