"""A CSV of examples with their labels: ``file,label`` of pictures, ``text,label`` of sentences.

    text,label,split                        the third column may be left out
    "A gorgeous, witty film",good,train     commas stand in quotes, as in any CSV
    Too long by half,bad,test

UTF-8, with or without a byte-order mark, lines ended as anywhere. A line that cannot be used is
named. Proof: tests/data/own/test_csv_table.py.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo import reading
from zoo.data.own.split_names import split_of
from zoo.data.splits import SPLITS
from zoo.errors import BadFile, BadInput

LARGEST = 1_000_000  # characters of a cell


@dataclass(frozen=True)
class Row:
    """One example."""

    content: str  # the first column: a file's name, or a text
    label: str
    split: str  # "train" where the table has no such column
    line: int


def read_rows(path: Path, column: str) -> Iterator[Row]:
    """The rows as they come.

    Args:
        column: the name of the first column.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is not UTF-8, or no CSV.
        BadInput: for another header, or a line with an empty cell or of no split.
    """
    for line, cells in _cells(path, column):
        content, label, split = (*cells, "train")[:3]
        for name, value in ((column, content), ("label", label)):
            if not value:
                raise BadInput(f"{path} line {line}: the {name} is empty")
        split = split_of(split) or split
        if split not in SPLITS:
            raise BadInput(f"{path} line {line}: split must be train, dev or test, got {split!r}")
        yield Row(content, label, split, line)


def _cells(path: Path, column: str) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not empty, after the header."""
    csv.field_size_limit(LARGEST)
    try:
        text = reading.read_text(path, f"a CSV with the header {column},label")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise BadFile(f"{path} line {reader.line_num} is not CSV: {error}") from error
    lines = [(line, cells) for line, cells in lines if any(cells)]
    header = lines[0][1] if lines else []
    if [name.lower() for name in header] not in ([column, "label"], [column, "label", "split"]):
        expected = f"{column},label or {column},label,split"
        got = repr(",".join(header)[:60])
        raise BadInput(f"{path}: expected the header {expected}, got {got}")
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise BadInput(
                f"{path} line {line}: {len(cells)} cells, expected {len(header)}; a cell with "
                'commas stands in quotes: "..."'
            )
    return lines[1:]


def classes_of(path: Path, rows: Sequence[Row], kind: str) -> tuple[str, ...]:
    """The labels of the training rows, sorted.

    Args:
        kind: of the examples, for messages: "picture", "sentence".

    Raises:
        BadInput: if there are fewer than two, or a row has another label.
    """
    classes = {row.label for row in rows if row.split == "train"}
    for row in rows:
        if row.label not in classes:
            raise BadInput(f"{path} line {row.line}: no training {kind} has label {row.label!r}")
    if len(classes) < 2:
        found = f"one class only, {classes.pop()!r}" if classes else f"no {kind}s to train with"
        raise BadInput(f"{path} has {found}; expected two classes or more")
    return tuple(sorted(classes))


def rows_to_test_on(
    path: Path, rows: Sequence[Row], classes: Sequence[str], kind: str
) -> list[Row]:  # fmt: skip
    """What to measure a network with these classes on: the test rows if there are some, or all.

    Raises:
        BadInput: for no rows, or a label that is not among ``classes``.
    """
    chosen = [row for row in rows if row.split == "test"] or list(rows)
    if not chosen:
        raise BadInput(f"{path} has no {kind}s to test on")
    for row in chosen:
        if row.label not in classes:
            known = ", ".join(classes[:6]) + (", ..." if len(classes) > 6 else "")
            raise BadInput(f"{path} line {row.line}: label {row.label!r}; expected {known}")
    return chosen
