"""A table of your own: a CSV with a line for each picture.

    file,label,split                 the third column may be left out
    scans/a.jpg,daisy,train          files are looked for beside the CSV, or by their full path
    "scans/b, left.png",rose,test

UTF-8, with or without a byte-order mark, lines ended as anywhere. The order of the lines changes
nothing: a table and a folder of the same pictures (zoo/data/own/picture_folder.py) are the same
set. A line that cannot be used is named. Proof: tests/data/own/test_picture_table.py.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo.data.image.pictures import Pictures, Splits
from zoo.data.image.preprocess import PictureFrontEnd
from zoo.data.own.picture_folder import ALSO_DEV, read_all, with_held_out
from zoo.errors import BadFile, BadInput, Missing

HEADERS = (["file", "label"], ["file", "label", "split"])
SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Row:
    """One picture of the table."""

    path: Path
    label: str
    split: str  # "train" where the table has no such column
    line: int


def read_table(path: Path) -> list[Row]:
    """The rows of a table to train on, by label and then by path.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows``; BadInput if there are fewer than two classes,
            or one that no training picture has.
    """
    rows = read_rows(path)
    classes = {row.label for row in rows if row.split == "train"}
    for row in rows:
        if row.label not in classes:
            raise BadInput(f"{path} line {row.line}: no training picture has label {row.label!r}")
    if len(classes) < 2:
        found = f"one class only, {classes.pop()!r}" if classes else "no pictures to train with"
        raise BadInput(f"{path} has {found}; expected two classes or more")
    return sorted(rows, key=lambda row: (row.label, row.path))


def read_rows(path: Path) -> list[Row]:
    """The rows of a table as they come.

    Raises:
        Missing: if there is no such file, or no picture that a line names.
        BadFile: if it is not UTF-8, or no CSV.
        BadInput: if a line cannot be used.
    """
    rows: list[Row] = []
    lines: dict[Path, int] = {}  # of each picture
    for line, cells in _cells(path):
        row = _row(path, line, cells)
        place = row.path.resolve()
        if place in lines:
            raise BadInput(f"{path} line {line}: {cells[0]} is in line {lines[place]} already")
        lines[place] = line
        rows.append(row)
    return rows


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not empty, after the header."""
    if not path.is_file():
        raise Missing(f"no file {path}; expected a CSV with the header file,label")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 text; save it as a CSV in UTF-8") from error
    except (csv.Error, OSError) as error:
        raise BadFile(f"{path} line {reader.line_num} is not CSV: {error}") from error
    lines = [(line, cells) for line, cells in lines if any(cells)]
    header = lines[0][1] if lines else []
    if [name.lower() for name in header] not in HEADERS:
        got = repr(",".join(header)[:60])
        raise BadInput(f"{path}: expected the header file,label or file,label,split, got {got}")
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise BadInput(f"{path} line {line}: {len(cells)} cells, expected {len(header)}")
    return lines[1:]


def _row(path: Path, line: int, cells: list[str]) -> Row:
    file, label, split = (*cells, "train")[:3]
    for name, value in (("file", file), ("label", label)):
        if not value:
            raise BadInput(f"{path} line {line}: the {name} is empty")
    split = "dev" if split in ALSO_DEV else split
    if split not in SPLITS:
        raise BadInput(f"{path} line {line}: split must be train, dev or test, got {split!r}")
    picture = path.parent / file
    if not picture.is_file():
        raise Missing(f"{path} line {line}: no picture at {picture}")
    return Row(picture, label, split, line)


def picture_table(path: str | Path, front_end: PictureFrontEnd, seed: int = 0) -> Splits:
    """Read a table's pictures through ``front_end``, into memory.

    Without lines for ``test`` or ``dev``, pictures are set aside as ``picture_folder`` does.

    Raises:
        Missing, BadFile, BadInput: as ``read_table``; BadFile if a picture cannot be read.
    """
    path = Path(path)
    rows = read_table(path)
    classes = tuple(sorted({row.label for row in rows}))
    mine = {split: [row for row in rows if row.split == split] for split in SPLITS}
    parts = {k: read_pictures(path, v, front_end, classes) for k, v in mine.items() if v}
    parts = with_held_out(parts, seed)
    return Splits(path.stem, "the user's own", front_end=front_end, **parts)


def read_pictures(
    path: Path, rows: list[Row], front_end: PictureFrontEnd, classes: tuple[str, ...]
) -> Pictures:
    """The pictures of some rows of the table at ``path``, in their order.

    Raises:
        BadInput: for a label that is not among ``classes``.
        BadFile: if a picture cannot be read.
    """
    for row in rows:
        if row.label not in classes:
            known = ", ".join(classes[:6]) + (", ..." if len(classes) > 6 else "")
            raise BadInput(f"{path} line {row.line}: label {row.label!r}; expected {known}")
    pixels = read_all([row.path for row in rows], front_end, path.name)
    return Pictures(pixels, torch.tensor([classes.index(row.label) for row in rows]), classes)
