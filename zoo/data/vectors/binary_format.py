"""Word vectors in word2vec's binary files: a header, then a word, a space and D float32 each.

Between the rows stands an end of line, or (debiaswe) nothing.
Source: tmikolov/word2vec, word2vec.c and distance.c. Proof: tests/data/vectors/test_files.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from zoo.data.vectors.rows import Found, Rows
from zoo.errors import BadFile

Matrix = NDArray[np.float32]
BLOCK = 1 << 18  # bytes read at once
LONGEST = 1 << 16  # bytes of a word: a file with more is not one of word vectors


def read(
    path: Path, file: IO[bytes], block: bytes, sizes: tuple[int, int], limit: int | None = None
) -> Found:
    """Words and vectors of the rows of ``block`` and then of ``file``.

    Args:
        sizes: (V, D) of the header.
        limit: read so many rows.

    Raises:
        BadFile: for a row that is cut off, or a number that is not finite.
    """
    rows = Rows(path, sizes[1], sizes[0], limit)
    more = block
    while more and not rows.full:
        names, matrix, used = _complete_rows(path, block, sizes, rows)
        rows.add(names, matrix)
        more = file.read(max(BLOCK, 4 * sizes[1]))
        block = block[used:] + more
    if not rows.full and block.strip(b"\n"):
        if rows.read >= sizes[0]:
            raise BadFile(f"{path} holds more than the {sizes[0]} words of {sizes[1]} its header "
                          "says, and what follows is no row")  # fmt: skip
        raise BadFile(
            f"{path} is cut off: its header says {sizes[0]} words, it holds {rows.read} and a part"
        )
    return rows.found()


def _complete_rows(
    path: Path, block: bytes, sizes: tuple[int, int], rows: Rows
) -> tuple[list[bytes], Matrix, int]:
    """The complete rows at the start of ``block``, and where they end."""
    words: list[bytes] = []
    places: list[int] = []
    at, size = 0, 4 * sizes[1]
    while rows.read + len(words) < rows.most:
        space = block.find(b" ", at, at + LONGEST)
        if space < 0 and len(block) - at >= LONGEST:
            raise BadFile(f"{path}: no word ends in {LONGEST} bytes; not a file of word vectors")
        if space < 0 or space + 1 + size > len(block):
            break
        words.append(block[at:space].lstrip(b"\n"))
        places.append(space + 1)
        at = space + 1 + size
    matrix = np.empty((len(words), sizes[1]), np.float32)
    for row, place in enumerate(places):
        matrix[row] = np.frombuffer(block, "<f4", sizes[1], place)
    return words, matrix, at


def pieces(words: list[str], matrix: Matrix) -> Iterator[bytes]:
    """Rows to write."""
    for word, row in zip(words, matrix, strict=True):
        yield b"%b %b\n" % (word.encode(), row.astype("<f4").tobytes())
