"""Photographs that are to be painted, and the picture whose style they are to have.

Proof: tests/data/image/test_styled_photographs.py.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from zoo.data.examples import Examples
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs, PhotographSplits

SIDE = 256  # pixels of the longer side of a style, unless another is asked for


@dataclass(frozen=True, eq=False)
class StyledPhotographs:
    """As ``Data``: the parts are those of the photographs.

    Attributes:
        style: (3, H, W) uint8, as large as its strokes are to be.
        style_name: what a card calls it.
    """

    photographs: PhotographSplits
    style: Tensor
    style_name: str

    @property
    def name(self) -> str:
        return self.photographs.name

    @property
    def licence(self) -> str:
        return self.photographs.licence

    @property
    def front_end(self) -> PhotographFrontEnd:
        return self.photographs.front_end

    @property
    def notices(self) -> tuple[str, ...]:
        return self.photographs.notices

    def parts(self) -> Mapping[str, Photographs]:
        """Those of the photographs."""
        return self.photographs.parts()

    def examples(self) -> Examples:
        """Those of the photographs."""
        return self.photographs.examples()

    def about(self) -> dict[str, Any]:
        """That of the photographs, and the style."""
        return {**self.photographs.about(), "style": self.style_name}

    def digest(self) -> str:
        """A sha256 of the photographs of train and dev, and of the style."""
        sha = hashlib.sha256(self.photographs.digest().encode())
        sha.update(str(tuple(self.style.shape)).encode() + self.style.numpy().tobytes())
        return sha.hexdigest()


def read_style(raw: Any, side: int = SIDE) -> Tensor:
    """A painting, (3, H, W) uint8.

    Args:
        raw: any image (``zoo.data.image.read`` says which).
        side: pixels that its longer side is made, if it is larger.

    Raises:
        Missing, BadFile: for a file that is not there, or cannot be read as an image.
        BadInput: for a side out of range.
    """
    return PhotographFrontEnd(side).pixels(raw)
