"""Quarter turns of a whole batch: other classes, not other examples of the same.

A drawing of a character turned by 90 degrees is no example of that character but one of another, so
all images of a batch are turned alike, and what is told apart in it are characters of another
alphabet. Santoro et al. 2016, arXiv:1605.06065, sec. 4.1, take turned characters for new classes.
Proof: tests/data/image/test_augment_turns.py.
"""

import torch
from torch import Tensor

from zoo.data.image.augment_colour import Augment


def quarter_turns() -> Augment:
    """Turn all images (N, C, S, S) of a batch by the same random multiple of 90 degrees."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        turns = int(torch.randint(0, 4, (), generator=draw))
        return pixels.rot90(turns, (2, 3)).contiguous()

    return apply
