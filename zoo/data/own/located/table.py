"""Images with one object at most in a CSV or TSV, a line for each; boxes, or points.

    file,label,x1,y1,x2,y2,split             file,left_eye_x,left_eye_y,nose_x,nose_y
    scans/a.png,cat,10,12,88,97,train        a.jpg,30,41,44.5,60
    scans/b.png,,,,,,train                   b.jpg,,,,             (nothing to find in b)

Numbers are pixels of the image. Files are looked for beside the table; the split may be left out.
Columns may come in any order and have other usual names (``filename``, ``class``, ``xmin``); two
that are called NAME_x and NAME_y are the point NAME. All lines that cannot be used are named at
once. Proof: tests/data/own/test_localization.py.
"""

import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

from zoo import reading
from zoo.data.own.csv_table import BETWEEN, LABEL, SPLIT
from zoo.data.own.image_table import FILES
from zoo.data.own.located.listing import Located, LocatedList
from zoo.data.own.split_names import split_of
from zoo.data.own.told import Unusable, counted, few, refuse_odd_names
from zoo.data.splits import SPLITS
from zoo.errors import BadFile, BadInput, Missing
from zoo.streams import folder_of

CORNERS = (("x1", "xmin", "left"), ("y1", "ymin", "top"), ("x2", "xmax", "right"),
           ("y2", "ymax", "bottom"))  # fmt: skip
POINT = re.compile(r"(.+)_([xy])", re.IGNORECASE)
BOXES_HEAD, POINTS_HEAD = "file,label,x1,y1,x2,y2", "file,NAME_x,NAME_y,..."


@dataclass(frozen=True)
class _Header:
    """Numbers of columns."""

    cells: tuple[str, ...]
    between: str
    file: int
    label: int | None  # None: of points
    numbers: tuple[int, ...]  # x and y in turn
    names: tuple[str, ...]  # of the points; () of boxes
    split: int | None


def list_table(path: Path, *, boxes: bool, skip_bad: bool = False) -> LocatedList:
    """The images of a table, by split, in the order of their paths.

    Args:
        boxes: whether it has boxes, else points.

    Raises:
        Missing: if there is no such file, or images are not there.
        BadFile: if it is not UTF-8, or no table.
        BadInput: for another header, and for lines that cannot be used; all of them are named.
    """
    text = reading.read_text(path, f"a CSV with the header {BOXES_HEAD if boxes else POINTS_HEAD}")
    head = _header(path, text, boxes)
    bad = Unusable("lines", skip=skip_bad, where=str(path))
    lines = _lines(path, text, head)
    parts: dict[str, list[Located]] = {split: [] for split in SPLITS}
    named, seen = False, dict[Path, int]()
    for line, cells in lines:
        with bad.noted():
            one, split = _located(path, head, line, cells)
            first = seen.setdefault(one.path.resolve(), line)
            if first != line:
                raise BadInput(
                    f"line {line}: {one.path.name} has an object in line {first} already; here it "
                    "may have one (zoo train yolov3_tiny takes several)"
                )
            named = named or bool(split)
            parts[split or "train"].append(one)
    told = bad.settled(len(lines))
    found = {k: sorted(v, key=lambda one: one.path) for k, v in parts.items() if v}
    classes = head.names or _classes(path, found)
    return LocatedList(path.stem, classes, boxes, found, named, tuple(told), skip_bad)


def _classes(path: Path, parts: dict[str, list[Located]]) -> tuple[str, ...]:
    """The labels of what there is to train on, or of all where that is nothing, sorted.

    Raises:
        BadInput: if other parts have other labels, or there is no object at all.
    """
    every = {one.label: one.where for part in parts.values() for one in part if one.label}
    trained = {one.label for one in parts.get("train", []) if one.label} or every.keys()
    if not every:
        raise BadInput(f"{path} has no object; without one there is nothing to learn from")
    if other := [f"{label!r} ({at})" for label, at in every.items() if label not in trained]:
        raise BadInput(f"{path}: no images to train with have the label {few(sorted(other))}")
    refuse_odd_names(sorted(every), "label")
    return tuple(sorted(every))


def _header(path: Path, text: str, boxes: bool) -> _Header:
    line = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    for between in BETWEEN:
        try:
            first = next(csv.reader([line], delimiter=between, strict=True), [])
        except csv.Error:
            continue
        cells = [cell.strip() for cell in first]
        file, label = _column(cells, FILES.names), _column(cells, LABEL)
        split, corners = _column(cells, SPLIT), [_column(cells, names) for names in CORNERS]
        numbers = [at for at in corners if at is not None]
        if boxes and file is not None and label is not None and len(numbers) == len(CORNERS):
            return _Header(tuple(cells), between, file, label, tuple(numbers), (), split)
        points = {} if boxes or file is None else _points(path, cells)
        if points and file is not None:
            refuse_odd_names(points, "point")
            at = tuple(i for pair in points.values() for i in pair)
            return _Header(tuple(cells), between, file, None, at, tuple(points), split)
    expected = BOXES_HEAD if boxes else POINTS_HEAD
    raise BadInput(f"{path}: expected a header such as {expected}, got {line.strip()[:100]!r}")


def _points(path: Path, cells: list[str]) -> dict[str, tuple[int, int]]:
    """The columns of x and y of each point, in the order of the table.

    Raises:
        BadInput: for one of them alone.
    """
    found: dict[str, dict[str, int]] = {}
    for i, cell in enumerate(cells):
        if match := POINT.fullmatch(cell):
            found.setdefault(match[1], {})[match[2].lower()] = i
    for name, at in found.items():
        if len(at) == 1:
            (there,) = at
            other = "y" if there == "x" else "x"
            raise BadInput(f"{path}: there is a column {name}_{there} but no {name}_{other}")
    return {name: (at["x"], at["y"]) for name, at in found.items()}


def _column(cells: list[str], names: tuple[str, ...]) -> int | None:
    """The number of the first column that has one of the names."""
    bare = [re.sub(r"[\s_-]", "", cell).lower() for cell in cells]
    return next((bare.index(name) for name in names if name in bare), None)


def _lines(path: Path, text: str, head: _Header) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every line but the header that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=head.between, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise BadFile(f"{path} line {reader.line_num} is not CSV: {error}") from error
    return [(line, cells) for line, cells in lines if any(cells)][1:]


def _located(path: Path, head: _Header, line: int, cells: list[str]) -> tuple[Located, str]:
    """What a line says, and the split that it names, or ""."""
    if len(cells) != len(head.cells):
        got = counted(len(cells), "cells")
        raise BadInput(f"line {line}: {got}, expected {len(head.cells)}")
    named = "" if head.split is None else cells[head.split]
    split = split_of(named) if named else ""
    if split is None:
        raise BadInput(f"line {line}: split must be train, dev or test, got {named[:40]!r}")
    file = folder_of(path) / cells[head.file].replace("\\", "/")
    if not cells[head.file] or not file.is_file():
        raise Missing(f"line {line}: no image at {file}")
    numbers = [cells[i] for i in head.numbers]
    label = ("object" if any(numbers) else "") if head.label is None else cells[head.label]
    where = f"{path} line {line}"
    if not label and not any(numbers):
        return Located(file, None, (), where), split
    values = [_number(line, head.cells[i], cells[i]) for i in head.numbers]
    points = tuple(zip(values[::2], values[1::2], strict=True))
    if head.label is not None:
        if not label:
            raise BadInput(f"line {line}: a box without a label; one without a box has neither")
        (x1, y1), (x2, y2) = points
        if not (x1 < x2 and y1 < y2):
            raise BadInput(f"line {line}: the box {x1:g},{y1:g} to {x2:g},{y2:g} has no area")
    return Located(file, label, points, where), split


def _number(line: int, column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f"line {line}: {column} must be a number of pixels, got {cell[:40]!r}")
    return value
