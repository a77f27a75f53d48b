"""``zoo.optimize``: a copy of a network for faster inference with the same outputs.

Batch norm is folded into the preceding convolution, then the fastest of three forms on this machine
is chosen (plain, channels-last, packed for oneDNN). Outputs change by at most 1e-5 of the largest.
Half precision and quantisation change outputs more and are not used.
Measured: ``zoo bench models``. Proof: tests/pretrained/test_optimize.py.
"""

import copy
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, fx, nn

from zoo.engine.timing import Work, interleaved
from zoo.errors import BadInput
from zoo.pretrained.fuse import can_pack, fold_norms, pack, trace

ROUNDS, SECONDS = 5, 10.0  # timed calls of each form; total time after which timing stops
TOLERANCE = 1e-5  # largest difference, relative to the largest output


class Optimized(nn.Module):
    """A network for inference only: it has ``forward``, but no other method of the original.

    It stays on the device on which it was made. ``form`` is "plain", "channels_last" or "packed".
    """

    def __init__(self, network: nn.Module, form: str) -> None:
        super().__init__()
        self.network, self.form = network, form
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """The output of the original for ``x`` in evaluation mode."""
        result: Tensor = self.network(x)
        return result

    def train(self, mode: bool = True) -> "Optimized":
        """Only evaluation mode is possible, since batch norm is folded.

        Raises:
            BadInput: if ``mode`` is true.
        """
        if mode:
            raise BadInput("zoo.optimize gives a network for inference; train the original")
        return super().train(False)


def optimize(model: nn.Module, example: Tensor | None = None, compile: bool = False) -> Optimized:
    """A copy of ``model`` for inference; ``model`` itself is unchanged.

    Args:
        model: a module of one tensor, in either mode; the copy is in evaluation mode.
        example: a typical input (N, C, H, W). With it the forms are timed and the fastest is
            chosen. Without it: packed on a CPU, plain on a GPU.
        compile: compile the folded network with ``torch.compile`` and frozen weights. The first
            call for each shape takes a minute or more.

    >>> import torch
    >>> fast = optimize(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()))
    >>> fast(torch.zeros(1, 3, 9, 9)).shape
    torch.Size([1, 8, 7, 7])

    Raises:
        BadInput: if the model cannot take ``example``.
    """
    original = copy.deepcopy(model).eval().requires_grad_(False)
    expected = _output(original, example)
    forms = _forms(original, channels_last=example is not None or compile, packed=not compile)
    if expected is not None:  # a trace may be wrong where Python code depends on values
        same = {k: v for k, v in forms.items() if _gives_same_output(v, example, expected)}
        forms = same or {"plain": original}
    fastest = _fastest(forms, example) if example is not None else list(forms)[-1]
    network = forms[fastest]
    if compile:
        network = torch.compile(network, options={"freezing": True})  # type: ignore[assignment]
    return Optimized(network, fastest)


def _forms(model: nn.Module, *, channels_last: bool, packed: bool) -> dict[str, nn.Module]:
    """The candidates; the last one is the default without timing."""
    graph = trace(model)
    if graph is not None:
        graph = copy.deepcopy(graph)
        fold_norms(graph)
    folded = model if graph is None else graph
    forms = {"plain": folded}
    if not any(isinstance(part, nn.Conv2d) for part in folded.modules()):
        return forms
    if channels_last:
        last = copy.deepcopy(folded)
        forms["channels_last"] = last.to(memory_format=torch.channels_last)  # type: ignore
    if packed and isinstance(folded, fx.GraphModule) and can_pack(folded):
        forms["packed"] = copy.deepcopy(folded)
        pack(forms["packed"])  # type: ignore[arg-type]
    return forms


@torch.no_grad()
def _output(network: nn.Module, example: Tensor | None) -> Tensor | None:
    if example is None:
        return None
    try:
        result: Tensor = network(example)
    except (RuntimeError, ValueError, TypeError) as error:
        reason = str(error).split("\n")[0]
        raise BadInput(
            f"example {tuple(example.shape)} does not fit the model: {reason}"
        ) from error
    return result


def _gives_same_output(network: nn.Module, example: Tensor | None, expected: Tensor) -> bool:
    try:
        got = _output(network, example)
    except BadInput:  # unlike the original
        return False
    if got is None or got.shape != expected.shape:
        return False
    return bool((got - expected).abs().max() <= TOLERANCE * expected.abs().max())


@torch.inference_mode()
def _fastest(forms: dict[str, nn.Module], example: Tensor) -> str:
    def side(network: nn.Module) -> Callable[[], Work]:
        return lambda: partial(network, example)

    sides = {name: side(network) for name, network in forms.items()}
    times = interleaved(sides, ROUNDS, most=SECONDS)
    return min(times, key=lambda name: times[name].median)
