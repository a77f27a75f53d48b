"""A table of examples with their labels: files of images, or texts; as CSV or TSV, by its header.

    text,label,split                        the split may be left out, or some of its cells
    "A gorgeous, witty film",good,train     commas stand in quotes, as in any CSV
    Too long by half,bad,test

Columns may come in any order and have other usual names (``filename``, ``category``); what they are
taken for is told, and so are those that are not used. Between cells are commas, semicolons, tabs or
bars. UTF-8, with or without a byte-order mark, lines ended as anywhere. All lines that cannot be
used are named at once. Proof: tests/data/own/test_csv_table.py.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo import reading
from zoo.data.own import Needed
from zoo.data.own.split_names import split_of
from zoo.data.own.told import Unusable, counted, few, refuse_odd_names
from zoo.errors import BadFile, BadInput

LARGEST = 1_000_000  # characters of a cell
BETWEEN = (",", ";", "\t", "|")  # what may stand between cells
OF_LABEL = (
    *("class", "category", "target", "labels", "classname", "labelname", "sentiment", "y"),
    *("identity", "person"),
)
LABEL = ("label", *OF_LABEL)
SPLIT = ("split", "set", "subset", "partition")


@dataclass(frozen=True)
class Columns:
    """What a table must have besides labels: the examples themselves.

    Attributes:
        names: of the column with the examples, ours first; without blanks, "-" and "_".
        kind: what they are, in the plural, for messages.
    """

    names: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Row:
    """One example."""

    content: str  # a file's name, or a text
    label: str
    split: str  # "train" where the table names none
    line: int


@dataclass(frozen=True)
class Table:
    """A table's rows, as they come.

    Attributes:
        divided: whether the table names a split.
        notices: how the header was understood, and which rows were left out.
    """

    path: Path
    rows: tuple[Row, ...]
    divided: bool
    notices: tuple[str, ...]


def read_table(
    path: Path,
    columns: Columns,
    *,
    skip_bad: bool = False,
    check: Callable[[Row], None] = lambda row: None,
) -> Table:
    """Every row of a table.

    Args:
        skip_bad: leave out rows that cannot be used, and list them.
        check: raises ``ZooError`` for a row whose content cannot be used.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is not UTF-8, or no table.
        BadInput: for another header, and for rows with other cells than the header, with an empty
            one or of no split; all of them are named.
    """
    head, lines = _lines(path, columns)
    cells = head.cells
    if head.split is None:
        _refuse_splits_by_another_name(path, head, [row for _, row in lines])
    rows, empty, divided = [], 0, False
    bad = Unusable("rows", skip=skip_bad, where=str(path))
    for line, row in lines:
        with bad.noted():
            if len(row) != len(cells):
                raise BadInput(
                    f"line {line}: {counted(len(row), 'cells')}, expected {len(cells)}; a cell "
                    f'with {head.between!r} stands in quotes: "..."'
                )
            content, label = row[head.content], row[head.label]
            for number, value in ((head.content, content), (head.label, label)):
                if not value:
                    raise BadInput(f"line {line}: the {cells[number]} is empty")
            named = "" if head.split is None else row[head.split]
            split = split_of(named) if named else "train"
            if split is None:
                raise BadInput(
                    f"line {line}: {cells[head.split or 0]} must be train, dev or test, got "
                    f"{named[:40]!r}"
                )
            one = Row(content, label, split, line)
            check(one)
            rows.append(one)
            empty, divided = empty + (not named), divided or bool(named)
    told = bad.settled(len(lines))
    if divided and empty:
        told = [f"{counted(empty, 'rows')} without a split: train", *told]
    return Table(path, tuple(rows), divided, (*head.told(path, columns.names[0]), *told))


@dataclass(frozen=True)
class _Header:
    cells: tuple[str, ...]  # as they are read
    between: str
    content: int  # the numbers of the columns
    label: int
    split: int | None
    renamed: bool  # not by our names

    def told(self, path: Path, ours: str) -> list[str]:
        """What is not plain: other names than ``ours``, and columns that are not used."""
        content, label = self.cells[self.content], self.cells[self.label]
        used = (self.content, self.label, self.split)
        other = [cell or "(no name)" for i, cell in enumerate(self.cells) if i not in used]
        said = [f"columns not used: {few(other)}"] if other else []
        if self.renamed:
            said = [f"{content} is taken for the {ours}, {label} for the label", *said]
        return [f"{path.name}: {'; '.join(said)}"] if said else []


def _lines(path: Path, columns: Columns) -> tuple[_Header, list[tuple[int, list[str]]]]:
    """The header, and (line number, cells) of every other line that is not empty."""
    csv.field_size_limit(LARGEST)
    text = reading.read_text(path, f"a CSV with the header {columns.names[0]},label")
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    header = _header(path, first, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=header.between, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise BadFile(f"{path} line {reader.line_num} is not CSV: {error}") from error
    return header, [(line, cells) for line, cells in lines if any(cells)][1:]


def _header(path: Path, line: str, columns: Columns) -> _Header:
    """The header as it is understood, with whatever stands between its cells.

    Raises:
        BadInput: if it is not, or in more than one way.
    """
    for between in BETWEEN:
        try:
            cells = next(csv.reader([line], delimiter=between, strict=True), [])
        except csv.Error:
            continue
        cells = [cell.strip() for cell in cells]
        content = _column(path, cells, columns.names)
        label, split = _column(path, cells, LABEL), _column(path, cells, SPLIT)
        if content is not None and label is not None:
            renamed = (_bare(cells[content]), _bare(cells[label])) != (columns.names[0], "label")
            return _Header(tuple(cells), between, content, label, split, renamed)
    ours, *others = columns.names
    raise BadInput(
        f"{path}: expected a header with {ours} (or {few(others[:4])}, ...), label (or "
        f"{few(OF_LABEL[:3])}, ...) and perhaps split, got {line.strip()[:100]!r}"
    )


def _refuse_splits_by_another_name(path: Path, head: _Header, rows: Sequence[list[str]]) -> None:
    """Raise BadInput for a column that would not be used, but names a split in every row."""
    for number in set(range(len(head.cells))) - {head.content, head.label}:
        values = {row[number] for row in rows if len(row) == len(head.cells)} - {""}
        if values and all(map(split_of, values)):
            raise BadInput(
                f"{path}: the column {head.cells[number]!r} has {few(sorted(values))}: are these "
                "the splits? Then call it 'split'; else remove it"
            )


def _column(path: Path, cells: Sequence[str], names: tuple[str, ...]) -> int | None:
    """The number of the column that has one of the names; the first name is preferred."""
    found = [i for i, cell in enumerate(cells) if _bare(cell) in names]
    ours = [i for i in found if _bare(cells[i]) == names[0]]
    found = ours or found
    if len(found) > 1:
        which = " and ".join(repr(cells[i]) for i in found)
        raise BadInput(
            f"{path} has the columns {which}; which is the {names[0]}? Call that one {names[0]!r}"
        )
    return found[0] if found else None


def _bare(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def classes_of(path: Path, rows: Sequence[Row], kind: str) -> tuple[str, ...]:
    """The labels of the training rows, sorted.

    Args:
        kind: of the examples, in the plural, for messages: "images", "texts".

    Raises:
        BadInput: if there are fewer than two, or rows have other labels; all of them are named; for
            one that no card may hold.
    """
    classes = {row.label for row in rows if row.split == "train"}
    if rows and not classes:
        have = " and ".join(sorted({row.split for row in rows}))
        raise BadInput(f"{path} has {kind} for {have}, but none to train with")
    other = {row.label: row.line for row in reversed(rows) if row.label not in classes}
    if other:
        which = few([f"{label!r} (line {line})" for label, line in sorted(other.items())])
        raise BadInput(f"{path}: no {kind} to train with have the label {which}")
    if len(classes) < 2:
        found = f"one class only, {classes.pop()!r}" if classes else f"no {kind} to train with"
        raise BadInput(f"{path} has {found}; expected two classes or more")
    refuse_odd_names(sorted(classes), "label")
    return tuple(sorted(classes))


def stated_rows(
    table: Table, classes: Sequence[str], kind: str, needed: Needed
) -> dict[str, list[Row]]:
    """The rows to measure a network with these classes on, by split; "" where none is named.

    Args:
        needed: which of the splits to give.

    Raises:
        BadInput: for no rows, or for labels that are not among ``classes``; all of them are named.
    """
    names = {row.split if table.divided else "" for row in table.rows}
    if not names:
        raise BadInput(f"{table.path} has no {kind} to test on")
    rows = {name: [row for row in table.rows if name in ("", row.split)] for name in needed(names)}
    chosen = [row for part in rows.values() for row in part]
    other = {row.label: row.line for row in reversed(chosen) if row.label not in classes}
    if other:
        which = few([f"{label!r} (line {line})" for label, line in sorted(other.items())])
        raise BadInput(f"{table.path}: label {which}; expected {few(classes, most=6)}")
    return rows
