"""The worst mistakes on one sheet. Notes: course 3, week 2, "Carrying out error analysis"."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from zoo import files
from zoo.viz.curves import new_figure, save


@dataclass(frozen=True, eq=False)
class Mistake:
    """One picture that was taken for something else."""

    picture: Tensor  # (C, H, W) uint8
    label: str
    predicted: str
    probability: float  # of the wrong answer

    def __str__(self) -> str:
        return f"{self.label}, taken for {self.predicted} ({100 * self.probability:.1f} %)"


@dataclass(frozen=True, eq=False)
class ImageMistakes:
    """Pictures that were taken for something else, the most confident mistakes first."""

    items: tuple[Mistake, ...]
    title: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join(map(str, self.items))

    def save(self, path: Path) -> None:
        """Draw them on one sheet, a PNG."""
        mistakes_sheet(self.items, path, title=self.title)


def mistakes_sheet(mistakes: Sequence[Mistake], path: Path, *, title: str = "") -> None:
    """Draw the mistakes, most confident first, to a PNG: label, answer and its probability."""
    columns = 8
    rows = max(-(-len(mistakes) // columns), 1)
    figure, axes = new_figure(rows, columns, width=9, height=0.5 + 1.45 * rows)
    for place, axis in enumerate(np.ravel(axes)):
        axis.set_axis_off()
        if place < len(mistakes):
            one = mistakes[place]
            axis.imshow(pixels_for_show(one.picture), cmap="gray", vmin=0, vmax=255)
            said = f"{one.label} → {one.predicted}\n{100 * one.probability:.0f} %"
            axis.set_title(said, fontsize=8)
    figure.suptitle(f"{title}: the {len(mistakes)} most confident mistakes", fontsize=9)
    save(figure, path)


def pixels_for_show(picture: Tensor) -> np.ndarray:
    """(C, H, W) uint8 to (H, W) or (H, W, 3)."""
    array: np.ndarray = picture.cpu().permute(1, 2, 0).numpy()
    return array[:, :, 0] if array.shape[2] == 1 else array


def save_picture(picture: Tensor, path: Path) -> None:
    """Write (C, H, W) uint8 as a PNG, whole or not at all."""
    with files.atomic(path) as file:
        Image.fromarray(pixels_for_show(picture)).save(file, "PNG")
