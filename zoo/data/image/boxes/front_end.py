"""From any image to a detector's input, and where the image lies in it.

Proof: tests/data/image/boxes/test_front_end.py.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zoo.data.front_end import FrontEnd
from zoo.data.image.resize import resized
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.ops.letterbox import (
    GREY,
    Placement,
    embedded,
    letterbox,
    own_place,
    placement,
    scaled_to_sides,
)

LARGEST = 4096  # pixels of a side of what a network takes
FITS = ("letterbox", "stretch", "darknet")  # to one size
SIDES = "sides"  # to a size that depends on the image's shape
OWN = "own"  # nothing is resized
ALL = (*FITS, SIDES, OWN)
KIND = "boxes"


class Placed(NamedTuple):
    """A detector's input, and where the image lies in it."""

    image: Tensor  # (3, H, W) float32, normalised
    place: Placement


@dataclass(frozen=True)
class BoxFrontEnd(FrontEnd[Any, Placed]):
    """How a raw image becomes the input of a detector: read as RGB, fitted, normalised.

    Attributes:
        size: height and width of the input.
        fit: "letterbox": the aspect ratio is kept, grey bars beside it, antialiased bilinear;
            "stretch": resized to ``size``, antialiased bilinear; "darknet": letterbox exactly as
            Darknet has it, without antialiasing, for its weights; "sides": the aspect ratio is
            kept and nothing is added: the shorter side becomes ``size[0]``, unless the longer one
            were above ``size[1]`` then; without antialiasing, as torchvision's detectors have it.
            A set that is kept in memory at one size is letterboxed instead; "own": as it is. A set
            lies at the upper left of ``size`` there; what is larger is shrunk to fit.
        mean, std: of values in [0, 1], per channel.
    """

    size: tuple[int, int]
    fit: str = "letterbox"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        whole = len(self.size) == 2 and all(type(side) is int for side in self.size)
        if not whole or not 1 <= min(self.size) <= max(self.size) <= LARGEST:
            raise BadInput(f"size must be (height, width), 1 to {LARGEST} pixels, got {self.size}")
        if self.fit not in ALL:
            raise BadInput(f"fit must be one of {', '.join(ALL)}, got {self.fit!r}")
        values = (*self.mean, *self.std)
        if len(self.mean) != 3 or len(self.std) != 3 or not all(map(math.isfinite, values)):
            raise BadInput(f"mean and std must be 3 numbers each, got {self.mean} and {self.std}")
        if min(self.std) <= 0:
            raise BadInput(f"std must be above 0, got {self.std}")

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(3, H, W) of the network's input."""
        return 3, *self.size

    def __call__(self, raw: Any) -> Placed:
        """Any image (``zoo.data.image.read`` says which) to the network's input."""
        from zoo.data.image.read import decoded  # late: training on prepared sets reads no file

        return self.placed(decoded(raw, 3))

    def placed(self, image: Tensor) -> Placed:
        """An image that is decoded, (3, H', W') uint8, to the network's input."""
        if self.fit == "darknet":
            floats, place = letterbox(image.float() / 255, self.size)
            return Placed(self._scaled(floats[None])[0], place)
        if self.fit == SIDES:
            floats, place = scaled_to_sides(image.float() / 255, *self.size)
            return Placed(self._scaled(floats[None])[0], place)
        if self.fit == OWN:
            place = own_place(image.shape[1], image.shape[2])
            return Placed(self.normalise(image.contiguous()[None])[0], place)
        pixels, place = self.pixels(image)
        return Placed(self.normalise(pixels[None])[0], place)

    def pixels(self, image: Tensor) -> tuple[Tensor, Placement]:
        """An image that is decoded to (3, H, W) uint8, as a training set keeps it."""
        height, width = image.shape[1], image.shape[2]
        if self.fit == "darknet":
            floats, place = letterbox(image.float() / 255, self.size)
            return (floats * 255).round().to(torch.uint8), place
        if self.fit == "stretch":
            return resized(image, self.size), Placement(0, 0, *self.size[::-1], width, height)
        place = placement((height, width), self.size)
        if self.fit == OWN:
            place = place._replace(left=0, top=0)
            if height <= self.size[0] and width <= self.size[1]:
                place = own_place(height, width)
        small = resized(image, (place.height, place.width))
        return embedded(small, place, self.size, round(255 * GREY)), place

    def no_larger_than(self, widths: Sequence[int], heights: Sequence[int]) -> "BoxFrontEnd":
        """Where images keep their own size: the same with the room that a set of these needs."""
        if self.fit != OWN or not widths:
            return self
        return replace(self, size=(min(self.size[0], max(heights)), min(self.size[1], max(widths))))

    def normalise(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 to float32: (value / 255 - mean) / std."""
        return self._scaled(pixels.float() / 255)

    def _scaled(self, images: Tensor) -> Tensor:
        if self.mean == (0.0, 0.0, 0.0) and self.std == (1.0, 1.0, 1.0):
            return images
        return (images - _levels(self.mean, images)) / _levels(self.std, images)

    def restored(self, images: Tensor) -> Tensor:
        """The reverse of ``normalise``: (N, 3, H, W) float32 to uint8."""
        values = images * _levels(self.std, images) + _levels(self.mean, images)
        return (values * 255).round().clamp(0, 255).to(torch.uint8)

    def to_card(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"kind": KIND, **asdict(self)}

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "BoxFrontEnd":
        """The reverse of ``to_card``; images need no vocabulary.

        Raises:
            BadFile: if the record is not one of a detector's front end.
        """
        try:
            fields: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in record.items()
            }
            if fields.pop("kind") != KIND:
                raise TypeError(f"kind is not {KIND!r}")
            return cls(**fields)
        except (TypeError, KeyError, ValueError, AttributeError, ArithmeticError) as error:
            raise BadFile(f"the card's front end is not understood: {error}") from error


def _levels(numbers: tuple[float, ...], like: Tensor) -> Tensor:
    return like.new_tensor(numbers).view(3, 1, 1)
