"""Export networks to other programs: ONNX, torch.export, Darknet's weights; and compare them.

>>> import zoo
>>> zoo.export("lenet5.mnist", "lenet5.onnx").same  # doctest: +SKIP
True

Proof: tests/api/test_exporting.py.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, files, reading, registry
from zoo.cards import Card
from zoo.errors import BadFile, BadInput, unknown
from zoo.loading import predictor_file
from zoo.nn.export_form import ExportForm
from zoo.nn.plain_torch import plain_torch
from zoo.pretrained import darknet
from zoo.pretrained.create import create_model, from_card
from zoo.pretrained.export import TOLERANCE
from zoo.pretrained.export import export as export_file
from zoo.pretrained.onnx_boxes import ALL, FORM

FORMATS = {
    "onnx": ".onnx",
    "torch": ".pt2",
    "darknet": darknet.SUFFIX,
}  # name of a format -> suffix of its files


@dataclass(frozen=True)
class Exported:
    """An exported file, and how much its outputs differ from the original's."""

    file: Path
    input_shape: tuple[int, ...]  # of one example
    # batch size -> largest difference, over the largest output; empty where the file is no program
    # but numbers, which have been read back bit for bit
    differences: dict[int, float]

    @property
    def same(self) -> bool:
        """Whether the outputs equal the original's up to TOLERANCE."""
        return all(difference <= TOLERANCE for difference in self.differences.values())


@plain_torch()
def export(name: str, to: str | Path | None = None, *, format: str | None = None) -> Exported:
    """Export a network, run the exported file, and compare its outputs with the original's.

    The file holds the card, too (``metadata``): ONNX as ``metadata_props``, each value as JSON,
    its input called ``input`` and its output ``logits``; a .pt2 as an extra file, ``zoo.json``. Of
    a YOLO network an ONNX file gives ``boxes``, ``labels``, ``scores`` and ``images``, those that
    count in all images of the batch (``outputs`` in its metadata), a .pt2 all boxes and scores.
    Darknet's .weights hold the numbers alone, of Darknet's own networks: weights that came from
    such a file give that file again, bit for bit.

    Args:
        name: weights, the folder of a run, or an architecture (newly initialised).
        to: FILE.onnx, FILE.pt2 or FILE.weights; by default NAME with the suffix of ``format``, in
            the current folder.
        format: "onnx", "torch" or "darknet"; by default according to the suffix of ``to``.

    Raises:
        CannotWrite: if the file cannot be written; nothing is computed then.
        UnknownName: for a name or a format that does not exist.
        BadInput: for a network that does not take one image or, for .weights, is none of Darknet's;
            for a suffix that is not the format's.
    """
    card = None if name in registry.list_models() else cards.card(name)
    path = _export_path(name, format, to)
    files.destination(path)
    entry = registry.entry(name if card is None else card.arch)
    task, shape = entry.task if card is None else card.task, entry.input_shape
    front_end = None if card is None else card.front_end
    input_shape = predictor_file(task).PREDICTOR.export_shape(shape, front_end)
    if input_shape is None:
        raise BadInput(
            f"zoo export writes networks that take one image; {name} is for the task {task}"
        )
    model = create_model(name) if card is None else from_card(card)
    if path.suffix == darknet.SUFFIX:
        _write_weights(model, path, darknet.Header() if card is None else darknet.header_of(card))
        return Exported(path, input_shape, {})
    about = {"name": name} if card is None else metadata(card)
    form = predictor_file(task).PREDICTOR.export_form(model, front_end)
    differences = export_file(
        form.network,
        input_shape,
        path,
        {**about, **_about_outputs(form, path)},
        outputs=form.outputs,
        selection=form.selection,
    )
    return Exported(path, input_shape, differences)


def _about_outputs(form: ExportForm, path: Path) -> dict[str, Any]:
    """What the outputs of a detector's file are."""
    if form.selection is None:
        return {}
    return {"outputs": FORM if path.suffix == ".onnx" else ALL, **asdict(form.selection)}


def _write_weights(model: nn.Module, path: Path, header: darknet.Header) -> None:
    """Write Darknet's file and read it back.

    Raises:
        BadFile: if it does not hold the network's numbers then.
    """
    darknet.write(model, path, header)
    data = reading.read_bytes(path, "weights", reading.WEIGHTS)
    got, tensors = darknet.parse(data, darknet.layout(model), str(path))
    state = model.state_dict()
    if got != header or any(not torch.equal(state[key], t) for key, t in tensors.items()):
        raise BadFile(f"{path} does not hold what was written to it")


def metadata(card: Card) -> dict[str, Any]:
    """What a program needs to use the file without the zoo.

    ``name``, ``classes``, the whole ``card``, and each field of its front end: of images ``size``
    (height, width), ``shorter``, ``pad``, ``ink``, ``mean`` and ``std`` (of values in [0, 1]).
    """
    record = {k: v for k, v in asdict(card).items() if k not in cards.NOT_IN_FILE}
    return {**card.front_end, "name": card.name, "classes": card.classes, "card": record}


def _export_path(name: str, format: str | None, to: str | Path | None) -> Path:
    """The file to write; the format is given by its name, by the file's suffix, or by both."""
    if format is not None and format not in FORMATS:
        raise unknown("format", format, FORMATS)
    if to is None and format is None:
        raise BadInput(
            "export needs a format, onnx, torch or darknet, or a file that ends in .onnx, .pt2 or "
            ".weights"
        )
    default = Path(name).resolve().name if Path(name).is_dir() else name
    path = Path(f"{default}{FORMATS[str(format)]}" if to is None else to)
    if format and path.suffix != FORMATS[format]:
        raise BadInput(
            f"the format {format} is for {FORMATS[format]} files, but the file is {path}"
        )
    return path
