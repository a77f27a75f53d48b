"""``zoo.optimize``: a copy of a network for faster inference with the same outputs.

Batch norm is folded into the preceding convolution; then the forms of the network are timed on an
example and the fastest is kept: as it was, folded, channels-last, or packed for oneDNN. What is not
measured is not chosen, so the copy is never slower than the original on such an example.
Outputs change by at most 1e-5 of the largest; bfloat16, which changes them more, is for those who
ask for it.
Measured: ``zoo bench models``. Proof: tests/pretrained/test_optimize.py.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, fx, nn

from zoo.engine.timing import Times, Work, interleaved
from zoo.errors import BadInput
from zoo.pretrained.fuse import fold_norms, trace
from zoo.pretrained.made_as import made_as, mark
from zoo.pretrained.onnx_session import onnx_session
from zoo.pretrained.optimized import CLOSED, InBfloat16, Optimized, Outputs, optimized, several
from zoo.pretrained.packed import can_pack, pack

ROUNDS, SECONDS = 5, 10.0  # timed calls of each form; total time after which timing stops
TOLERANCE = 1e-5  # largest difference, relative to the largest output
ROUGH = 0.05  # the same for bfloat16, whose numbers have three digits
EAGER, FOLDED, COMPILED = "eager", "folded", "compiled"


def optimize(
    model: nn.Module,
    example: Tensor | None = None,
    compile: bool = False,
    *,
    backend: Literal["torch", "onnxruntime"] = "torch",
    precision: Literal["float32", "bfloat16"] = "float32",
) -> Optimized:
    """A copy of ``model`` for inference; ``model`` itself is unchanged.

    Args:
        model: a module of one tensor, in either mode; the copy is in evaluation mode. The copy of a
            detector has ``detect``, too.
        example: a typical input (N, C, H, W). With it the forms are timed and the fastest is kept;
            inputs of other sizes give the right outputs too, but nothing is known of their speed.
            Without it batch norm is folded, no more.
        compile: try ``torch.compile`` with frozen weights too, on the fastest form that it can
            take. The first call for each shape takes a minute or more.
        backend: "onnxruntime" takes that library (``pip install 'deep-zoo[export]'``), if it is
            faster than the original on the example; outputs change by at most 1e-4.
        precision: "bfloat16" allows forms in bfloat16, where the CPU computes in it; the outputs
            then change by some 0.3 %, at most 5 % of the largest on the example.

    >>> import torch
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    >>> fast = optimize(net, torch.zeros(1, 3, 9, 9))
    >>> fast(torch.zeros(4, 3, 20, 20)).shape
    torch.Size([4, 8, 18, 18])
    >>> fast.seconds[fast.form] <= fast.seconds["eager"]
    True

    Raises:
        BadInput: if the model cannot take ``example``, or gives anything but tensors (the R-CNNs
            propose regions); for a backend or precision that cannot be
            had here, or that needs an example or excludes ``compile``.
    """
    _check_choice(example, compile, backend, precision)
    original = copy.deepcopy(model).eval().requires_grad_(False)
    if example is None:
        seconds: dict[str, float] = {}
        forms, form = _folded_only(original), FOLDED
    else:
        expected = _output(original, example)
        forms = _forms(original, example, backend, precision)
        # a trace may be wrong where Python code depends on values
        same = {k: v for k, v in forms.items() if _gives_same_output(k, v, example, expected)}
        forms = {EAGER: original, **same}
        form, seconds = _fastest(forms, example)
    if compile:
        open_forms = [name for name in forms if name not in CLOSED]
        base = min(open_forms, key=lambda name: seconds.get(name, 0.0))
        forms[COMPILED] = torch.compile(forms[base], options={"freezing": True})  # type: ignore
        form, seconds = _with_compiled(forms, form, seconds, example)
    return mark(optimized(original, forms[form], form, seconds), made_as(model))


def _with_compiled(
    forms: dict[str, nn.Module], form: str, seconds: dict[str, float], example: Tensor | None
) -> tuple[str, dict[str, float]]:
    """The compiled form if there is no example, or if it is right and faster than ``form``."""
    if example is None:
        return COMPILED, seconds
    if not _gives_same_output(COMPILED, forms[COMPILED], example, _output(forms[EAGER], example)):
        return form, seconds
    fastest, times = _fastest({name: forms[name] for name in (form, COMPILED)}, example)
    return fastest, {**times, **seconds}


def _check_choice(example: Tensor | None, compile: bool, backend: str, precision: str) -> None:
    for name, value, known in (("backend", backend, ("torch", "onnxruntime")),
                               ("precision", precision, ("float32", "bfloat16"))):  # fmt: skip
        if value not in known:
            raise BadInput(f"{name} must be {' or '.join(map(repr, known))}, got {value!r}")
        if value != known[0] and (example is None or compile):
            why = "cannot be compiled" if compile else "needs an example, with which it is measured"
            raise BadInput(f"{name}={value!r} {why}")
    if backend != "torch" and precision != "float32":
        raise BadInput("onnxruntime computes in float32 here; leave precision or backend out")
    if precision == "bfloat16" and not has_bfloat16(example):
        raise BadInput(
            "bfloat16 needs a CPU with AVX512-BF16 or AMX, or such a GPU; it is slow here"
        )


def has_bfloat16(example: Tensor | None) -> bool:
    """Whether the device of an example multiplies in bfloat16, not by way of float32."""
    if example is not None and example.is_cuda:
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def _folded(model: nn.Module) -> nn.Module | None:
    """A graph without batch norm that shares the other parts of ``model``; None if untraceable."""
    graph = trace(model)
    if graph is not None:
        fold_norms(graph)
    return graph


def _folded_only(model: nn.Module) -> dict[str, nn.Module]:
    return {FOLDED: _folded(model) or model}


def _forms(model: nn.Module, example: Tensor, backend: str, precision: str) -> dict[str, nn.Module]:
    """The candidates beside ``model`` as it is."""
    if backend == "onnxruntime":
        return {backend: onnx_session(model, example)}
    folded = _folded(model)
    forms = {} if folded is None else {FOLDED: folded}
    base = folded or model
    forms |= _layouts(base, example)
    if precision == "bfloat16":
        rough, images = copy.deepcopy(base).bfloat16(), example.bfloat16()
        kinds = {precision: rough}
        kinds |= {f"{precision} {k}": v for k, v in _layouts(rough, images).items()}
        forms |= {name: InBfloat16(network) for name, network in kinds.items()}
    return forms


def _layouts(network: nn.Module, example: Tensor) -> dict[str, nn.Module]:
    """Copies of ``network`` with its weights in other memory formats, where it has convolutions."""
    if not any(isinstance(part, nn.Conv2d) for part in network.modules()):
        return {}
    last: Any = copy.deepcopy(network)
    forms: dict[str, nn.Module] = {"channels_last": last.to(memory_format=torch.channels_last)}
    if isinstance(network, fx.GraphModule) and example.device.type == "cpu" and can_pack(network):
        packed = copy.deepcopy(network)
        pack(packed, example)
        forms["packed"] = packed
    return forms


@torch.no_grad()
def _output(network: nn.Module, example: Tensor) -> tuple[Tensor, ...]:
    try:
        result: Outputs = network(example)
    except (RuntimeError, ValueError, TypeError) as error:
        reason = str(error).split("\n")[0]
        raise BadInput(
            f"example {tuple(example.shape)} does not fit the model: {reason}"
        ) from error
    outputs = several(result)
    if other := [type(one).__name__ for one in outputs if not isinstance(one, Tensor)]:
        raise BadInput(f"zoo.optimize takes networks that give tensors; this one gives {other[0]}")
    return outputs


def _gives_same_output(
    form: str, network: nn.Module, example: Tensor, expected: tuple[Tensor, ...]
) -> bool:
    try:
        got = _output(network, example)
    except BadInput:  # unlike the original
        return False
    if [one.shape for one in got] != [one.shape for one in expected]:
        return False
    others = (COMPILED, "onnxruntime")
    allowed = ROUGH if "bfloat16" in form else 1e-4 if form in others else TOLERANCE
    return all(
        bool((one - other).abs().max() <= allowed * other.abs().max())
        for one, other in zip(got, expected, strict=True)
    )


@torch.inference_mode()
def _fastest(forms: dict[str, nn.Module], example: Tensor) -> tuple[str, dict[str, float]]:
    """The fastest form, and the median seconds of all."""

    def side(network: nn.Module) -> Callable[[], Work]:
        return lambda: partial(network, example)

    sides = {name: side(network) for name, network in forms.items()}
    times: dict[str, Times] = interleaved(sides, ROUNDS, most=SECONDS)
    seconds = {name: one.median for name, one in times.items()}
    return min(seconds, key=lambda name: seconds[name]), seconds
