"""Pictures in a CSV: a line for each (zoo/data/own/csv_table.py).

    file,label,split                 the third column may be left out
    scans/a.jpg,daisy,train          files are looked for beside the CSV, or by their full path
    "scans/b, left.png",rose,test

The order of the lines changes nothing: a table and a folder of the same pictures
(zoo/data/own/image_folder.py) are the same set. Proof: tests/data/own/test_image_table.py.
"""

from pathlib import Path

import torch

from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own import LICENCE, csv_table
from zoo.data.own.csv_table import Row, classes_of
from zoo.data.own.image_folder import read_all, with_held_out
from zoo.data.splits import SPLITS
from zoo.errors import BadInput, Missing


def read_table(path: Path) -> list[Row]:
    """The rows of a table to train on, by label and then by path.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``classes_of``.
    """
    rows = read_rows(path)
    classes_of(path, rows, "picture")
    return sorted(rows, key=lambda row: (row.label, image_path(path, row)))


def read_rows(path: Path) -> list[Row]:
    """The rows of a table as they come.

    Raises:
        Missing, BadFile, BadInput: as ``csv_table.read_rows``; Missing if a picture is not there,
            BadInput if it is named twice.
    """
    rows: list[Row] = []
    lines: dict[Path, int] = {}  # of each picture
    for row in csv_table.read_rows(path, "file"):
        file = image_path(path, row)
        if not file.is_file():
            raise Missing(f"{path} line {row.line}: no picture at {file}")
        first = lines.setdefault(file.resolve(), row.line)
        if first != row.line:
            raise BadInput(f"{path} line {row.line}: {row.content} is in line {first} already")
        rows.append(row)
    return rows


def image_path(path: Path, row: Row) -> Path:
    """The file that a row of the table at ``path`` names."""
    return path.parent / row.content


def image_table(
    path: str | Path,
    front_end: ImageFrontEnd,
    seed: int = 0,
    rows: list[Row] | None = None,
) -> ImageSplits:
    """Read a table's pictures through ``front_end``, into memory.

    Args:
        rows: what ``read_table`` gave, if it was called before.

    Without lines for ``test`` or ``dev``, pictures are set aside as ``image_folder`` does.

    Raises:
        Missing, BadFile, BadInput: as ``read_table``; BadFile if a picture cannot be read.
    """
    path = Path(path)
    rows = read_table(path) if rows is None else rows
    classes = tuple(sorted({row.label for row in rows}))
    by_split = {split: [row for row in rows if row.split == split] for split in SPLITS}
    parts = {k: read_images(path, v, front_end, classes) for k, v in by_split.items() if v}
    parts = with_held_out(parts, seed)
    return ImageSplits(path.stem, LICENCE, front_end=front_end, notices=(), **parts)


def read_images(
    path: Path, rows: list[Row], front_end: ImageFrontEnd, classes: tuple[str, ...]
) -> Images:
    """The pictures of some rows of the table at ``path``, in their order.

    Raises:
        BadFile: if a picture cannot be read.
    """
    pixels = read_all([image_path(path, row) for row in rows], front_end, path.name)
    return Images(pixels, torch.tensor([classes.index(row.label) for row in rows]), classes)
