"""The layers of a network that have maps: each convolution, and each module that gives one.

The map of a convolution is what follows it directly, its norm and its activation included: that is
what the next layer sees. Proof: tests/viz/layers/test_places.py.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

from zoo.errors import BadInput, unknown
from zoo.viz.layers.fields import Field, Fields
from zoo.viz.layers.rules import ACTIVATIONS
from zoo.viz.layers.still import still
from zoo.viz.layers.walk import Run, Walk, is_map

CONVOLUTIONS = (F.conv2d, F.conv_transpose2d)


@dataclass
class Layer:
    """A layer and its map.

    Attributes:
        name: of the module; "#2" after it for its second call.
        kind: what it is, in words: "5x5 convolution".
        shape: (C, h, w) of its map.
        call: the number by which ``Walk`` finds the map.
        field: what its units see.
        alone: whether that number holds for one image at a time only, as where regions of each are
            sought first.
        kernels: of a convolution; None of other modules.
    """

    name: str
    kind: str
    shape: tuple[int, int, int]
    call: int
    field: Field
    kernels: Tensor | None = None
    alone: bool = False

    def to_json(self) -> dict[str, Any]:
        """What there is to list; no field: all of the image."""
        size = self.field.size
        field = None if math.isinf(max(size)) else list(size)
        return {"name": self.name, "kind": self.kind, "maps": self.shape, "field": field}


@dataclass(frozen=True)
class Layers:
    """What was seen of a network on one image.

    Attributes:
        convolutions: in the order in which they are run.
        modules: the other modules that give maps.
        functions: the names of the functions of torch that were called.
        ends: the layers that end something: the output of an activation, a sum or a concatenation,
            in the order in which they are run.
    """

    convolutions: tuple[Layer, ...]
    modules: tuple[Layer, ...]
    ends: tuple[Layer, ...]
    functions: frozenset[str] = frozenset()

    def assumed(self) -> list[str]:
        """How a deconvnet passes what its paper does not know, a sentence each."""
        names = {name.rstrip("_") for name in self.functions}
        others = sorted(names & {f.__name__ for f in ACTIVATIONS} - {"relu"})
        lines = []
        if others:
            lines.append(f"{', '.join(others)} is taken for ReLU: a signal goes back through it")
        if any("avg_pool" in name for name in names):
            lines.append("average pooling passes a signal back evenly")
        if "local_response_norm" in names:
            lines.append("local response normalisation passes a signal back by its derivative")
        return lines

    def find(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            UnknownName: if there is none; near names are given.
        """
        for layer in (*self.convolutions, *self.modules):
            if layer.name == name:
                return layer
        raise unknown("layer", name, [one.name for one in (*self.convolutions, *self.modules)])

    def spread(self, most: int = 5) -> list[Layer]:
        """Some layers from the first to the last: of each size of maps the last end."""
        last = {layer.shape[1:]: layer for layer in self.ends}
        chosen = list(last.values()) or list(self.convolutions)
        if len(chosen) <= most:
            return chosen
        return [chosen[i * (len(chosen) - 1) // (most - 1)] for i in range(most)]

    def last(self) -> list[Layer]:
        """The ends whose maps have more than one place, the coarsest first, of these the last."""
        wide = [one for one in (self.ends or self.convolutions) if min(one.shape[1:]) > 1]
        wide = wide or list(self.ends or self.convolutions)
        return sorted(reversed(wide), key=lambda one: one.shape[1] * one.shape[2])


class _Survey(Walk):
    """Notes every layer while the network runs once."""

    def __init__(self, images: Tensor) -> None:
        super().__init__()
        self.images, self.fields = len(images), Fields(images)
        self.stack: list[str] = []
        self.convolutions: list[Layer] = []
        self.modules: list[Layer] = []
        self.end_calls: set[int] = set()
        self.functions: set[str] = set()
        self.counts: dict[str, int] = {}
        self.open: Any = WeakIdKeyDictionary()  # map -> the convolution it still belongs to
        self.made: Any = WeakIdKeyDictionary()  # map -> the number of its call

    def seen(
        self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        """Open a convolution, or follow one through its norm to its activation."""
        self.fields.follow(func, args, kwargs, result)
        if not is_map(result) or len(result) != self.images:
            return
        self.made[result] = self.calls
        self.functions.add(func.__name__)
        if func in CONVOLUTIONS:
            layer = self._convolution(args, kwargs, result)
            self.convolutions.append(layer)
            self.open[result] = layer
        else:
            self._follow(func, args, kwargs, result)

    def _convolution(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], map: Tensor) -> Layer:
        kernels: Tensor = args[1] if len(args) > 1 else kwargs["weight"]
        height, width = kernels.shape[2:]
        name = self._named(self.stack[-1] if self.stack else "")
        kind = f"{height}x{width} convolution"
        return Layer(name, kind, _sizes(map), self.calls, self.fields.of(map), kernels.detach())

    def _follow(
        self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], map: Tensor
    ) -> None:
        inputs = [x for x in tree_leaves((args, dict(kwargs))) if is_map(x)]
        layer: Layer | None = self.open.pop(inputs[0], None) if len(inputs) == 1 else None
        self.open.pop(map, None)  # of a sum in place
        if func in ACTIVATIONS or len(inputs) > 1:
            self.end_calls.add(self.calls)
        if layer is None or _sizes(map) != layer.shape or "pool" in func.__name__:
            return
        layer.call = self.calls
        if func not in ACTIVATIONS:
            self.open[map] = layer

    def _named(self, name: str) -> str:
        name = name or "network"
        self.counts[name] = self.counts.get(name, 0) + 1
        return name if self.counts[name] == 1 else f"{name}#{self.counts[name]}"

    @contextmanager
    def hooked(self, model: nn.Module) -> Iterator[None]:
        """The names of the modules that are being run, while they are."""
        handles = []
        for name, module in model.named_modules():
            handles.append(module.register_forward_pre_hook(self._enter(name)))
            handles.append(module.register_forward_hook(self._leave(name, module)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, name: str) -> Any:
        return lambda *_: self.stack.append(name)

    def _leave(self, name: str, module: nn.Module) -> Any:
        def left(_module: nn.Module, _inputs: Any, output: Any) -> None:
            self.stack.pop()
            if not name or not is_map(output) or output not in self.made:
                return
            call, kind = self.made[output], type(module).__name__
            layer = Layer(name, kind, _sizes(output), call, self.fields.of(output))
            self.modules.append(layer)

        return left


def _sizes(map: Tensor) -> tuple[int, int, int]:
    return map.shape[1], map.shape[2], map.shape[3]


def layers(model: nn.Module, run: Run, image: Tensor) -> Layers:
    """The layers of a network, found by running it on an image (1, C, H, W), and on it twice.

    What has not a map for each image sees regions that were cut out, and is left out.

    Args:
        run: images to scores by ``model``, often itself.

    Raises:
        BadInput: for a network without a two-dimensional convolution on whole images.
    """
    one, two = (_surveyed(model, run, image.detach().repeat(n, 1, 1, 1)) for n in (1, 2))
    calls = {layer.name: layer.call for layer in (*two.modules, *two.convolutions)}
    found = []
    for part in (one.convolutions, one.modules):
        found.append([layer for layer in part if layer.name in calls])
        for layer in found[-1]:
            layer.alone = layer.call != calls[layer.name]
    convolutions, modules = found
    if not convolutions:
        raise BadInput(
            f"{type(model).__name__} has no two-dimensional convolution that sees a whole image: "
            "give a network with convolutions, itself, not compiled or exported"
        )
    by_call = {layer.call: layer for layer in (*modules, *convolutions)}
    ends = [by_call[call] for call in sorted(one.end_calls) if call in by_call]
    return Layers(tuple(convolutions), tuple(modules), tuple(ends), frozenset(one.functions))


def _surveyed(model: nn.Module, run: Run, images: Tensor) -> _Survey:
    """One run with every layer noted; a convolution stands there once."""
    survey = _Survey(images)
    with still(model), torch.no_grad(), survey.hooked(model), survey:
        run(images)
    names = {layer.name for layer in survey.convolutions}
    counts: dict[str, int] = {}
    for layer in survey.modules:
        counts[layer.name] = counts.get(layer.name, 0) + 1
        if counts[layer.name] > 1:
            layer.name = f"{layer.name}#{counts[layer.name]}"
    survey.modules = [layer for layer in survey.modules if layer.name not in names]
    return survey
