"""What a network sees in an image: what ``zoo.see`` gives.

Proof: tests/viz/layers/test_sheet.py, tests/api/test_seeing.py.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from zoo.viz.layers.parts import SeenFilters, SeenLayer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network sees in an image; ``plot`` and ``save`` draw it.

    Attributes:
        name: of the network.
        image: (C, H, W) uint8, as the network sees it.
        target: the score that is explained, with its name.
        maps: by method, as large as the image: "grad-cam" and "occlusion" (H, W), "integrated" and
            "guided" (C, H, W).
        captions: what there is to say of each map.
        layers: with units and their pictures ("deconvnet", "patches").
        filters: kernels of the first convolution, maps of others.
        notices: what was assumed, or could not be done.
    """

    name: str
    image: Tensor
    target: str
    maps: dict[str, Tensor]
    captions: dict[str, str]
    layers: tuple[SeenLayer, ...]
    filters: tuple[SeenFilters, ...]
    notices: tuple[str, ...]

    def __str__(self) -> str:
        parts = [*self.captions.values(), *(f"layer {layer.name}" for layer in self.layers)]
        return f"{self.target}: {'; '.join(parts)}"

    def to_json(self) -> dict[str, Any]:
        """What was seen, without the pictures."""
        return {
            "target": self.target,
            "maps": self.captions,
            "layers": [layer.to_json() for layer in self.layers],
            "notices": list(self.notices),
        }

    def plot(self) -> "Figure":
        """All of it on one sheet, as a matplotlib figure."""
        from zoo.viz.layers.sheet import sheet

        title = f"{self.name}: {self.target}"
        figure: Figure = sheet(
            title, self.image, self.maps, self.captions, self.layers, self.filters
        )
        return figure

    def save(self, path: str | Path) -> None:
        """Draw the sheet to a PNG.

        Raises:
            CannotWrite: if it cannot be written.
        """
        from zoo.viz.curves import save

        save(self.plot(), Path(path))
