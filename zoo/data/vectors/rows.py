"""Words and vectors as a reader finds them, in one matrix that grows where it lies.

The matrix is never copied as a whole: reading needs the memory of the vectors and one block of the
file. Proof: tests/data/vectors/test_files.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.errors import BadFile

Matrix = NDArray[np.float32]
AHEAD = 1 << 16  # numbers by which the matrix grows


@dataclass(frozen=True)
class Found:
    """What a file holds."""

    words: Sequence[str]
    matrix: Matrix  # (V, D)
    counts: NDArray[Any] | None = None  # (V,) of the text, where the file says them
    notices: tuple[str, ...] = ()  # what the file does not say right


class Rows:
    """The rows of a file so far; of a word that occurs twice the first is kept."""

    def __init__(self, path: Path, dim: int, announced: int | None, limit: int | None) -> None:
        """None so far.

        Args:
            announced: how many the header says.
            limit: read so many of the file.
        """
        self.path, self.dim, self.announced = path, dim, announced
        self.most = limit if limit is not None else 1 << 62
        self.read = 0  # rows of the file
        self._words: dict[str, None] = {}
        self._odd: list[str] = []  # words that are not UTF-8
        self._matrix: Matrix = np.empty((0, dim), np.float32)

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self.read >= self.most

    def add(self, words: list[bytes], matrix: Matrix) -> None:
        """The next rows.

        Raises:
            BadFile: for a number that is not finite.
        """
        words, matrix = words[: self.most - self.read], matrix[: self.most - self.read]
        bad = ~np.isfinite(matrix).all(1)
        if bad.any():
            row = int(bad.argmax())
            word, line = decode(words[row]), self.read + row + 1
            raise BadFile(f"{self.path}: the vector of {word!r}, row {line:,}, is not finite")
        self.read += len(words)
        before = len(self._words)
        kept = []
        for row, word in enumerate(map(self._decoded, words)):
            if word not in self._words:
                self._words[word] = None
                kept.append(row)
        if len(self._words) > len(self._matrix):
            ahead = max(len(self._words) - len(self._matrix), AHEAD // self.dim)
            self._matrix.resize((len(self._matrix) + ahead, self.dim), refcheck=False)
        self._matrix[before : len(self._words)] = (
            matrix if len(kept) == len(words) else matrix[kept]
        )

    def found(self) -> Found:
        """All of them; the rows are given away.

        Raises:
            BadFile: if there are none.
        """
        if not self._words:
            raise BadFile(f"{self.path} holds no vectors")
        notices = []
        if self.announced is not None and self.read != min(self.announced, self.most):
            end = "" if self.read > self.announced else "; is it cut off?"
            notices.append(
                f"{self.path.name}: the header says {self.announced:,} words, the file holds "
                f"{self.read:,}, which are read{end}"
            )
        if (twice := self.read - len(self._words)) > 0:
            notices.append(
                f"{self.path.name}: {twice:,} words stand twice; the first vector counts"
            )
        if self._odd:
            notices.append(
                f"{self.path.name}: {len(self._odd):,} words are not UTF-8 (the first is "
                f"{self._odd[0]}); their odd bytes are read as escapes"
            )
        self._matrix.resize((len(self._words), self.dim), refcheck=False)
        return Found(tuple(self._words), self._matrix, None, tuple(notices))

    def _decoded(self, word: bytes) -> str:
        try:
            return word.decode()
        except UnicodeDecodeError:
            self._odd.append(decode(word))
            return self._odd[-1]


def decode(word: bytes) -> str:
    """A word of a file."""
    return word.decode(errors="backslashreplace")
