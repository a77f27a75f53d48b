"""Front ends of images as torch modules: for a ``Dataset``, or before one's own call of a network.

Proof: tests/api/test_transforming.py.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from zoo.data.image.arrays import batch_of
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import BadInput


class ImageTransform(nn.Module):
    """An image to the network's input (C, H, W) float32; a batch or a list to (N, C, H, W).

    The very reading of ``zoo.load``, bit for bit: paths, PIL images, arrays and tensors, uint8 or
    floats in [0, 1]. It has no parameters, draws nothing, works on the CPU, and can be pickled for
    the workers of a ``DataLoader``.

    >>> preset = ImageTransform(ImageFrontEnd((4, 4), mean=(0.5,), std=(0.5,)))
    >>> preset(torch.ones(2, 1, 8, 8)).shape, float(preset(torch.ones(8, 8)).max())
    (torch.Size([2, 1, 4, 4]), 1.0)
    """

    def __init__(self, front_end: ImageFrontEnd) -> None:
        super().__init__()
        self.front_end = front_end

    def forward(self, raw: Any) -> Tensor:
        """Any image, or several.

        Raises:
            ZooError: as ``zoo.data.image.read.read``, and for an array that can mean two things.
        """
        several = list(raw) if isinstance(raw, list | tuple) else None
        if several is None:
            several = batch_of(raw, self.front_end.channels, self.front_end.flat)
        if several is None:
            return self.front_end(raw)
        pixels = [self.front_end.pixels(one) for one in several]
        empty = torch.empty(0, *self.front_end.input_shape, dtype=torch.uint8)
        return self.front_end.normalise(torch.stack(pixels) if pixels else empty)

    def extra_repr(self) -> str:
        """The front end."""
        return repr(self.front_end)


class PhotographTransform(nn.Module):
    """A photograph to the network's input (3, H, W) float32; a batch or a list to (N, 3, H, W).

    The very reading of ``zoo.load``; as ``ImageTransform`` it has no parameters and can be pickled.

    >>> PhotographTransform(PhotographFrontEnd(longest=4))(torch.ones(8, 6, 3)).shape
    torch.Size([3, 4, 3])
    """

    def __init__(self, front_end: PhotographFrontEnd) -> None:
        super().__init__()
        self.front_end = front_end

    @classmethod
    def of(cls, record: Mapping[str, Any] | None) -> "PhotographTransform":
        """That of a card's front end; of the default one for None."""
        if record is None:
            return cls(PhotographFrontEnd())
        return cls(PhotographFrontEnd.from_card(record))

    def forward(self, raw: Any) -> Tensor:
        """Any photograph, or several that have one size then.

        Raises:
            ZooError: as ``zoo.data.image.read.read``, and for an array that can mean two things.
            BadInput: for photographs of several sizes.
        """
        several = list(raw) if isinstance(raw, list | tuple) else batch_of(raw, 3)
        if several is None:
            return self.front_end(raw)
        inputs = [self.front_end(one) for one in several]
        if len({one.shape for one in inputs}) > 1:
            raise BadInput("photographs of several sizes are no batch; give them one by one")
        return torch.stack(inputs) if inputs else torch.empty(0, 3, 1, 1)

    def extra_repr(self) -> str:
        """The front end."""
        return repr(self.front_end)
