"""The confusion matrix as text and as a figure. Notes: course 3, week 2, "Error analysis"."""

from pathlib import Path

from torch import Tensor

from zoo.viz.curves import new_figure, save

FEW = 10  # examples, below which an error rate is not reliable
MOST = 12  # classes whose matrix fits on a terminal; also characters of a class name
LISTED = 10  # confusions listed if there are more classes


def confusion_text(counts: Tensor, classes: tuple[str, ...], what: str = "images") -> str:
    """The matrix as text; with many classes, the most frequent confusions.

    Args:
        counts: (K, K), rows are labels, columns predictions.
        what: the name of the examples.

    >>> import torch
    >>> print(confusion_text(torch.tensor([[3, 1], [0, 12]]), ("cat", "dog")))
    label  cat dog  error
    cat      3   1  25.0 %
    dog      .  12   0.0 %
    error 6.25 %, mean over the classes 12.50 % (16 images)
    """
    rows = counts.tolist()
    sums = [sum(row) for row in rows]
    errors = [
        100 * (1 - row[k] / n) if n else None
        for k, (row, n) in enumerate(zip(rows, sums, strict=True))
    ]
    defined = [error for error in errors if error is not None]
    total = 100 * (1 - sum(rows[k][k] for k in range(len(rows))) / sum(sums))
    lines = _matrix(rows, errors, classes) if len(classes) <= MOST else _worst(rows, sums, classes)
    mean = sum(defined) / len(defined)
    lines.append(f"error {total:.2f} %, mean over the classes {mean:.2f} % ({sum(sums)} {what})")
    if sum(sums) < FEW:
        lines.append(f"only {sum(sums)} test {what}: too few for a reliable error rate")
    return "\n".join(lines)


def _matrix(
    rows: list[list[int]], errors: list[float | None], classes: tuple[str, ...]
) -> list[str]:
    names = [_short(name) for name in classes]
    left = max(len("label"), *map(len, names))
    widths = [max(len(names[k]), *(len(str(row[k])) for row in rows)) for k in range(len(names))]
    head = " ".join(f"{name:>{w}}" for name, w in zip(names, widths, strict=True))
    lines = [f"{'label':<{left}}  {head}  error"]
    for name, row, error in zip(names, rows, errors, strict=True):
        cells = " ".join(f"{n or '.':>{w}}" for n, w in zip(row, widths, strict=True))
        rate = "none" if error is None else f"{error:4.1f} %"
        lines.append(f"{name:<{left}}  {cells}  {rate}")
    return lines


def _worst(rows: list[list[int]], sums: list[int], classes: tuple[str, ...]) -> list[str]:
    pairs = [
        (n, label, predicted)
        for label, row in enumerate(rows)
        for predicted, n in enumerate(row)
        if n and label != predicted
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair))
    return [
        f"{classes[label]} predicted as {classes[predicted]}: {n} of {sums[label]}"
        for n, label, predicted in pairs[:LISTED]
    ]


def _short(name: str) -> str:
    return name if len(name) <= MOST else f"{name[: MOST - 1]}…"


def confusion_figure(
    counts: Tensor, classes: tuple[str, ...], path: Path, *, title: str = ""
) -> None:
    """Draw the matrix to a PNG: shades are fractions of the row, numbers are counts.

    Args:
        counts: (K, K), rows are labels, columns predictions.
    """
    size = min(2.2 + 0.4 * len(classes), 16)
    figure, axis = new_figure(1, 1, width=size + 0.6, height=size)
    fractions = counts.double() / counts.sum(1, keepdim=True).clamp(min=1)
    axis.imshow(fractions.numpy(), cmap="Blues", vmin=0, vmax=1)
    if len(classes) <= 30:  # with more, neither names nor numbers are readable
        axis.set_xticks(range(len(classes)), map(_short, classes), rotation=90, fontsize=8)
        axis.set_yticks(range(len(classes)), map(_short, classes), fontsize=8)
        for label, predicted in counts.nonzero().tolist():
            dark = bool(fractions[label, predicted] > 0.5)
            count = int(counts[label, predicted])
            colour = "white" if dark else "black"
            axis.text(predicted, label, count, ha="center", va="center", fontsize=7, color=colour)
    axis.set(xlabel="prediction", ylabel="label", title=title)
    axis.title.set_fontsize(9)
    save(figure, path)
