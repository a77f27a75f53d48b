"""``BoxFrontEnd`` as a torch module: for a ``Dataset``, or before one's own call of a network.

Proof: tests/data/image/boxes/test_transform.py.
"""

from typing import Any

import torch
from torch import Tensor, nn

from zoo.data.image.arrays import batch_of
from zoo.data.image.boxes.front_end import BoxFrontEnd, Placed


class BoxTransform(nn.Module):
    """An image to a detector's input (3, H, W) float32; a batch or a list to (N, 3, H, W).

    The very reading of ``zoo.load``, bit for bit. Where the image lies in the input, and so how
    boxes are taken there and back, is in ``placed``. It has no parameters, draws nothing, works on
    the CPU, and can be pickled for the workers of a ``DataLoader``.

    >>> transform = BoxTransform(BoxFrontEnd((32, 64)))
    >>> transform(torch.ones(2, 3, 10, 10)).shape
    torch.Size([2, 3, 32, 64])
    """

    def __init__(self, front_end: BoxFrontEnd) -> None:
        super().__init__()
        self.front_end = front_end

    def forward(self, raw: Any) -> Tensor:
        """Any image, or several.

        Raises:
            ZooError: as ``zoo.data.image.read.read``, and for an array that can mean two things.
        """
        several = list(raw) if isinstance(raw, list | tuple) else batch_of(raw, 3)
        if several is None:
            return self.front_end(raw).image
        inputs = [self.front_end(one).image for one in several]
        return torch.stack(inputs) if inputs else torch.empty(0, *self.front_end.input_shape)

    def placed(self, raw: Any) -> Placed:
        """One image to the input and its place, whose ``to_input`` and ``to_image`` move boxes."""
        return self.front_end(raw)

    def extra_repr(self) -> str:
        """The front end."""
        return repr(self.front_end)
