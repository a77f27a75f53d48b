"""Networks for other programs: ONNX or torch.export, compared with the original.

>>> import zoo
>>> zoo.export("lenet5.mnist", "lenet5.onnx").same  # doctest: +SKIP
True

Proof: tests/api/test_exporting.py.
"""

from dataclasses import dataclass
from pathlib import Path

from zoo import cards, registry
from zoo.errors import BadInput, unknown
from zoo.predict import predictor_file
from zoo.pretrained.create import create_model, from_card
from zoo.pretrained.export import TOLERANCE
from zoo.pretrained.export import export as export_file

FORMATS = {"onnx": ".onnx", "torch": ".pt2"}  # by name, by the suffix of the file


@dataclass(frozen=True)
class Exported:
    """A file for other programs, compared with the original."""

    file: Path
    input_shape: tuple[int, ...]  # of one example
    differences: dict[int, float]  # batch size -> largest difference, of the largest value

    @property
    def same(self) -> bool:
        """Whether it gives what the original gives."""
        return all(difference <= TOLERANCE for difference in self.differences.values())


def export(name: str, to: str | Path | None = None, *, format: str | None = None) -> Exported:
    """Write a network for other programs, run it there, and compare.

    Args:
        name: weights, the folder of a run, or an architecture (fresh weights).
        to: FILE.onnx or FILE.pt2; by default NAME with the suffix of ``format``, here.
        format: "onnx" or "torch"; by default told by the suffix of ``to``.
    """
    path = _export_path(name, format, to)
    if name in registry.list_models():
        entry, front_end = registry.entry(name), None
        task, shape = entry.task, entry.input_shape
    else:
        card = cards.card(name)
        task, shape, front_end = card.task, registry.entry(card.arch).input_shape, card.front_end
    wanted = predictor_file(task).PREDICTOR.export_shape(shape, front_end)
    if wanted is None:
        raise BadInput(
            f"zoo export writes networks that take one image; {name} is for the task {task}"
        )
    model = create_model(name) if front_end is None else from_card(cards.card(name))
    return Exported(path, wanted, export_file(model, wanted, path))


def _export_path(name: str, form: str | None, to: str | Path | None) -> Path:
    """Where to write; the form is told by its name, by the file's suffix, or by both alike."""
    if form is not None and form not in FORMATS:
        raise unknown("format", form, FORMATS)
    if to is None and form is None:
        raise BadInput("export needs a format, onnx or torch, or a file that ends in .onnx or .pt2")
    default = Path(name).resolve().name if Path(name).is_dir() else name
    path = Path(to or f"{default}{FORMATS[str(form)]}")
    if form and path.suffix != FORMATS[form]:
        raise BadInput(f"the format {form} is for {FORMATS[form]} files, but the file is {path}")
    return path
