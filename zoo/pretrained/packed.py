"""Packed convolutions: on a CPU, each with the following sum and ReLU as one oneDNN operation.

The weights are brought into oneDNN's own memory format once instead of at every call; which format
is best depends on the size of the input, so one pass of an example finds the sizes.
Proof: tests/pretrained/test_packed.py.
"""

import operator
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp, TensorMetadata

from zoo.pretrained.fuse import called_module, clean_up

ADDITIONS = (operator.add, operator.iadd, torch.add)


class PackedConv2d(nn.Module):
    """A convolution, optionally plus ``other``, optionally with ReLU, as one oneDNN operation.

    For inference on a CPU. The input may have any memory format; the output is channels-last.

    Args:
        slope: of the ReLU below 0; above 0 it is a leaky one.
        size: (N, C, H, W) of the inputs to lay the weight out for. Without it oneDNN guesses, and
            for inputs where it guessed wrong it reorders the weight in every call. Inputs of
            another size give the same, at that price.
    """

    def __init__(
        self,
        conv: nn.Conv2d,
        relu: bool,
        size: Sequence[int] | None = None,
        *,
        slope: float = 0.0,
    ) -> None:
        super().__init__()
        self.geometry = (conv.padding, conv.stride, conv.dilation, conv.groups)
        self.kernel, self.out_channels, self.relu = conv.kernel_size, conv.out_channels, relu
        self.slope = slope
        self.input_size = None if size is None else list(size)
        # plain attributes: oneDNN's memory format has no strides that .to() could preserve
        self.weight = self._laid_out(conv.weight.detach())
        self.bias = None if conv.bias is None else conv.bias.detach()

    def _laid_out(self, weight: Tensor) -> Tensor:
        reorder = torch.ops.mkldnn._reorder_convolution_weight
        made: Tensor = reorder(weight, *self.geometry, self.input_size)
        return made

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles, which oneDNN's own memory format does not allow."""
        return {**self.__dict__, "weight": self.weight.to_dense()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.weight = self._laid_out(self.weight)

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        """(N, C, H, W) to (N, O, H', W'); ``other`` is added before the ReLU."""
        run = torch.ops.mkldnn._convolution_pointwise
        relu = None if not self.relu else "leaky_relu" if self.slope else "relu"
        slopes = [self.slope] if relu == "leaky_relu" else []
        shape = (len(x), self.out_channels, *self._size(x))
        if other is None:
            result: Tensor = run(
                x, self.weight, self.bias, *self.geometry, relu or "none", slopes, ""
            )
        elif self._can_add(other, shape, x):
            result = run.binary(
                x, other, self.weight, self.bias, *self.geometry, "add", 1.0, relu, [], None
            )
        else:  # oneDNN does not broadcast, nor sum so with 1x1 maps, a leaky ReLU, some bfloat16
            result = run(x, self.weight, self.bias, *self.geometry, "none", [], "") + other
            result = F.leaky_relu(result, self.slope) if self.relu else result
        return result

    def _can_add(self, other: Tensor, shape: tuple[int, ...], x: Tensor) -> bool:
        plain = x.dtype == torch.float32 and not self.slope
        return plain and other.shape == shape and min(shape[2:]) > 1

    def _size(self, x: Tensor) -> tuple[int, ...]:
        padding, stride, dilation, _ = self.geometry
        return tuple(
            (x.shape[2 + i] + 2 * int(padding[i]) - dilation[i] * (self.kernel[i] - 1) - 1)
            // stride[i] + 1
            for i in (0, 1)
        )  # fmt: skip


def can_pack(network: nn.Module) -> bool:
    """Whether ``pack`` works here: a network of one type on a CPU whose torch has oneDNN."""
    has_operation = hasattr(torch.ops.mkldnn, "_convolution_pointwise")
    tensors = list(network.parameters())
    on_cpu = all(tensor.device.type == "cpu" for tensor in tensors)
    one_type = {tensor.dtype for tensor in tensors} in ({torch.float32}, {torch.bfloat16})
    return bool(has_operation and on_cpu and one_type and torch.backends.mkldnn.is_available())


def input_sizes(network: fx.GraphModule, example: Tensor) -> dict[fx.Node, tuple[int, ...]]:
    """The size of what each node is given first, where that is a tensor, by one pass."""
    with torch.no_grad():
        ShapeProp(network).propagate(example)
    firsts = {node: node.all_input_nodes[0] for node in network.graph.nodes if node.all_input_nodes}
    facts = {node: first.meta.get("tensor_meta") for node, first in firsts.items()}
    return {
        node: tuple(one.shape) for node, one in facts.items() if isinstance(one, TensorMetadata)
    }


def pack(network: fx.GraphModule, example: Tensor | None = None) -> int:
    """Replace convolutions by packed ones; returns the number replaced.

    Args:
        example: an input, for whose size the weights are laid out.
    """
    sizes = {} if example is None else input_sizes(network, example)
    position = {node: at for at, node in enumerate(network.graph.nodes)}
    count = 0
    for node in list(network.graph.nodes):
        conv = called_module(network, node)
        if not isinstance(conv, nn.Conv2d) or not _can_pack_convolution(conv):
            continue
        last, other = _sum_after(node, position)
        slope = _slope(network, next(iter(last.users))) if len(last.users) == 1 else None
        last = last if slope is None else next(iter(last.users))
        name = f"packed_{count}"
        packed_conv = PackedConv2d(conv, slope is not None, sizes.get(node), slope=slope or 0.0)
        network.add_submodule(name, packed_conv)
        with network.graph.inserting_before(node):
            inputs = (node.args[0],) if other is None else (node.args[0], other)
            packed = network.graph.call_module(name, inputs)
        position[packed] = position[node]
        last.replace_all_uses_with(packed)
        count += 1
    network.graph.eliminate_dead_code()
    clean_up(network)
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


def _slope(network: fx.GraphModule, node: fx.Node) -> float | None:
    """The slope below 0 of the ReLU that a node is; None for any other node."""
    module = called_module(network, node)
    if isinstance(module, nn.LeakyReLU):
        return float(module.negative_slope)
    relu = node.target in (F.relu, F.relu_, torch.relu, torch.relu_, "relu", "relu_")
    return 0.0 if relu or isinstance(module, nn.ReLU) else None
