"""A network in evaluation mode for a while. Proof: tests/nn/test_eval_mode.py."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def eval_mode(model: nn.Module) -> Iterator[None]:
    """Evaluation mode inside a ``with`` block; the mode from before is restored, also on errors.

    >>> model = nn.Dropout()
    >>> with eval_mode(model):
    ...     print(model.training)
    False
    >>> model.training
    True
    """
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
