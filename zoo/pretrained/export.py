"""A model as a file that other programs run, with the batch size left open."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo import files
from zoo.errors import BadInput


def export(model: nn.Module, input_shape: tuple[int, ...], path: Path) -> float:
    """Write ``model`` to ``path`` and read it back.

    Args:
        input_shape: of one example, without the batch axis.
        path: ``.pt2`` (torch.export) or ``.onnx`` (needs ``pip install deep-zoo[export]``).

    Returns:
        The largest difference between the outputs of the file and of ``model`` on three examples.

    Raises:
        BadInput: for another suffix, or if the packages for ONNX are not installed.
        CannotWrite: if the file cannot be written.
    """
    model = model.eval()
    draw = torch.Generator().manual_seed(0)
    example = torch.randn(3, *input_shape, generator=draw)
    writers = {".pt2": _write_pt2, ".onnx": _write_onnx}
    if path.suffix not in writers:
        raise BadInput(f"{path} must end in .pt2 (torch.export) or .onnx")
    with torch.no_grad():
        expected = model(example)
    got = writers[path.suffix](model, example, path)
    return float((got - expected).abs().max())


def _write_pt2(model: nn.Module, example: Tensor, path: Path) -> Tensor:
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(model, (example,), dynamic_shapes=(batch,))
    with files.atomic(path) as file:
        torch.export.save(program, file)
    with torch.no_grad(), warnings.catch_warnings():
        # torch warns of what it does itself
        warnings.filterwarnings("ignore", "The given buffer is not writable")
        found: Tensor = torch.export.load(str(path)).module()(example)
    return found


def _write_onnx(model: nn.Module, example: Tensor, path: Path) -> Tensor:
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise BadInput("ONNX needs more packages: pip install 'deep-zoo[export]'") from error
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.onnx.export(model, (example,), dynamo=True, dynamic_shapes=(batch,))
    if program is None:
        raise BadInput("the exporter gave no program")
    with files.atomic(path) as file:
        file.write(program.model_proto.SerializeToString())
    session = onnxruntime.InferenceSession(str(path))
    found = session.run(None, {session.get_inputs()[0].name: example.numpy()})[0]
    return torch.from_numpy(found)
