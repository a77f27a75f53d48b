"""torch as it starts, whatever the caller has set: CPU, float32, no autocast, no inference mode.

Weights and answers must not depend on ``torch.set_default_dtype(torch.float64)``, on ``with
torch.device("meta")`` or on an autocast around the call. Proof: tests/nn/test_plain_torch.py.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

AUTOCAST = ("cpu", "cuda")  # devices whose autocast may be on


@contextmanager
def plain_torch() -> Iterator[None]:
    """Inside a ``with`` block or a decorated function; what was set before holds again afterwards.

    Only what differs is changed: a device that is set, even the CPU, slows every call of torch.

    >>> with torch.device("meta"), plain_torch():
    ...     torch.zeros(1).item()
    0.0
    """
    dtype = torch.get_default_dtype()
    with ExitStack() as stack:
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(False))
        for kind in AUTOCAST:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        if dtype != torch.float32:
            stack.callback(torch.set_default_dtype, dtype)
            torch.set_default_dtype(torch.float32)
        yield
