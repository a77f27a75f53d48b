"""A network's calls are counted while it runs; at one of them its map is taken, or replaced.

A map is a tensor (N, C, h, w) that a function of torch gives, whoever calls it: a module, or
``torch.nn.functional``. The number of a call is the same in every run in evaluation mode. No hook
of autograd is set on a module and the network is not changed, so a ReLU that works in place does no
harm: what is taken is a copy of which the network knows nothing.
Proof: tests/viz/layers/test_walk.py.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from zoo.errors import BadInput
from zoo.viz.layers.rules import ACTIVATIONS, Rule

Run = Callable[[Tensor], Tensor]  # images (N, C, H, W) to scores (N, K)
Take = Callable[[Tensor], Tensor]


class Reached(Exception):
    """The map that was asked for is there; what comes after it is not computed."""


def is_map(value: Any) -> bool:
    """Whether a value is a tensor (N, C, h, w) of floats."""
    return isinstance(value, Tensor) and value.dim() == 4 and value.is_floating_point()


class Walk(TorchFunctionMode):
    """Counts the calls that give maps.

    Args:
        rule: how activations pass a signal back; None: by their derivative.
        takes: of some calls, numbered from 1 on, the map to what the network goes on with.
    """

    def __init__(self, rule: Rule | None = None, takes: Mapping[int, Take] | None = None) -> None:
        super().__init__()
        self.rule, self.takes, self.calls = rule, takes or {}, 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if self.rule is not None and func in ACTIVATIONS:
            result = self.rule(func, args, kwargs or {})
        else:
            result = func(*args, **(kwargs or {}))
        if is_map(result):
            self.calls += 1
            if self.calls in self.takes:
                result = self.takes[self.calls](result)
        self.seen(func, args, kwargs or {}, result)
        return result

    def seen(
        self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        """What a walk that follows every call does with one."""


def map_at(run: Run, images: Tensor, call: int, rule: Rule | None = None) -> Tensor:
    """The map (N, C, h, w) of a call; nothing behind it is computed.

    With gradients enabled and images that need them it has a history back to the images.

    Raises:
        BadInput: if there is no such call for these images.
    """
    return maps_at(run, images, [call], rule)[0]


def maps_at(
    run: Run, images: Tensor, calls: Sequence[int], rule: Rule | None = None
) -> list[Tensor]:
    """The maps of several calls in one run; nothing behind the last of them is computed."""
    found: dict[int, Tensor] = {}
    last = max(calls)

    def take(call: int, map: Tensor) -> Tensor:
        found[call] = map
        if call == last:
            raise Reached
        return map.clone()  # which the network may change in place

    try:
        with Walk(rule, {call: partial(take, call) for call in calls}):
            run(images)
    except Reached:
        return [found[call] for call in calls]
    raise _fewer(last)


def _fewer(call: int) -> BadInput:
    """The error for a network that computes something else for some images."""
    return BadInput(
        f"the network made fewer than {call} maps for these images: the layer is not computed for "
        "each of them; choose another"
    )


def scores_from(run: Run, images: Tensor, call: int) -> tuple[Tensor, Tensor]:
    """The map of a call as a leaf that needs a gradient, and the scores (N, K) that follow from it.

    Before the call nothing is kept for a gradient, so memory is that of the layers after it.
    """
    found: list[Tensor] = []

    def take(map: Tensor) -> Tensor:
        torch.set_grad_enabled(True)
        found.append(map.detach().clone().requires_grad_())
        return found[0].clone()  # which the network may change in place

    before = torch.is_grad_enabled()
    try:
        with torch.no_grad(), Walk(None, {call: take}):
            scores = run(images)
    finally:
        torch.set_grad_enabled(before)
    if not found:
        raise _fewer(call)
    return found[0], scores
