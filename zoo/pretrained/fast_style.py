"""Checkpoints of PyTorch's example fast_neural_style, for the zoo's ``fast_style``.

    >>> from zoo.pretrained import fast_style
    >>> model = zoo.create_model("fast_style")  # doctest: +SKIP
    >>> fast_style.load(model, "mosaic.pth")  # doctest: +SKIP

The zoo's parameter names are the example's. Its older checkpoints also hold running averages of
instance norm, which torch kept then and nobody used: they are left out, as the example does.
Proof: tests/pretrained/test_fast_style.py.
"""

import re
from pathlib import Path

from torch import Tensor, nn

from zoo import reading
from zoo.pretrained.load import load_into
from zoo.pretrained.pth import state_dict

UNUSED = re.compile(r"(^|\.)in\d+\.(running_mean|running_var|num_batches_tracked)$")


def convert(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """The ``tensors`` of a checkpoint without the averages of instance norm."""
    return {key: tensor for key, tensor in tensors.items() if not UNUSED.search(key)}


def load(model: nn.Module, path: str | Path) -> None:
    """Load a checkpoint into a network; all of it is checked before a tensor changes.

    Raises:
        Missing: if there is no such file.
        BadFile: if it holds anything but tensors, or they are not the network's.
    """
    data = reading.read_bytes(Path(path), "weights", reading.WEIGHTS)
    load_into(model, convert(state_dict(data, str(path)), model.state_dict()), str(path))
