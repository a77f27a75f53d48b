"""The images of a set, of which ``zoo see`` shows the patches that filters answer to.

Proof: tests/api/test_seeing.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.api.seen_network import SeenNetwork
from zoo.datasets import dataset, list_datasets
from zoo.errors import BadInput, note
from zoo.predictors.inputs.images import several

BATCH = 32  # images in one pass


@dataclass(frozen=True, eq=False)
class SeenImages:
    """Images by number, as the network's input."""

    count: int
    one: Callable[[int], Tensor]  # (C, H, W)

    def read(self, numbers: Sequence[int]) -> Tensor:
        """Some of them, (n, C, H, W), on one size.

        Raises:
            BadInput: if they have several sizes.
        """
        images = [self.one(number) for number in numbers]
        if len({image.shape for image in images}) > 1:
            raise BadInput("the images of the data must have one size as the network sees them")
        return torch.stack(images)

    def batches(self) -> Iterator[Tensor]:
        """All of them, in their order."""
        for start in range(0, self.count, BATCH):
            yield self.read(range(start, min(start + BATCH, self.count)))


def images_of(network: SeenNetwork, data: str | Path | Sequence[Any]) -> SeenImages:
    """The images of a folder, of a list, or of a published set.

    Raises:
        BadInput: if there is none.
        Missing: for a set that is not there and cannot be fetched.
    """
    raws: Any = several(data, 3)
    if raws is None and data in list_datasets():
        raws = _of_set(str(data))
    if raws is None:
        known = "a folder of images, a list of them or the name of a data set"
        raise BadInput(f"data must be {known}, got {str(data)[:80]}")
    if not len(raws):
        raise BadInput("data holds no image")
    return SeenImages(len(raws), lambda number: network.prepare(raws[number]).to(network.device))


def _of_set(name: str) -> Tensor:
    """The images (N, C, H, W) uint8 of a set's test part, or of its last part.

    Raises:
        BadInput: for a set of anything else.
    """
    parts: Mapping[str, Any] = dataset(name).parts()
    part = "test" if "test" in parts else list(parts)[-1]
    try:
        pixels: Tensor = parts[part].pixels
    except AttributeError:
        raise BadInput(f"the data set {name} holds no images") from None
    note(f"{name}: {len(pixels):,} images of {part}")
    return pixels
