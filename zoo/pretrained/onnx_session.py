"""A network that onnxruntime runs, as a module: ``zoo.optimize(..., backend="onnxruntime")``.

onnxruntime is a peer: on some machines and networks it is faster than torch on a CPU.
Proof: tests/pretrained/test_onnx_session.py.
"""

import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.pretrained.export import TOLERANCE, export


class OnnxSession(nn.Module):
    """An ONNX file in memory and the session that runs it, for float32 on the CPU.

    It takes any number of inputs of one shape. It can be copied and pickled: the session is then
    opened again.

    Args:
        data: the file.
        shape: of one input, without the batch axis.
    """

    def __init__(self, data: bytes, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.data, self.shape = data, shape
        self._open()

    def _open(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.session = onnxruntime.InferenceSession(
            self.data, options, providers=["CPUExecutionProvider"]
        )
        self.name = self.session.get_inputs()[0].name

    def forward(self, x: Tensor) -> Tensor:
        """The output for ``x`` (N, ...).

        Raises:
            BadInput: for an input of another shape or type, or on a GPU.
        """
        fits = x.dtype == torch.float32 and x.device.type == "cpu" and x.shape[1:] == self.shape
        if not fits:
            raise BadInput(
                f"onnxruntime was given {tuple(x.shape)} {x.dtype} on {x.device}; this network was "
                f"made for (N, {', '.join(map(str, self.shape))}) torch.float32 on cpu"
            )
        (output,) = self.session.run(None, {self.name: x.detach().numpy()})
        return torch.from_numpy(output)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "session"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._open()


def onnx_session(model: nn.Module, example: Tensor) -> OnnxSession:
    """``model`` as onnxruntime runs it; the file is compared with the model.

    Raises:
        BadInput: if the packages are not installed, or the outputs differ.
    """
    shape = tuple(example.shape[1:])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        worst = max(export(model, shape, file).values())
        if not worst <= TOLERANCE:
            raise BadInput(
                f"onnxruntime changes the answers by {worst:.2g} of the largest; not used"
            )
        return OnnxSession(file.read_bytes(), shape)
