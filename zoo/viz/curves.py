"""The learning curve of one or more runs. Notes: course 3, "Bias and variance"."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.cards import Card

DPI = 110


def learning_curve(
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
    path: Path,
    *,
    of: Card | None = None,
) -> None:
    """Draw training loss and dev score over the steps, one colour for each run, to a PNG.

    Args:
        runs: name -> rows of the log with ``step``, ``loss`` and, where evaluated, ``dev_METRIC``.
        of: the card of the runs: its metric is plotted, and the published number as a dashed line.
    """
    metric, unit = (of.metric, of.unit) if of else ("error", "%")
    figure, (left, right) = new_figure(1, 2, width=9, height=3.4)
    for number, (name, rows) in enumerate(runs.items()):
        colour = f"C{number}"
        lost = [r for r in rows if "loss" in r]
        left.plot([r["step"] for r in lost], [r["loss"] for r in lost], colour, label=name, lw=1)
        scored = [r for r in rows if f"dev_{metric}" in r]
        steps, scores = [r["step"] for r in scored], [r[f"dev_{metric}"] for r in scored]
        right.plot(steps, scores, colour, marker=".", label=name, lw=1)
    if all(r.get("loss", 1) > 0 for rows in runs.values() for r in rows):
        left.set_yscale("log")
    left.set(xlabel="step", ylabel="training loss")
    y_label = f"dev {metric} ({unit})" if unit else f"dev {metric}"
    right.set(xlabel="step", ylabel=y_label, ylim=(0, None) if unit == "%" else None)
    if of and of.paper is not None:
        right.axhline(of.paper, color="0.4", ls="--", lw=1, label=f"published {of.paper:g} (test)")
    right.legend(frameon=False, fontsize=8)
    save(figure, path)


def new_figure(rows: int, columns: int, *, width: float, height: float) -> Any:
    """(figure, axes) without pyplot, which could need a window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns)


def save(figure: Any, path: Path) -> None:
    """Write a figure as a PNG, atomically."""
    from zoo import files

    with files.atomic(path) as file:
        figure.savefig(file, format="png", dpi=DPI)


def image_of_figure(figure: Any) -> Any:
    """A figure as a Pillow image in RGB, of the size that ``save`` writes."""
    import io

    from PIL import Image

    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DPI)
    with Image.open(data) as image:
        return image.convert("RGB")
