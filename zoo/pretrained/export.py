"""Export of a model to torch.export or ONNX, with a dynamic batch size.

What is known of the model travels with it: in ONNX as ``metadata_props``, in a .pt2 as one extra
file, METADATA, of JSON. Proof: tests/pretrained/test_export.py.
"""

import json
import math
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo import files
from zoo.errors import BadInput
from zoo.nn.eval_mode import eval_mode
from zoo.nn.export_form import ExportForm, Selection
from zoo.pretrained.onnx_boxes import add_selection
from zoo.pretrained.optimized import several

BATCHES = (1, 3)  # batch sizes at which the file is compared with the model
TOLERANCE = 1e-4  # largest difference, relative to the largest output
INPUT, OUTPUT = "input", "logits"  # names in ONNX
METADATA = "zoo.json"  # in a .pt2: torch.export.load(path, extra_files={METADATA: ""})

Runner = Callable[[Tensor], tuple[Tensor, ...]]


def export(
    model: nn.Module,
    input_shape: tuple[int, ...],
    path: Path,
    metadata: Mapping[str, object] | None = None,
    *,
    outputs: tuple[str, ...] = (OUTPUT,),
    selection: Selection | None = None,
) -> dict[int, float]:
    """Export ``model`` in evaluation mode (no dropout, no auxiliary heads) and compare the file.

    Args:
        input_shape: of one example, without the batch axis.
        path: ``.pt2`` (torch.export) or ``.onnx`` (needs ``pip install deep-zoo[export]``).
        metadata: written into the file, each value as JSON.
        outputs: names of the outputs, which are a tensor or a tuple of tensors.
        selection: the outputs are boxes and scores, and an ONNX file ends with those that count,
            as zoo/pretrained/onnx_boxes.py says.

    Returns:
        For each of ``BATCHES`` the largest difference between the outputs of the file and of
        ``model``, relative to the largest output; infinite if an output is not finite, or if other
        boxes are selected. The file is
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
        form = ExportForm(model, outputs, selection)
        run = writers[path.suffix](form, example, path, metadata or {})
        return {count: _difference(model, run, _noise(count, input_shape)) for count in BATCHES}


def _noise(count: int, shape: tuple[int, ...]) -> Tensor:
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(count))


@torch.no_grad()
def _difference(model: nn.Module, run: Runner, example: Tensor) -> float:
    expected, got = several(model(example)), run(example)
    return max(map(_relative, expected, got)) if len(got) == len(expected) else math.inf


def _relative(expected: Tensor, got: Tensor) -> float:
    if got.shape != expected.shape or not torch.isfinite(got).all():
        return math.inf
    largest = expected.abs().max().clamp(min=torch.finfo(expected.dtype).tiny)
    return float((got - expected).abs().max() / largest)


def _write_pt2(
    form: ExportForm, example: Tensor, path: Path, metadata: Mapping[str, object]
) -> Runner:
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(form.network, (example,), dynamic_shapes=(batch,))
    with files.atomic(path) as file:
        torch.export.save(program, file, extra_files={METADATA: json.dumps(dict(metadata))})
    with warnings.catch_warnings():  # caused by torch itself
        warnings.filterwarnings("ignore", "The given buffer is not writable")
        network = torch.export.load(str(path)).module()
    return lambda images: several(network(images))


def _write_onnx(
    form: ExportForm, example: Tensor, path: Path, metadata: Mapping[str, object]
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
            form.network,
            (example,),
            dynamo=True,
            dynamic_shapes=(batch,),
            input_names=[INPUT],
            output_names=list(form.outputs),
            verbose=False,
        )
    if program is None:
        raise BadInput("the exporter gave no program")
    proto = program.model_proto
    for key, value in metadata.items():
        proto.metadata_props.add(key=key, value=json.dumps(value, ensure_ascii=False))
    candidates = onnxruntime.InferenceSession(proto.SerializeToString())
    if form.selection is not None:
        boxes, scores = form.outputs
        add_selection(proto, (boxes, scores), form.selection)
    with files.atomic(path) as file:
        file.write(proto.SerializeToString())
    if form.selection is None:
        return lambda images: _run(candidates, images)
    session = onnxruntime.InferenceSession(str(path))
    return partial(_run_with_selection, candidates, session, form.selection)


def _run(session: Any, images: Tensor) -> tuple[Tensor, ...]:
    return tuple(map(torch.from_numpy, session.run(None, {INPUT: images.numpy()})))


def _run_with_selection(
    candidates: Any, session: Any, selection: Selection, images: Tensor
) -> tuple[Tensor, ...]:
    """The boxes and scores before selection, to be compared; nothing if it is not that of torch.

    The two are compared apart: a score that differs by a rounding would be on the other side of the
    threshold now and then, and be no fault.
    """
    all_boxes = _run(candidates, images)
    expected, got = selection.of(*all_boxes), _run(session, images)
    return all_boxes if all(map(torch.equal, expected, got)) else ()
