"""Photographs of any size as a network of pictures reads them: RGB, perhaps made smaller, a range.

Proof: tests/data/image/test_photographs.py.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.data.front_end import FrontEnd
from zoo.data.image.resize import resized
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput

KIND = "photograph"
LARGEST = 8192  # pixels of a side


@dataclass(frozen=True)
class PhotographFrontEnd(FrontEnd[Any, Tensor]):
    """How a raw image becomes an input; the aspect ratio stays.

    Attributes:
        longest: pixels of the longer side; a larger photograph is made smaller (antialiased
            bilinear), a smaller one stays as it is.
        top: the network's value of white: 1, or 255.
    """

    longest: int = 512
    top: float = 1.0

    def __post_init__(self) -> None:
        if type(self.longest) is not int or not 1 <= self.longest <= LARGEST:
            raise BadInput(f"longest must be 1 to {LARGEST} pixels, got {self.longest!r}")
        if not isinstance(self.top, int | float) or not 0 < self.top <= 65535:
            raise BadInput(f"top must be a number above 0, such as 1 or 255, got {self.top!r}")

    def __call__(self, raw: Any) -> Tensor:
        """Any image to the network's input (3, H, W) float32."""
        return self.scaled(self.pixels(raw))

    def pixels(self, raw: Any) -> Tensor:
        """Any image (``zoo.data.image.read`` says which) to (3, H, W) uint8, contiguous."""
        from zoo.data.image.read import decoded  # late: training on prepared sets reads no file

        return self.fitted(decoded(raw, 3, enough=(self.longest, self.longest)))

    def fitted(self, image: Tensor) -> Tensor:
        """What ``pixels`` gives for an image that is decoded, (3, H, W) uint8."""
        longer = max(image.shape[1:])
        if longer > self.longest:
            height, width = (max(round(n * self.longest / longer), 1) for n in image.shape[1:])
            image = resized(image, (height, width))
        return image.clone(memory_format=torch.contiguous_format)

    def scaled(self, pixels: Tensor) -> Tensor:
        """Bytes (..., H, W) to float32 from 0 to ``top``."""
        return pixels.float().mul_(self.top / 255)

    def restored(self, images: Tensor) -> Tensor:
        """The reverse of ``scaled``: floats from 0 to ``top`` to uint8."""
        return (images * (255 / self.top)).round().clamp(0, 255).to(torch.uint8)

    def to_card(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"kind": KIND, **asdict(self)}

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "PhotographFrontEnd":
        """The reverse of ``to_card``; photographs need no vocabulary.

        Raises:
            BadFile: if the record is not one of this front end.
        """
        try:
            fields = dict(record)
            if fields.pop("kind") != KIND:
                raise TypeError(f"kind is not {KIND!r}")
            return cls(**fields)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise BadFile(f"the card's front end is not understood: {error}") from error
