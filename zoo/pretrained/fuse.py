"""Operator fusion: a network as a graph with fewer, larger operations and the same outputs.

``trace`` converts a module to a ``torch.fx`` graph, and ``fold_norms`` folds batch norm into the
preceding convolution (Ioffe and Szegedy 2015, arXiv:1502.03167, eq. 4 with fixed statistics).
Proof: tests/pretrained/test_optimize.py.
"""

from collections import Counter
from typing import Any

from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


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
    clean_up(network)
    return folded


def called_module(network: fx.GraphModule, node: Any) -> nn.Module | None:
    """The module that a node calls; None for other nodes."""
    if isinstance(node, fx.Node) and node.op == "call_module":
        return network.get_submodule(str(node.target))
    return None


def clean_up(network: fx.GraphModule) -> None:
    """Remove what the graph no longer calls, and check it."""
    network.delete_all_unused_submodules()
    network.graph.lint()
    network.recompile()
