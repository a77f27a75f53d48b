"""Images in a CSV or TSV: a line for each (zoo/data/own/csv_table.py).

    file,label,split                 the split may be left out
    scans/a.jpg,daisy,train          files are looked for beside the table, or by their full path
    "scans/b, left.png",rose,test

The order of the lines changes nothing: a table and a folder of the same images
(zoo/data/own/image_folder.py) are the same set. Proof: tests/data/own/test_image_table.py.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from zoo.data.image.images import ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own import Needed
from zoo.data.own.csv_table import Columns, Row, Table, classes_of, read_table, stated_rows
from zoo.data.own.image_list import ImageList
from zoo.data.own.told import refuse_odd_names
from zoo.data.splits import SPLITS
from zoo.errors import BadInput, Missing
from zoo.streams import folder_of

FILES = Columns(
    ("file", "filename", "filepath", "path", "image", "imagepath", "imagefile", "imagename",
     "imgpath", "img", "imageid", "images", "files"),
    "images",
)  # fmt: skip


def image_table(
    path: str | Path, front_end: ImageFrontEnd, seed: int = 0, *, skip_bad: bool = False
) -> ImageSplits:
    """Read a table's images through ``front_end``, into memory.

    Raises:
        Missing, BadFile, BadInput: as ``list_table`` and ``ImageList.read``.
    """
    return list_table(Path(path), skip_bad=skip_bad).read(front_end, seed)


def list_table(path: Path, *, skip_bad: bool = False) -> ImageList:
    """The images of a table, by split, in the order of labels and then of paths.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``classes_of``.
    """
    table = read_rows(path, skip_bad=skip_bad)
    return _listed(table, table.rows, classes_of(path, table.rows, FILES.kind), skip_bad)


def list_table_of_identities(path: Path, *, skip_bad: bool = False) -> ImageList:
    """The images of a table whose splits have other labels each.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows``; BadInput for a label that no card may hold.
    """
    table = read_rows(path, skip_bad=skip_bad)
    labels = sorted({row.label for row in table.rows})
    refuse_odd_names(labels, "label")
    return _listed(table, table.rows, tuple(labels), skip_bad)


def list_table_to_measure(
    path: Path, classes: tuple[str, ...], needed: Needed, *, skip_bad: bool = False
) -> ImageList:
    """The images of a table that a network with these classes is to be measured on.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``stated_rows``.
    """
    table = read_rows(path, skip_bad=skip_bad)
    rows = stated_rows(table, classes, FILES.kind, needed)
    return _listed(table, [row for part in rows.values() for row in part], classes, skip_bad)


def read_rows(path: Path, *, skip_bad: bool = False) -> Table:
    """The rows of a table as they come.

    Raises:
        Missing, BadFile, BadInput: as ``read_table``; Missing if images are not there, BadInput
            if one is named twice.
    """
    return read_table(path, FILES, skip_bad=skip_bad, check=_checked(path))


def image_path(path: Path, row: Row) -> Path:
    """The file that a row of the table at ``path`` names; of Windows too."""
    plain = folder_of(path) / row.content
    other = folder_of(path) / row.content.replace("\\", "/")
    return other if "\\" in row.content and not plain.exists() else plain


def _checked(path: Path) -> Callable[[Row], None]:
    lines: dict[Path, int] = {}  # of each image

    def check(row: Row) -> None:
        file = image_path(path, row)
        if not file.is_file():
            raise Missing(f"line {row.line}: no image at {file}")
        first = lines.setdefault(file.resolve(), row.line)
        if first != row.line:
            raise BadInput(f"line {row.line}: {row.content} is in line {first} already")

    return check


def _listed(
    table: Table, rows: Sequence[Row], classes: tuple[str, ...], skip_bad: bool
) -> ImageList:
    in_order = sorted(rows, key=lambda row: (row.label, image_path(table.path, row)))
    by_split = {split: [row for row in in_order if row.split == split] for split in SPLITS}
    parts = {
        split: [(image_path(table.path, row), classes.index(row.label)) for row in some]
        for split, some in by_split.items()
        if some
    }
    name = table.path.stem
    return ImageList(name, classes, parts, table.divided, table.notices, skip_bad)
