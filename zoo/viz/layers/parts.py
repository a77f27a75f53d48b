"""The parts of what was seen of a network: layers with their units and pictures, and filters."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, eq=False)
class SeenUnit:
    """A unit: what it sees of an image, and what of that made it answer.

    Attributes:
        value: its activation.
        place: row and column in its map.
        patch: (C, h, w) uint8, its receptive field cut out of the image.
        picture: (C, h, w) float32, the same part of what the deconvnet gives.
    """

    value: float
    place: tuple[int, int]
    patch: Tensor
    picture: Tensor


@dataclass(frozen=True, eq=False)
class SeenLayer:
    """A layer: some of its filters, each with its strongest units.

    Attributes:
        name, kind, shape: of the layer; shape is (C, h, w) of its maps.
        field: height and width of a unit's receptive field in pixels; infinite: the whole image.
        filters: their numbers.
        units: of each filter, the strongest first.
    """

    name: str
    kind: str
    shape: tuple[int, int, int]
    field: tuple[float, float]
    filters: tuple[int, ...]
    units: tuple[tuple[SeenUnit, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Which units answered how strongly, without the pictures."""
        filters = {
            str(number): [{"value": unit.value, "place": unit.place} for unit in units]
            for number, units in zip(self.filters, self.units, strict=True)
        }
        return {"name": self.name, "maps": self.shape, "filters": filters}


@dataclass(frozen=True, eq=False)
class SeenFilters:
    """The kernels of a convolution (K, C, h, w), or if these see no colours its maps (K, h, w)."""

    name: str
    kernels: Tensor | None
    maps: Tensor | None
