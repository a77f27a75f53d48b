"""How many pixels of its input one step in a feature map is: the product of the strides on the way.

Sizes do not tell: without padding AlexNet's 224 pixels become 27, which is no 8th of them. So the
operations that are run are watched: convolutions, poolings, slices with a step.
Proof: tests/nn/test_strides.py.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Run = Callable[[Tensor], Sequence[Tensor]]
ROWS = 2  # the axis of (N, C, H, W) that is followed


class _Watch(TorchDispatchMode):
    """The stride of every tensor that is made from one of stride 1."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.seen = {id(x): (1, x)}  # with the tensors, so that no number is used twice

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        names = [argument.name for argument in func._schema.arguments]
        given = dict(zip(names, args, strict=False)) | (kwargs or {})
        stride = max((self.of(one) for one in tree_leaves(args)), default=0) * _step(func, given)
        for one in tree_leaves(result):
            if isinstance(one, Tensor):
                self.seen[id(one)] = (stride, one)
        return result

    def of(self, x: Any) -> int:
        """The stride of a tensor; 0 for one that does not come from the input."""
        return self.seen.get(id(x), (0, x))[0]


def _step(func: Any, given: dict[str, Any]) -> int:
    """By how many rows of its input an operation goes on for each row of its output."""
    name = func._schema.name
    if "kernel_size" in given or name == "aten::convolution":
        length = given.get("stride") or given["kernel_size"]  # a pool's stride, if none is given
        return length if isinstance(length, int) else int(length[0])
    if name == "aten::slice" and given.get("dim") == ROWS:
        return int(given.get("step", 1))
    return 1


@torch.no_grad()
def strides(run: Run, x: Tensor) -> list[int]:
    """The stride of each of the maps (N, C, H, W) that ``run`` makes of ``x``; 0 for flat features.

    >>> pool = torch.nn.MaxPool2d(3, stride=2)
    >>> strides(lambda x: [x, pool(x), pool(pool(x)).flatten(1)], torch.zeros(1, 3, 32, 32))
    [1, 2, 0]
    """
    with _Watch(x) as watch:
        made = list(run(x))
    return [watch.of(one) if one.dim() == 4 else 0 for one in made]
