"""The pairs of images about which a network is most mistaken, in one figure.

Notes: course 3, week 2, "Carrying out error analysis". Proof: tests/viz/test_pair_mistakes.py.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from zoo.viz.curves import new_figure, save
from zoo.viz.mistakes import image_array

COLUMNS = 6  # pairs of a row


@dataclass(frozen=True, eq=False)
class PairMistake:
    """Two images about which the network is wrong."""

    images: tuple[Tensor, Tensor]  # (C, H, W) uint8 each
    names: tuple[str, str]  # of their identities
    dissimilarity: float

    @property
    def accepted(self) -> bool:
        """Whether two identities were taken for the same."""
        return self.names[0] != self.names[1]

    def __str__(self) -> str:
        one, other = self.names
        wrong = (
            f"{one} and {other}, taken for the same"
            if self.accepted
            else f"{one}, not found the same"
        )
        return f"{wrong} (dissimilarity {self.dissimilarity:.3f})"


@dataclass(frozen=True, eq=False)
class PairMistakes:
    """False accepts and false rejects, of each the worst first."""

    items: tuple[PairMistake, ...]
    title: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join(map(str, self.items))

    def save(self, path: Path) -> None:
        """Draw the pairs, side by side, to a PNG."""
        rows = max(-(-len(self.items) // COLUMNS), 1)
        figure, axes = new_figure(rows, COLUMNS, width=9, height=0.6 + 1.2 * rows)
        for place, axis in enumerate(axes.ravel()):
            axis.set_axis_off()
            if place < len(self.items):
                one = self.items[place]
                axis.imshow(image_array(torch.cat(one.images, 2)), cmap="gray", vmin=0, vmax=255)
                what = "false accept" if one.accepted else "false reject"
                axis.set_title(f"{what} {one.dissimilarity:.2f}", fontsize=7)
        figure.suptitle(f"{self.title}: the {len(self.items)} worst pairs", fontsize=9)
        save(figure, path)
