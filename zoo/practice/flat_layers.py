"""The steps of a classifier on flattened maps, made to work on maps of any size.

A linear layer becomes a convolution, batch norm of features that of maps, pooling of all maps
pooling over a window, and flattening nothing. What is left of the graph stays as it is.
Proof: tests/practice/test_sliding_window.py.
"""

import copy
import operator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from zoo.errors import BadInput

Maps = tuple[int, int, int]  # C, h, w of what a flattened value was, with the window as the image
FLAT_METHODS = ("flatten", "view", "reshape")
SAME_MODULES = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.Dropout, nn.Identity)
SAME_FUNCTIONS = (
    *(torch.tanh, torch.relu, torch.sigmoid, F.relu, F.tanh, F.sigmoid, F.dropout),
    *(operator.add, operator.mul, operator.sub, operator.truediv),
)
SAME_METHODS = ("tanh", "relu", "sigmoid", "contiguous")


def traced(model: nn.Module) -> fx.GraphModule:
    """A copy of a network as a graph of its steps, in evaluation mode.

    Raises:
        BadInput: if its steps cannot be listed.
    """
    plain = copy.deepcopy(model).eval()
    try:
        return fx.GraphModule(plain, _Tracer().trace(plain))
    except (fx.proxy.TraceError, TypeError, RuntimeError, ValueError) as error:
        raise BadInput(
            f"a {type(model).__name__} cannot be turned: its layers cannot be listed "
            f"({str(error).splitlines()[0][:100]})"
        ) from error


class _Tracer(fx.Tracer):
    """It looks into sequences, those too that ``forward`` makes of a slice of another."""

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        if isinstance(m, nn.Sequential):
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)


def turn(turned: fx.GraphModule, node: fx.Node, flat: dict[fx.Node, Maps]) -> None:
    """Make a step of the classifier one that works on maps of any size.

    Args:
        flat: what was flattened in the classifier, and is a map now: its shape with the window as
            the image.

    Raises:
        BadInput: if there is no such step.
    """
    before = [flat[one] for one in node.all_input_nodes if one in flat]
    if node.op in ("placeholder", "get_attr"):
        return
    if node.op == "output":
        if not before or before[0][1:] != (1, 1):
            raise BadInput("the network's answer is no logits (N, K) after a linear layer")
        return
    if _flattens(turned, node):
        flat[node] = before[0] if before else _shape(node.all_input_nodes[0])
        _replace(node, _same)
    elif node.op == "call_module":
        _turn_module(turned, node, before, flat)
    elif before:
        kind = node.op == "call_function" and node.target in SAME_FUNCTIONS
        if not kind and not (node.op == "call_method" and node.target in SAME_METHODS):
            raise BadInput(f"{_name(node)} of flattened maps is no step of a sliding window")
        flat[node] = before[0]


def _turn_module(
    turned: fx.GraphModule, node: fx.Node, before: list[Maps], flat: dict[fx.Node, Maps]
) -> None:
    layer: Any = turned.get_submodule(str(node.target))
    if isinstance(layer, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d) and not before:
        turned.add_submodule(str(node.target), _pooling(layer, _shape(node.all_input_nodes[0])))
    elif not before:
        if isinstance(layer, nn.Linear):
            raise BadInput(f"the linear layer {node.target} does not see flattened maps")
    elif isinstance(layer, nn.Linear):
        turned.add_submodule(str(node.target), _convolution(layer, before[0]))
        flat[node] = (layer.out_features, 1, 1)
    elif _is_fixed_norm(layer) and before[0][1:] == (1, 1):
        turned.add_submodule(str(node.target), _batch_norm(layer))
        flat[node] = before[0]
    elif isinstance(layer, SAME_MODULES):
        flat[node] = before[0]
    else:
        what = type(layer).__name__
        raise BadInput(f"{node.target}, a {what} of flattened maps, is no step of a sliding window")


@torch.no_grad()
def _convolution(layer: nn.Linear, maps: Maps) -> nn.Conv2d:
    """A linear layer that sees flattened maps (C, h, w), as a convolution with a kernel of h x w.

    The weights are the same numbers in another shape: nothing is computed.
    """
    channels, height, width = maps
    made = nn.Conv2d(channels, layer.out_features, (height, width), bias=layer.bias is not None)
    made.weight = nn.Parameter(layer.weight.view(layer.out_features, *maps))
    made.bias = layer.bias
    return made


def _is_fixed_norm(layer: nn.Module) -> bool:
    """Whether it is batch norm that does not depend on the batch."""
    return isinstance(layer, nn.BatchNorm1d) and layer.track_running_stats


def _batch_norm(layer: nn.BatchNorm1d) -> nn.BatchNorm2d:
    made = nn.BatchNorm2d(layer.num_features, layer.eps, layer.momentum, layer.affine)
    made.weight, made.bias = layer.weight, layer.bias
    made.running_mean, made.running_var = layer.running_mean, layer.running_var
    return made.eval()


def _pooling(layer: Any, maps: Maps) -> nn.Module:
    """Pooling of all maps to one pixel as pooling over a window of maps; to their own size nothing.

    Raises:
        BadInput: for a size in between.
    """
    size = layer.output_size
    out = (size, size) if isinstance(size, int) else tuple(size)
    if out == maps[1:]:
        return nn.Identity()
    if out != (1, 1):
        got, goal = (f"{a} x {b}" for a, b in (maps[1:], out))
        raise BadInput(f"maps of {got} are pooled to {goal}, which is no step of a window")
    kind = nn.AvgPool2d if isinstance(layer, nn.AdaptiveAvgPool2d) else nn.MaxPool2d
    pooling: nn.Module = kind(maps[1:], stride=1)
    return pooling


def _flattens(turned: fx.GraphModule, node: fx.Node) -> bool:
    """Whether a step makes (N, C, h, w) or (N, D) to (N, D)."""
    named = node.op == "call_method" and node.target in FLAT_METHODS
    named = named or (node.op == "call_function" and node.target in (torch.flatten, torch.reshape))
    if node.op == "call_module":
        named = isinstance(turned.get_submodule(str(node.target)), nn.Flatten)
    return named and "tensor_meta" in node.meta and len(node.meta["tensor_meta"].shape) == 2


def _shape(node: fx.Node) -> Maps:
    shape = tuple(node.meta["tensor_meta"].shape[1:])
    if len(shape) == 3:
        return shape
    raise BadInput(f"{_name(node)} gives {len(shape) + 1} axes, expected maps (N, C, h, w)")


def _same(x: Tensor, *others: Any) -> Tensor:
    return x


def _replace(node: fx.Node, function: Any) -> None:
    """The step is ``function`` of its first argument from now on."""
    node.op, node.target, node.args, node.kwargs = "call_function", function, node.args[:1], {}


def _name(node: fx.Node) -> str:
    target = node.target
    return target if isinstance(target, str) else str(node.name)
