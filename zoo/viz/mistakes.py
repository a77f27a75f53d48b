"""The worst mistakes in one figure. Notes: course 3, week 2, "Carrying out error analysis"."""

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
    """An image whose predicted class is not its label."""

    image: Tensor  # (C, H, W) uint8
    label: str
    predicted: str
    probability: float  # of the predicted class

    def __str__(self) -> str:
        return f"{self.label}, predicted as {self.predicted} ({100 * self.probability:.1f} %)"


@dataclass(frozen=True, eq=False)
class ImageMistakes:
    """Images with wrong predictions, the most confident first."""

    items: tuple[Mistake, ...]
    title: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join(map(str, self.items))

    def save(self, path: Path) -> None:
        """Draw the images with labels and predictions to a PNG."""
        mistakes_sheet(self.items, path, title=self.title)


def mistakes_sheet(mistakes: Sequence[Mistake], path: Path, *, title: str = "") -> None:
    """Draw mistakes to a PNG, each with label, prediction and its probability."""
    columns = 8
    rows = max(-(-len(mistakes) // columns), 1)
    figure, axes = new_figure(rows, columns, width=9, height=0.5 + 1.45 * rows)
    for place, axis in enumerate(np.ravel(axes)):
        axis.set_axis_off()
        if place < len(mistakes):
            one = mistakes[place]
            axis.imshow(image_array(one.image), cmap="gray", vmin=0, vmax=255)
            text = f"{one.label} → {one.predicted}\n{100 * one.probability:.0f} %"
            axis.set_title(text, fontsize=8)
    figure.suptitle(f"{title}: the {len(mistakes)} most confident mistakes", fontsize=9)
    save(figure, path)


def image_array(image: Tensor) -> np.ndarray:
    """(C, H, W) uint8 to (H, W) or (H, W, 3)."""
    array: np.ndarray = image.cpu().permute(1, 2, 0).numpy()
    return array[:, :, 0] if array.shape[2] == 1 else array


def save_image(image: Tensor, path: Path) -> None:
    """Write (C, H, W) uint8 as a PNG, atomically."""
    with files.atomic(path) as file:
        Image.fromarray(image_array(image)).save(file, "PNG")
