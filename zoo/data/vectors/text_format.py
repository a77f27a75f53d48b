"""Word vectors in text files: blocks of lines are parsed at once, an irregular line by itself.

A word ends at the first space. Where that does not leave D numbers, the vector is the last D
numbers of the line: some words of the published GloVe files contain spaces (". . ."). Deviations:
gensim refuses words with spaces. Proof: tests/data/vectors/test_files.py.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from zoo.data.vectors.rows import Found, Rows
from zoo.errors import BadFile

Matrix = NDArray[np.float32]
BLOCK = 1 << 18  # bytes read at once


def read(
    path: Path,
    file: IO[bytes],
    start: bytes,
    sizes: tuple[int, int] | None,
    limit: int | None = None,
) -> Found:
    """Words and vectors of the lines of ``start`` and then of ``file``.

    Args:
        start: bytes of the file that were read already, without a header.
        sizes: (V, D) of the header, if there is one.
        limit: read so many lines.

    Raises:
        BadFile: for a line without D finite numbers.
    """
    rows: Rows | None = None
    for lines in _blocks(file, start):
        if not lines:
            continue
        rows = rows or Rows(
            path,
            sizes[1] if sizes else _dimension(path, lines[0]),
            sizes[0] if sizes else None,
            limit,
        )
        lines = lines[: rows.most - rows.read]
        rows.add(*_rows(path, lines, (2 if sizes else 1) + rows.read, rows.dim))
        if rows.full:
            break
    if rows is None:
        raise BadFile(f"{path} holds no vectors")
    return rows.found()


def lines(words: list[str], matrix: Matrix) -> Iterator[bytes]:
    """Lines to write; 9 digits are enough to restore every float32 exactly."""
    form = " %.9g" * matrix.shape[1] + "\n"
    for word, row in zip(words, matrix, strict=True):
        yield (word + form % tuple(row.tolist())).encode()


def _blocks(file: IO[bytes], start: bytes) -> Iterator[list[bytes]]:
    """Complete lines, a block at a time, without empty lines at the end of the file."""
    rest = start
    tabs = b"\t" in start.partition(b"\n")[0]  # between the columns, of all lines
    while block := file.read(BLOCK):
        *complete, rest = _spaced(rest + block, tabs).split(b"\n")
        yield complete
    rest = _spaced(rest, tabs)
    complete = rest.rstrip().split(b"\n") if rest.strip() else []
    yield complete


def _spaced(block: bytes, tabs: bool) -> bytes:
    return block.replace(b"\t", b" ") if tabs else block


def _dimension(path: Path, line: bytes) -> int:
    """How many numbers end the first line of a file without a header."""
    parts = line.rstrip().split(b" ")
    dim = 0
    while dim < len(parts) - 1 and floats(parts[-1 - dim :][:1]) is not None:
        dim += 1
    if not dim:
        raise BadFile(f"{path} line 1: expected a word and its numbers, got {_shown(line)}")
    return dim


def floats(parts: list[bytes]) -> list[float] | None:
    """The numbers, or None if one of them cannot be parsed."""
    try:
        return [float(part) for part in parts]
    except ValueError:
        return None


def _rows(path: Path, lines: list[bytes], first: int, dim: int) -> tuple[list[bytes], Matrix]:
    """Words and vectors of some lines; lines that cannot be parsed at once are halved."""
    split = [line.rstrip().partition(b" ") for line in lines]
    matrix = _numbers([numbers for _, _, numbers in split], dim)
    if matrix is not None:
        bad = ~np.isfinite(matrix).all(1)
        if bad.any():
            line = first + int(bad.argmax())
            raise BadFile(f"{path} line {line}: a number is not finite")
        return [word for word, _, _ in split], matrix
    if len(lines) == 1:
        return _odd_row(path, lines[0], first, dim)
    middle = len(lines) // 2
    before, above = _rows(path, lines[:middle], first, dim)
    after, below = _rows(path, lines[middle:], first + middle, dim)
    return before + after, np.concatenate([above, below])


def _numbers(rows: list[bytes], dim: int) -> Matrix | None:
    """(N, D), or None if these are not N rows of D numbers."""
    if not all(rows):
        return None  # loadtxt would skip empty lines
    text = io.StringIO(b"\n".join(rows).decode("latin-1"))
    try:
        with np.errstate(over="ignore"):  # infinite values are reported above
            values = np.loadtxt(text, np.float64, comments=None, delimiter=" ", ndmin=2)
            return values.astype(np.float32) if values.shape == (len(rows), dim) else None
    except ValueError:
        return None


def _odd_row(path: Path, line: bytes, number: int, dim: int) -> tuple[list[bytes], Matrix]:
    """A line whose word contains spaces."""
    word, *parts = line.rstrip().rsplit(b" ", dim)
    values = floats(parts) if len(parts) == dim else None
    beyond = word.rpartition(b" ")  # another number before them does not belong to a word
    if values is None or (beyond[1] and floats([beyond[2]]) is not None):
        raise BadFile(
            f"{path} line {number}: expected a word and {dim} numbers, got {_shown(line)}"
        )
    with np.errstate(over="ignore"):
        matrix = np.array([values], np.float32)
    if not np.isfinite(matrix).all():
        raise BadFile(f"{path} line {number}: a number is not finite")
    return [word], matrix


def _shown(line: bytes) -> str:
    parts = line.rstrip().split(b" ")
    text = b" ".join(parts[:4]).decode(errors="backslashreplace")[:60]
    return f"{len(parts) - 1} after {text!r}" if len(parts) > 1 else repr(text)
