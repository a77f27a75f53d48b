"""A network at rest while it is looked at. Proof: tests/viz/layers/test_still.py."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def still(model: nn.Module) -> Iterator[None]:
    """Evaluation mode and no gradients of weights inside a ``with`` block.

    The mode of every module and the flag of every parameter are restored, also on errors: a network
    whose first layers are frozen stays so.
    """
    modes = [(module, module.training) for module in model.modules()]
    flags = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    model.eval()
    try:
        for parameter, _ in flags:
            parameter.requires_grad_(False)
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, flag in flags:
            parameter.requires_grad_(flag)
