"""From any image to the tensor a network was trained on, and the card's record of how."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from zoo.data.front_end import FrontEnd
from zoo.data.image.resize import frame, middle, resized, shortened
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput

Numbers = tuple[float, ...]
LARGEST = 4096  # pixels of a side of what a network takes


@dataclass(frozen=True)
class ImageFrontEnd(FrontEnd[Any, Tensor]):
    """How a raw image becomes an input: read, made grey or RGB, resized, framed, normalised.

    Attributes:
        size: height and width that the image is resized to (antialiased bilinear), or that are
            cut out of its middle where ``shorter`` is given.
        mean: of values in [0, 1], per channel; or per pixel, C H W numbers row by row.
        std: of the same, per channel.
        pad: pixels of black frame added on each side after resizing.
        ink: "light" if the training set has light strokes on a dark ground; an image whose rim
            is brighter than its middle is then inverted (dark pen on white paper).
        shorter: pixels that the shorter side is first resized to, keeping the aspect ratio
            (antialiased bilinear); the middle of that is then cut out, to torchvision's rounding.
    """

    size: tuple[int, int]
    mean: Numbers
    std: Numbers
    pad: int = 0
    ink: str | None = None
    shorter: int | None = None

    def __post_init__(self) -> None:
        lengths = (*self.size, self.pad)
        integers = len(lengths) == 3 and all(type(length) is int for length in lengths)
        if not integers or min(self.size) < 1 or self.pad < 0 or max(lengths) > LARGEST:
            got = f"{self.size} and {self.pad}"
            raise BadInput(
                "size must be (height, width) and pad 0 or more pixels, at most "
                f"{LARGEST}, got {got}"
            )
        if self.shorter is not None and (
            type(self.shorter) is not int or not 1 <= self.shorter <= LARGEST
        ):
            raise BadInput(f"shorter must be None or 1 to {LARGEST} pixels, got {self.shorter!r}")
        finite = all(map(math.isfinite, (*self.mean, *self.std))) and min(self.std) > 0
        channels = len(self.std)
        fits = channels in (1, 3) and len(self.mean) in (channels, math.prod(self.input_shape))
        if not finite or not fits:
            got = f"{self.mean[:4]} and {self.std[:4]}"
            raise BadInput(f"mean and std must be 1 or 3 numbers each, std above 0, got {got}")
        if self.ink not in (None, "light"):
            raise BadInput(f"ink must be 'light' or None, got {self.ink!r}")

    @property
    def channels(self) -> int:
        return len(self.std)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the network's input."""
        return self.channels, self.size[0] + 2 * self.pad, self.size[1] + 2 * self.pad

    @property
    def flat(self) -> set[int]:
        """How many values an image has, flattened: without its frame, and with it."""
        return {self.channels * math.prod(self.size), math.prod(self.input_shape)}

    def __call__(self, raw: Any) -> Tensor:
        """Any image to the network's input (C, H, W) float32."""
        return self.normalise(self.pixels(raw)[None])[0]

    def pixels(self, raw: Any) -> Tensor:
        """Any image (``zoo.data.image.read`` says which) to (C, H, W) uint8, contiguous.

        A large JPEG is decoded at a half, a quarter or an eighth of its size where that leaves at
        least twice the pixels that are needed: grey levels differ by less than one on average.
        """
        from zoo.data.image.read import decoded  # late: training on prepared sets reads no file

        needed = self.size if self.shorter is None else (self.shorter, self.shorter)
        return self.fitted(decoded(raw, self.channels, enough=(2 * needed[0], 2 * needed[1])))

    def fitted(self, image: Tensor) -> Tensor:
        """What ``pixels`` gives for an image that is decoded: (C, H', W') uint8 to (C, H, W)."""
        if self.shorter is None:
            image = resized(image, self.size)
        else:
            image = middle(shortened(image, self.shorter), self.size)
        image = image.clone(memory_format=torch.contiguous_format)
        return frame(self.inked(image), self.pad)

    def inked(self, image: Tensor) -> Tensor:
        """(C, H, W) uint8 with light strokes on a dark ground, if the training set had those."""
        return 255 - image if self.ink == "light" and _rim_is_brighter(image) else image

    def normalise(self, pixels: Tensor) -> Tensor:
        """(N, C, H, W) uint8 to float32: value / 255 - mean, over std, in one pass each."""
        shape = self.input_shape if len(self.mean) > self.channels else (-1, 1, 1)
        mean, scale = _levels(self.mean, shape, self.std, pixels.device)
        return pixels.float().sub_(mean).mul_(scale)

    def restored(self, images: Tensor) -> Tensor:
        """The reverse of ``normalise``: (N, C, H, W) float32 to the uint8 it came from."""
        shape = self.input_shape if len(self.mean) > self.channels else (-1, 1, 1)
        mean, scale = _levels(self.mean, shape, self.std, images.device)
        return (images / scale + mean).round().clamp(0, 255).to(torch.uint8)

    def with_channels(self, channels: int) -> "ImageFrontEnd":
        """The same for another number of channels: mean and std averaged over the old ones.

        Raises:
            BadInput: unless it is 1 (grey) or 3 (RGB).
        """
        if channels == self.channels:
            return self
        if channels not in (1, 3):
            raise BadInput(f"in_chans must be 1 (grey) or 3 (RGB), got {channels}")
        mean, std = (sum(numbers) / len(numbers) for numbers in (self.mean, self.std))
        return replace(self, mean=(mean,) * channels, std=(std,) * channels)

    def to_card(self) -> dict[str, Any]:
        """As JSON holds it."""
        record = {"kind": "picture", **asdict(self)}
        if self.shorter is None:
            del record["shorter"]
        return record

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "ImageFrontEnd":
        """The reverse of ``to_card``; images need no vocabulary.

        Raises:
            BadFile: if the record is not one of an image front end.
        """
        try:
            fields: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in record.items()
            }
            if fields.pop("kind") != "picture":
                raise TypeError("kind is not 'picture'")
            return cls(**fields)
        except (TypeError, KeyError, ValueError, AttributeError, ArithmeticError) as error:
            raise BadFile(f"the card's front end is not understood: {error}") from error


def default_front_end(input_shape: tuple[int, ...]) -> ImageFrontEnd:
    """For a network (C, H, W) without weights: resized to its input, values in [-1, 1]."""
    channels, height, width = input_shape
    return ImageFrontEnd((height, width), mean=(0.5,) * channels, std=(0.5,) * channels)


@lru_cache(maxsize=16)
def _levels(
    mean: Numbers, shape: tuple[int, ...], std: Numbers, device: torch.device
) -> tuple[Tensor, Tensor]:
    """What to subtract from bytes, and what to multiply by (C, 1, 1); made once."""
    with torch.inference_mode(False):  # whoever asks first, training may use them later
        level = torch.tensor(mean, dtype=torch.float32, device=device).view(shape) * 255
        return level, 1 / (
            torch.tensor(std, dtype=torch.float32, device=device).view(-1, 1, 1) * 255
        )


def _rim_is_brighter(image: Tensor) -> bool:
    """Whether the outermost pixels are bright, and brighter than the image as a whole."""
    rim = torch.cat([image[:, 0], image[:, -1], image[:, :, 0], image[:, :, -1]], dim=1)
    edge = rim.float().mean()
    return bool(edge > 127 and edge > image.float().mean())
