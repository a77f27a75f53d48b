"""What is taken for what. Notes: course 3, week 2, "Carrying out error analysis"."""

from pathlib import Path

from torch import Tensor

from zoo.viz.curves import new_figure, save

FEW = 10  # test pictures, below which an error is hardly a measurement
MOST = 12  # classes that fit across a terminal
LISTED = 10  # confusions that are named where there are more classes


def confusion_text(counts: Tensor, classes: tuple[str, ...], what: str = "pictures") -> str:
    """The matrix as text; with many classes, the most frequent confusions.

    Args:
        counts: (K, K), row the label, column the answer.
        what: was counted.

    >>> import torch
    >>> print(confusion_text(torch.tensor([[3, 1], [0, 12]]), ("cat", "dog")))
    label  cat dog  error
    cat      3   1  25.0 %
    dog      .  12   0.0 %
    error 6.25 %, mean over the classes 12.50 % (16 pictures)
    """
    rows = counts.tolist()
    sums = [sum(row) for row in rows]
    errors = [
        100 * (1 - row[k] / n) if n else None
        for k, (row, n) in enumerate(zip(rows, sums, strict=True))
    ]
    known = [error for error in errors if error is not None]
    total = 100 * (1 - sum(rows[k][k] for k in range(len(rows))) / sum(sums))
    lines = _matrix(rows, errors, classes) if len(classes) <= MOST else _worst(rows, sums, classes)
    mean = sum(known) / len(known)
    lines.append(f"error {total:.2f} %, mean over the classes {mean:.2f} % ({sum(sums)} {what})")
    if sum(sums) < FEW:
        lines.append(f"only {sum(sums)} test {what}: too few for a figure to rely on")
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
        said = "none" if error is None else f"{error:4.1f} %"
        lines.append(f"{name:<{left}}  {cells}  {said}")
    return lines


def _worst(rows: list[list[int]], sums: list[int], classes: tuple[str, ...]) -> list[str]:
    pairs = [
        (n, label, said)
        for label, row in enumerate(rows)
        for said, n in enumerate(row)
        if n and label != said
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair))
    return [
        f"{classes[label]} taken for {classes[said]}: {n} of {sums[label]}"
        for n, label, said in pairs[:LISTED]
    ]


def _short(name: str) -> str:
    return name if len(name) <= MOST else f"{name[: MOST - 1]}…"


def confusion_picture(
    counts: Tensor, classes: tuple[str, ...], path: Path, *, title: str = ""
) -> None:
    """Draw the matrix to a PNG: shades are parts of the row, numbers are counts.

    Args:
        counts: (K, K), row the label, column the answer.
    """
    size = min(2.2 + 0.4 * len(classes), 16)
    figure, axis = new_figure(1, 1, width=size + 0.6, height=size)
    parts = counts.double() / counts.sum(1, keepdim=True).clamp(min=1)
    axis.imshow(parts.numpy(), cmap="Blues", vmin=0, vmax=1)
    if len(classes) <= 30:  # else neither names nor numbers can be read
        axis.set_xticks(range(len(classes)), map(_short, classes), rotation=90, fontsize=8)
        axis.set_yticks(range(len(classes)), map(_short, classes), fontsize=8)
        for label, said in counts.nonzero().tolist():
            dark = bool(parts[label, said] > 0.5)
            number = int(counts[label, said])
            colour = "white" if dark else "black"
            axis.text(said, label, number, ha="center", va="center", fontsize=7, color=colour)
    axis.set(xlabel="answer", ylabel="label", title=title)
    axis.title.set_fontsize(9)
    save(figure, path)
