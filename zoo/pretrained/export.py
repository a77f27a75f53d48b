"""Export of a model to torch.export or ONNX, with a dynamic batch size.

What is known of the model travels with it: in ONNX as ``metadata_props``, in a .pt2 as one extra
file, METADATA, of JSON. Proof: tests/pretrained/test_export.py.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo import files
from zoo.errors import BadInput
from zoo.nn.eval_mode import eval_mode

BATCHES = (1, 3)  # batch sizes at which the file is compared with the model
TOLERANCE = 1e-4  # largest difference, relative to the largest output
INPUT, OUTPUT = "input", "logits"  # names in ONNX
METADATA = "zoo.json"  # in a .pt2: torch.export.load(path, extra_files={METADATA: ""})

Runner = Callable[[Tensor], Tensor]


def export(
    model: nn.Module,
    input_shape: tuple[int, ...],
    path: Path,
    metadata: Mapping[str, object] | None = None,
) -> dict[int, float]:
    """Export ``model`` in evaluation mode (no dropout, no auxiliary heads) and compare the file.

    Args:
        input_shape: of one example, without the batch axis.
        path: ``.pt2`` (torch.export) or ``.onnx`` (needs ``pip install deep-zoo[export]``).
        metadata: written into the file, each value as JSON.

    Returns:
        For each of ``BATCHES`` the largest difference between the outputs of the file and of
        ``model``, relative to the largest output; infinite if an output is not finite. The file is
        kept in any case; the caller compares the difference with ``TOLERANCE``.

    Raises:
        BadInput: for another suffix, or if the packages for ONNX are not installed.
        CannotWrite: if the file cannot be written.
    """
    writers = {".pt2": _write_pt2, ".onnx": _write_onnx}
    if path.suffix not in writers:
        raise BadInput(f"{path} must end in .pt2 (torch.export), .onnx or .weights")
    with eval_mode(model):
        example = _noise(max(BATCHES), input_shape)
        run = writers[path.suffix](model, example, path, metadata or {})
        return {count: _difference(model, run, _noise(count, input_shape)) for count in BATCHES}


def _noise(count: int, shape: tuple[int, ...]) -> Tensor:
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(count))


@torch.no_grad()
def _difference(model: nn.Module, run: Runner, example: Tensor) -> float:
    expected, got = model(example), run(example)
    if got.shape != expected.shape or not torch.isfinite(got).all():
        return float("inf")
    largest = expected.abs().max().clamp(min=torch.finfo(expected.dtype).tiny)
    return float((got - expected).abs().max() / largest)


def _write_pt2(
    model: nn.Module, example: Tensor, path: Path, metadata: Mapping[str, object]
) -> Runner:
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(model, (example,), dynamic_shapes=(batch,))
    with files.atomic(path) as file:
        torch.export.save(program, file, extra_files={METADATA: json.dumps(dict(metadata))})
    with warnings.catch_warnings():  # caused by torch itself
        warnings.filterwarnings("ignore", "The given buffer is not writable")
        return torch.export.load(str(path)).module()


def _write_onnx(
    model: nn.Module, example: Tensor, path: Path, metadata: Mapping[str, object]
) -> Runner:
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise BadInput("ONNX needs more packages: pip install 'deep-zoo[export]'") from error
    batch = {0: torch.export.Dim("batch", min=1)}
    with warnings.catch_warnings():  # caused by torch itself
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            model,
            (example,),
            dynamo=True,
            dynamic_shapes=(batch,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            verbose=False,
        )
    if program is None:
        raise BadInput("the exporter gave no program")
    proto = program.model_proto
    for key, value in metadata.items():
        proto.metadata_props.add(key=key, value=json.dumps(value, ensure_ascii=False))
    with files.atomic(path) as file:
        file.write(proto.SerializeToString())
    session = onnxruntime.InferenceSession(str(path))
    return lambda images: torch.from_numpy(session.run([OUTPUT], {INPUT: images.numpy()})[0])
