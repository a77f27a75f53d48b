"""The images of a set, of which ``zoo see`` shows the patches that filters answer to.

Proof: tests/api/test_seeing.py.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo.api.seen_network import SeenNetwork
from zoo.errors import BadInput
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


def images_of(
    network: SeenNetwork, what: str | nn.Module, data: str | Path | Sequence[Any]
) -> SeenImages:
    """The images of a folder, or of a list.

    Raises:
        BadInput: if there is none.
    """
    raws = several(data, 3)
    if raws is None:
        raise BadInput(f"data must be a folder of images or a list of them, got {data}")
    if not raws:
        raise BadInput("data holds no image")
    return SeenImages(len(raws), lambda number: network.prepare(raws[number]).to(network.device))
