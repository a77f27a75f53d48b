"""Style transfer by one pass: a photograph in, a picture of the same size out (``Styled``).

>>> import zoo
>>> zoo.load("fast_style.the_scream")("photo.jpg").save("out", "png")  # doctest: +SKIP

Frames of a video are painted one by one: nothing keeps what moves between them from flickering.
Proof: tests/predictors/test_style_transfer.py.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput, ZooError
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import images, video_frames
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.inputs.frame import Frame
from zoo.predictors.predictor import Predictor, check_finite, sampled

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

LIMIT = 4.0  # million pixels of a picture; each needs about a GB of memory
SMALLEST = 8  # pixels of a side
KINDS = ("json", "png")


@dataclass(frozen=True)
class Options:
    """Options of a network that paints."""

    size: int | None = option(
        None, "pixels of the longer side of the picture (default: as the photograph, up to limit)"
    )
    limit: float = option(
        LIMIT, "million pixels at most; a larger photograph is made smaller. Each needs about a GB"
    )


@dataclass(frozen=True, eq=False)
class Styled(Answer):
    """A painted photograph.

    Attributes:
        image: (3, H, W) uint8, painted.
        photograph: the same as the network saw it.
        width, height: of the photograph as it was given.
    """

    kinds = KINDS

    image: Tensor
    photograph: Tensor
    width: int
    height: int

    def __str__(self) -> str:
        return f"a picture of {self.image.shape[2]} x {self.image.shape[1]} pixels"

    @property
    def remark(self) -> str:
        """Whether it was made smaller because of the limit, or for the size that was asked for."""
        if (self.height, self.width) == tuple(self.image.shape[1:]):
            return ""
        given = f"{self.width} x {self.height} pixels"
        return f"made smaller, the photograph has {given}; --size and --limit say how large"

    def to_json(self) -> dict[str, Any]:
        """Width and height in pixels: the picture itself is saved as PNG."""
        return {"width": self.image.shape[2], "height": self.image.shape[1]}

    def picture(self) -> "Image":
        """The painted photograph alone, as a Pillow image."""
        from PIL.Image import fromarray

        return fromarray(self.image.permute(1, 2, 0).numpy())

    def files(self, kind: str) -> dict[str, bytes]:
        """As ``Answer.files``; "png" is the picture."""
        if kind != "png":
            return super().files(kind)
        buffer = io.BytesIO()
        self.picture().save(buffer, "PNG")
        return {".png": buffer.getvalue()}

    def plot(self) -> "Figure":
        """The photograph beside the picture, as a matplotlib figure."""
        from zoo.viz.curves import new_figure
        from zoo.viz.mistakes import image_array

        ratio = self.image.shape[1] / self.image.shape[2]
        figure, axes = new_figure(1, 2, width=9, height=0.2 + 4.4 * min(max(ratio, 0.3), 2))
        for axis, image in zip(axes, (self.photograph, self.image), strict=True):
            axis.imshow(image_array(image))
            axis.set_axis_off()
        return figure


class Read(NamedTuple):
    """A photograph that was read, as it was given and as the network sees it."""

    pixels: Tensor  # (3, H, W) uint8
    width: int
    height: int


class Painter(Predictor[Options]):
    """Photographs in, ``Styled`` out; each by itself, for they may have different sizes."""

    draws = True
    saves = KINDS

    def __init__(self, model: Any, size: int | None = None, limit: float = LIMIT) -> None:
        if size is not None and size < SMALLEST:
            raise BadInput(f"size must be at least {SMALLEST} pixels, got {size}")
        if not limit > 0:
            raise BadInput(f"limit must be above 0 million pixels, got {limit:g}")
        self.model, self.size, self.limit = model.eval(), size, limit
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "Painter":
        """The network that a card describes.

        Raises:
            BadFile: for a front end that is not that of photographs.
            BadInput: for options out of range.
        """
        PhotographFrontEnd.from_card(card.front_end)
        return cls(model, options.size, options.limit)

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...]:
        """(3, H, W): that of the architecture; an exported network paints this size."""
        return input_shape

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
        """64 numbers of the picture of the image in ``text``, from first to last.

        Raises:
            BadFile: if ``text`` holds no image.
        """
        from zoo.data.image.read import read  # late, as in the front end

        return sampled(self._paint(read(images.from_text(text))))

    def __call__(self, raw: Any) -> Any:
        """Paint one photograph, or several to a list; inputs/images.py says which.

        Raises:
            Missing, BadFile: for a file that is not there, or cannot be read as an image.
            BadInput: for an image that is too small, for an array whose shape or values can mean
                two things, or anything else.
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

    def watch(self, source: str | Path) -> Iterator[tuple[Frame, Styled]]:
        """The frames of a video with the picture of each, as they come; few are held.

        Args:
            source: a video file, an animation, a folder of images, "camera" or "camera:1".

        Raises:
            Missing, BadFile, BadInput: as ``zoo.predictors.inputs.video_frames.frames``.
        """
        for frame in video_frames.frames(source):
            yield frame, self(frame.image)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Predictor.each``; every image is read once."""
        return self._answers(inputs, keep_errors=True)

    def _answers(self, raws: Sequence[Any], *, keep_errors: bool) -> list[Any]:
        return images.answers(
            raws, 1, self._read, lambda read: read, self._result, keep_errors=keep_errors
        )

    def _read(self, raw: Any) -> Read:
        from zoo.data.image.read import decoded  # late, as in the front end

        given = at_hand(raw, "an image")
        with named(raw):
            image = decoded(given, 3)
            height, width = image.shape[1:]
            if min(height, width) < SMALLEST:
                raise BadInput(
                    f"a side must have at least {SMALLEST} pixels, got {width} x {height}"
                )
        shrink = (self.limit * 1e6 / (height * width)) ** 0.5
        longest = max(int(max(height, width) * min(shrink, 1.0)), SMALLEST)
        longest = longest if self.size is None else min(longest, self.size)
        return Read(PhotographFrontEnd(longest).fitted(image), width, height)

    @torch.inference_mode()
    def _paint(self, pixels: Tensor) -> Tensor:
        """A photograph (3, H, W) uint8 to the picture in [0, 1], on the CPU."""
        made: Tensor = self.model(pixels[None].to(self.device).float() / 255)
        return made[0].float().cpu()

    def _result(self, given: Read, _: Read) -> Styled:
        made = self._paint(given.pixels)
        check_finite(made, "image")
        image = (made.clamp(0, 1) * 255).round().to(torch.uint8)
        return Styled(image, given.pixels, given.width, given.height)


PREDICTOR = Painter
