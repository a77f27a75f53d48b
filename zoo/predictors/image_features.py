"""Features of an image: an image in, the maps of each layer out (``ImageFeatures``).

>>> import zoo
>>> answer = zoo.load("vgg_perceptual.coco_free")("photo.jpg")  # doctest: +SKIP
>>> answer.maps["2_1"].shape  # doctest: +SKIP
torch.Size([64, 128, 85])

Proof: tests/predictors/test_image_features.py.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, ZooError
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import images
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.predictor import Predictor, check_finite, sampled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("json", "npz")


@dataclass(frozen=True)
class Options:
    """Options of a network of image features."""

    size: int | None = option(
        None, "pixels of the longer side of a larger image, which is made smaller (default: 512)"
    )


@dataclass(frozen=True, eq=False)
class ImageFeatures(Answer):
    """The maps of every layer for one image.

    Attributes:
        maps: (C, H, W) float32 of each layer by its name, the finest first.
        image: (3, H, W) uint8, as the network sees it.
    """

    kinds = KINDS

    maps: dict[str, Tensor]
    image: Tensor

    def __str__(self) -> str:
        sizes = (f"{name} {'x'.join(map(str, one.shape))}" for name, one in self.maps.items())
        return ", ".join(sizes)

    def to_json(self) -> dict[str, Any]:
        """Of each layer its shape (C, H, W) and the mean of each of its maps."""
        return {
            name: {"shape": list(one.shape), "means": one.mean((1, 2)).tolist()}
            for name, one in self.maps.items()
        }

    def files(self, kind: str) -> dict[str, bytes]:
        """As ``Answer.files``; "npz" has all maps, an array (C, H, W) for each layer."""
        if kind != "npz":
            return super().files(kind)
        import numpy as np

        buffer = io.BytesIO()
        np.savez(buffer, **{name: one.numpy() for name, one in self.maps.items()})  # type: ignore[arg-type]
        return {".npz": buffer.getvalue()}

    def plot(self) -> "Figure":
        """The maps of each layer that vary most over the image, a row for each layer."""
        from zoo.viz.feature_maps import feature_figure

        figure: Figure = feature_figure(self.image, self.maps)
        return figure


class FeatureExtractor(Predictor[Options]):
    """Images in, ``ImageFeatures`` out; each by itself, for they may have different sizes."""

    draws = True
    saves = KINDS

    def __init__(self, model: Any, front_end: PhotographFrontEnd) -> None:
        self.model, self.front_end = model.eval(), front_end
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "FeatureExtractor":
        """The network that a card describes.

        Raises:
            BadFile: for a front end that is not that of photographs.
            BadInput: for a size out of range.
        """
        front_end = PhotographFrontEnd.from_card(card.front_end)
        if options.size is not None:
            front_end = replace(front_end, longest=options.size)
        return cls(model, front_end)

    @classmethod
    def transform(
        cls,
        input_shape: tuple[int, ...],
        front_end: Mapping[str, Any] | None,
        arguments: Mapping[str, Any],
    ) -> nn.Module:
        """``PhotographTransform`` of the front end, or of the default one."""
        from zoo.data.image.transform import PhotographTransform  # late, as in the front end

        return PhotographTransform.of(front_end)

    def vector_input(self) -> str:
        """The image of a test vector, as base64 of a PNG."""
        return images.as_text(images.probe())

    def output_of(self, text: str) -> Tensor:
        """64 numbers of the last layer for the image in ``text``, from first to last.

        Raises:
            BadFile: if ``text`` holds no image.
        """
        maps = self._maps(self.front_end.pixels(images.from_text(text)))
        last = list(maps.values())[-1]
        if not last.numel():
            raise BadFile("the network has no features for its test vector; do not use it")
        return sampled(last)

    def __call__(self, raw: Any) -> Any:
        """The features of one image, or of several to a list; inputs/images.py says which.

        Raises:
            Missing, BadFile: for a file that is not there, or cannot be read as an image.
            BadInput: for an image that is too small for the network, for an array whose shape or
                values can mean two things, or anything else.
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
            raws, 1, self._read, lambda read: read, self._result, keep_errors=keep_errors
        )

    def _read(self, raw: Any) -> Tensor:
        given = at_hand(raw, "an image")
        with named(raw):
            return self.front_end.pixels(given)

    @torch.inference_mode()
    def _maps(self, pixels: Tensor) -> dict[str, Tensor]:
        """The maps for an image (3, H, W) uint8, on the CPU."""
        image = self.front_end.scaled(pixels[None].to(self.device))
        return {name: one[0].float().cpu() for name, one in self.model.extract(image).items()}

    def _result(self, pixels: Tensor, _: Tensor) -> ImageFeatures:
        maps = self._maps(pixels)
        for one in maps.values():
            check_finite(one, "image")
        return ImageFeatures(maps, pixels)


PREDICTOR = FeatureExtractor
