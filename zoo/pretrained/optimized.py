"""What ``zoo.optimize`` gives: a network for inference, and a detector for inference.

Proof: tests/pretrained/test_optimize.py, tests/pretrained/test_optimized_detector.py.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.detector import Detector

CLOSED = ("packed", "bfloat16 packed", "onnxruntime")  # forms that torch.export cannot look into
Outputs = Tensor | Sequence[Tensor]


def several(outputs: Outputs) -> tuple[Tensor, ...]:
    """One tensor or a list of them, as a tuple."""
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


class Optimized(nn.Module):
    """A network for inference only: it has ``forward``, but no other method of the original.

    It stays on the device on which it was made, and can be copied and pickled.

    Attributes:
        form: "eager" (the network as it was), "folded", "channels_last", "packed", one of these
            after "bfloat16 ", "compiled" or "onnxruntime".
        seconds: the median time of each form on the example; empty without an example.
    """

    def __init__(self, network: nn.Module, form: str, seconds: dict[str, float]) -> None:
        super().__init__()
        self.network, self.form, self.seconds = network, form, seconds
        self.register_state_dict_pre_hook(_check_state_dict)
        self.eval()

    def forward(self, x: Tensor) -> Any:
        """The output of the original for ``x`` in evaluation mode.

        Raises:
            BadInput: if it is exported and its form cannot be.
        """
        if torch.compiler.is_exporting() and self.form in CLOSED:
            raise BadInput(
                f"the {self.form} form cannot be exported; take the original model, or "
                "zoo.optimize without an example"
            )
        return self.network(x)

    def train(self, mode: bool = True) -> "Optimized":
        """Only evaluation mode is possible, since batch norm is folded.

        Raises:
            BadInput: if ``mode`` is true.
        """
        if mode:
            raise BadInput("zoo.optimize gives a network for inference; train the original")
        return super().train(False)

    def extra_repr(self) -> str:
        """What ``print`` shows: the form, and the time of all that were measured."""
        times = ", ".join(f"{name} {1e3 * s:.3g} ms" for name, s in self.seconds.items())
        return f"form={self.form!r}" + (f", measured: {times}" if times else "")


def _check_state_dict(network: nn.Module, prefix: str, keep_vars: bool) -> None:
    """Refuse to save a part of the weights as if it were all."""
    if cast(Optimized, network).form in CLOSED:
        raise BadInput("packed weights are in no state_dict; save the original's, or pickle this")


class InBfloat16(nn.Module):
    """A network in bfloat16 for float32 inputs and outputs."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Outputs:
        """The output for ``x``, in the type of ``x``."""
        result: Outputs = self.network(x.bfloat16())
        if isinstance(result, Tensor):
            return result.to(x.dtype)
        return [one.to(x.dtype) for one in result]


class OptimizedDetector(Optimized):
    """An ``Optimized`` with ``detect`` and ``outputs`` of the original on its fast forward pass."""

    def __init__(
        self, network: nn.Module, form: str, seconds: dict[str, float], detector: Any
    ) -> None:
        super().__init__(network, form, seconds)
        self.num_classes, self.stride = detector.num_classes, detector.stride
        self.detector = detector
        if network is not detector:
            vars(detector)["forward"] = partial(_run, network)  # what its ``detect`` calls

    def detect(
        self, images: Tensor, *, threshold: float = 0.005, overlap: float = 0.45, limit: int = 100
    ) -> list[Any]:
        """The ``Detections`` of each image, as ``zoo.nn.detector.Detector`` says."""
        found: list[Any] = self.detector.detect(
            images, threshold=threshold, overlap=overlap, limit=limit
        )
        return found

    def outputs(self, images: Tensor) -> Tensor:
        """What a test vector holds, from the fast forward pass."""
        result: Tensor = self.detector.outputs(images)
        return result


def _run(network: nn.Module, images: Tensor) -> Any:
    """A function, unlike a bound ``__call__`` of a traced network, can be pickled."""
    return network(images)


def optimized(
    original: nn.Module, network: nn.Module, form: str, seconds: dict[str, float]
) -> Optimized:
    """``network`` in place of ``original``, which is changed if it is a detector."""
    if isinstance(original, Detector):
        return OptimizedDetector(network, form, seconds, original)
    return Optimized(network, form, seconds)
