"""Which rows of the image a row of a feature map depends on: its stride, and how far it sees.

As the sizes of maps do not tell, the operations that are run are watched (see zoo/nn/strides.py):
convolutions, poolings, padding. Proof: tests/nn/test_reach.py.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

PADS = ("aten::reflection_pad2d", "aten::replication_pad2d", "aten::constant_pad_nd")


class Reach(NamedTuple):
    """Row i of a map depends on rows ``stride * i - before`` to ``stride * i + after``, both with.

    At the border of an image fewer of them exist; what stands for them is the network's padding.
    """

    stride: int
    before: int
    after: int


class _Watch(TorchDispatchMode):
    """The reach of every tensor that is made from one."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.seen = {id(x): (Reach(1, 0, 0), x)}  # with the tensors: no number is used twice

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        sources = [found for one in tree_leaves(args) if (found := self.of(one)) is not None]
        if sources:
            names = [argument.name for argument in func._schema.arguments]
            given = dict(zip(names, args, strict=False)) | (kwargs or {})
            reach = _after(func._schema.name, given, Reach(*map(max, zip(*sources, strict=True))))
            for one in tree_leaves(result):
                if isinstance(one, Tensor):
                    self.seen[id(one)] = (reach, one)
        return result

    def of(self, x: Any) -> Reach | None:
        """The reach of a tensor; None for one that does not come from the image."""
        return self.seen[id(x)][0] if id(x) in self.seen else None


def _after(name: str, given: Mapping[str, Any], source: Reach) -> Reach:
    """The reach of the result of an operation on a map with the reach ``source``."""
    if name in PADS:
        top = given.get("padding", given.get("pad"))[2] * source.stride
        return Reach(source.stride, source.before + top, source.after - top)
    if name == "aten::convolution":
        kernel = given["weight"].shape[2]
    elif "kernel_size" in given:
        kernel = given["kernel_size"][0]
    else:
        return source
    step = (given.get("stride") or [kernel])[0]
    wide = (given.get("dilation") or [1])[0] * (kernel - 1)
    pad = (given.get("padding") or [0])[0]
    before, after = pad * source.stride, (wide - pad) * source.stride
    return Reach(source.stride * step, source.before + before, source.after + after)


@torch.no_grad()
def reaches(run: Callable[[Tensor], Mapping[str, Tensor]], x: Tensor) -> dict[str, Reach]:
    """The reach of each of the maps (N, C, H, W) that ``run`` makes of ``x``.

    >>> conv = torch.nn.Conv2d(1, 1, 3, padding=1)
    >>> reaches(lambda x: {"a": conv(x), "b": conv(conv(x)[..., ::1])}, torch.zeros(1, 1, 8, 8))
    {'a': Reach(stride=1, before=1, after=1), 'b': Reach(stride=1, before=2, after=2)}

    Raises:
        KeyError: for a map that does not depend on ``x``.
    """
    with _Watch(x) as watch:
        made = dict(run(x))
    return {name: watch.seen[id(one)][0] for name, one in made.items()}
