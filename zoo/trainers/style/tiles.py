"""A picture in tiles that overlap, so that features inside of each are those of the whole picture.

A tile is as much wider than its inside as the deepest layer sees, and begins at a multiple of that
layer's stride; only the features of the inside count. At the border of the picture a tile ends
where the picture does, and has the network's own padding there.
Proof: tests/trainers/style/test_tiles.py.
"""

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

from torch import Tensor

from zoo.errors import BadInput
from zoo.nn.reach import Reach


class Span(NamedTuple):
    """A tile along one axis: inside ``start`` to ``stop``, in all ``first`` to ``last``."""

    start: int
    stop: int
    first: int
    last: int


def spans(length: int, side: int, halo: int, stride: int) -> list[Span]:
    """The tiles of an axis.

    Args:
        length: pixels of the picture.
        side: of the inside of a tile; rounded to a multiple of ``stride``.
        halo: pixels around the inside, a multiple of ``stride``.

    >>> spans(100, 32, 16, 8)[1]
    Span(start=32, stop=64, first=16, last=80)
    """
    step = max(round(side / stride), 1) * stride
    starts = list(range(0, max(length - stride + 1, 1), step))  # the last has a step of each layer
    stops = [*starts[1:], length]
    return [
        Span(start, stop, max(start - halo, 0), min(stop + halo, length))
        for start, stop in zip(starts, stops, strict=True)
    ]


class Tile(NamedTuple):
    """A tile of a picture."""

    rows: Span
    columns: Span

    def outer(self, image: Tensor) -> Tensor:
        """The whole tile of (N, C, H, W): a view."""
        return image[..., self.rows.first : self.rows.last, self.columns.first : self.columns.last]

    def inner(self, maps: Tensor, stride: int) -> Tensor:
        """The inside of features that were made from ``outer``: a view."""
        rows, columns = (
            slice((one.start - one.first) // stride, (one.stop - one.first) // stride)
            for one in self
        )
        return maps[..., rows, columns]

    def place(self, maps: Tensor, stride: int) -> Tensor:
        """Where the inside lies in the features of the whole picture: a view."""
        rows, columns = (slice(one.start // stride, one.stop // stride) for one in self)
        return maps[..., rows, columns]


def halo_of(reach: Mapping[str, Reach]) -> int:
    """Pixels around the inside of a tile, a multiple of the largest stride."""
    deepest = max(one.stride for one in reach.values())
    sees = max(max(one.before, one.after) for one in reach.values())
    return -(-sees // deepest) * deepest


def tiles(
    height: int, width: int, side: int | None, reach: Mapping[str, Reach]
) -> tuple[Tile, ...]:
    """The tiles of a picture of that size, from the upper left on; one without ``side``.

    Args:
        reach: of each layer that counts.

    Raises:
        BadInput: for layers whose strides do not divide each other.
    """
    deepest, halo = max(one.stride for one in reach.values()), halo_of(reach)
    strides = {name: one.stride for name, one in reach.items()}
    if side is not None and any(deepest % one for one in strides.values()):
        raise BadInput(f"tiles need layers whose strides divide each other, got {strides}")
    rows, columns = (
        [Span(0, length, 0, length)] if side is None else spans(length, side, halo, deepest)
        for length in (height, width)
    )
    return tuple(Tile(*one) for one in product(rows, columns))
