"""Operator fusion: a network as a graph with fewer, larger operations and the same outputs.

``trace`` converts a module to a ``torch.fx`` graph, ``fold_norms`` folds batch norm into the
preceding convolution (Ioffe and Szegedy 2015, arXiv:1502.03167, eq. 4 with fixed statistics), and
``pack`` fuses, on a CPU, each convolution with the following sum and ReLU into one oneDNN
operation, whose weights are reordered once instead of at every call.
Proof: tests/pretrained/test_optimize.py.
"""

import operator
from collections import Counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
ADDITIONS = (operator.add, operator.iadd, torch.add)


class _Tracer(fx.Tracer):
    """Also traces modules that are created in a forward pass: ``self.layers[2:5]``."""

    def path_of_module(self, mod: nn.Module) -> str:
        try:
            return super().path_of_module(mod)
        except NameError:
            return ""


def trace(model: nn.Module) -> fx.GraphModule | None:
    """``model`` (in evaluation mode) as a graph; None if its control flow depends on the data."""
    try:
        return fx.GraphModule(model, _Tracer().trace(model))
    except Exception:  # a forward pass may do anything with the proxy of a tensor
        return None


def fold_norms(network: fx.GraphModule) -> int:
    """Fold each batch norm into the convolution before it; returns the number folded.

    Not folded are norms after other operations, after a convolution that is called twice or whose
    output has other uses, and norms that use the statistics of the batch.
    """
    calls = Counter(
        id(part) for node in network.graph.nodes if (part := called_module(network, node))
    )
    folded = 0
    for node in list(network.graph.nodes):
        norm = called_module(network, node)
        if not (isinstance(norm, NORMS) and norm.running_mean is not None):
            continue
        before = node.all_input_nodes[0]
        conv = called_module(network, before)
        if isinstance(conv, CONVOLUTIONS) and len(before.users) == calls[id(conv)] == 1:
            network.set_submodule(str(before.target), fuse_conv_bn_eval(conv, norm))
            node.replace_all_uses_with(before)
            network.graph.erase_node(node)
            folded += 1
    _clean_up(network)
    return folded


def called_module(network: fx.GraphModule, node: Any) -> nn.Module | None:
    """The module that a node calls; None for other nodes."""
    if isinstance(node, fx.Node) and node.op == "call_module":
        return network.get_submodule(str(node.target))
    return None


def _clean_up(network: fx.GraphModule) -> None:
    network.delete_all_unused_submodules()
    network.graph.lint()
    network.recompile()


# ---- packed convolutions ------------------------------------------------------------------------


class PackedConv2d(nn.Module):
    """A convolution, optionally plus ``other``, optionally with ReLU, as one oneDNN operation.

    For inference on a CPU in float32. The input may have any memory format; the output is
    channels-last.
    """

    def __init__(self, conv: nn.Conv2d, relu: bool) -> None:
        super().__init__()
        self.geometry = (conv.padding, conv.stride, conv.dilation, conv.groups)
        self.kernel, self.out_channels, self.relu = conv.kernel_size, conv.out_channels, relu
        # plain attributes: oneDNN's memory format has no strides that .to() could preserve
        reorder = torch.ops.mkldnn._reorder_convolution_weight
        self.weight = reorder(conv.weight.detach(), *self.geometry)
        self.bias = None if conv.bias is None else conv.bias.detach()

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        """(N, C, H, W) to (N, O, H', W'); ``other`` is added before the ReLU."""
        run = torch.ops.mkldnn._convolution_pointwise
        relu = "relu" if self.relu else None
        shape = (len(x), self.out_channels, *self._size(x))
        if other is None:
            result: Tensor = run(x, self.weight, self.bias, *self.geometry, relu or "none", [], "")
        elif other.shape == shape and min(other.shape[2:]) > 1:
            result = run.binary(
                x, other, self.weight, self.bias, *self.geometry, "add", 1.0, relu, [], None
            )
        else:  # oneDNN does not broadcast, and has no such sum for 1x1 feature maps
            result = run(x, self.weight, self.bias, *self.geometry, "none", [], "") + other
            result = result.relu() if self.relu else result
        return result

    def _size(self, x: Tensor) -> tuple[int, ...]:
        padding, stride, dilation, _ = self.geometry
        return tuple(
            (x.shape[2 + i] + 2 * int(padding[i]) - dilation[i] * (self.kernel[i] - 1) - 1)
            // stride[i] + 1
            for i in (0, 1)
        )  # fmt: skip


def can_pack(network: nn.Module) -> bool:
    """Whether ``pack`` works here: a float32 network on a CPU whose torch has oneDNN."""
    has_operation = hasattr(torch.ops.mkldnn, "_convolution_pointwise")
    tensors = list(network.parameters())
    suitable = all(t.device.type == "cpu" and t.dtype == torch.float32 for t in tensors)
    return bool(has_operation and tensors and suitable and torch.backends.mkldnn.is_available())


def pack(network: fx.GraphModule) -> int:
    """Replace convolutions by packed ones; returns the number replaced."""
    position = {node: at for at, node in enumerate(network.graph.nodes)}
    count = 0
    for node in list(network.graph.nodes):
        conv = called_module(network, node)
        if not isinstance(conv, nn.Conv2d) or not _can_pack_convolution(conv):
            continue
        last, other = _sum_after(node, position)
        relu = len(last.users) == 1 and _is_relu(network, next(iter(last.users)))
        last = next(iter(last.users)) if relu else last
        name = f"packed_{count}"
        network.add_submodule(name, PackedConv2d(conv, relu))
        with network.graph.inserting_before(node):
            inputs = (node.args[0],) if other is None else (node.args[0], other)
            packed = network.graph.call_module(name, inputs)
        position[packed] = position[node]
        last.replace_all_uses_with(packed)
        count += 1
    network.graph.eliminate_dead_code()
    _clean_up(network)
    return count


def _can_pack_convolution(conv: nn.Conv2d) -> bool:
    return conv.padding_mode == "zeros" and not isinstance(conv.padding, str)


def _sum_after(node: fx.Node, position: dict[fx.Node, int]) -> tuple[fx.Node, fx.Node | None]:
    """The sum after a convolution and its other operand, if that is computed before; else None."""
    user = next(iter(node.users)) if len(node.users) == 1 else node
    if user.target not in ADDITIONS or user.kwargs or len(user.args) != 2:
        return node, None
    other = next((one for one in user.args if one is not node), None)
    in_place = user.target is operator.iadd and user.args[0] is not node
    before = isinstance(other, fx.Node) and position[other] < position[node]
    return (user, other) if before and not in_place else (node, None)  # type: ignore[return-value]


def _is_relu(network: fx.GraphModule, node: fx.Node) -> bool:
    if isinstance(called_module(network, node), nn.ReLU):
        return True
    return node.target in (F.relu, F.relu_, torch.relu, torch.relu_, "relu", "relu_")
