"""How often words stand near each other: GloVe's matrix X, from a text of any length.

Paper: Pennington, Socher and Manning 2014, sec. 3 and 4.2 ("word pairs that are d words apart
contribute 1/d to the total count"). Notes: course 5, week 2, "GloVe word vectors".
Pairs are counted within a line only; unknown words must be removed before, so that distances are
counted without them.

The contributions 1/d are integers in units of 1/lcm(1..window): sums are exact, and neither the
order of the text nor the memory allowed changes a bit of the result. When the hash table has used
its memory, it is written out as a sorted run; at the end the runs are merged.
Deviations: the C program keeps a dense block for frequent words and sums in floating point.
Proof: tests/data/text/test_cooccurrence.py.
"""

import math
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.errors import BadInput, CannotWrite

Block = tuple[NDArray[np.int32], NDArray[np.int64]]  # tokens (T,), offsets of lines (S + 1,)
Run = NDArray[np.uint64]  # (2, n): mixed pairs, rising; their counts
WIDEST = 22  # lcm(1..22) leaves room for 79 thousand million neighbours of one pair
SMALLEST = 1 << 16  # slots of the first table
COMPILING = 5  # seconds, about


@dataclass(frozen=True)
class Cooccurrence:
    """The non-zero cells of the symmetric matrix X, one for each pair of words.

    Attributes:
        words: V; X is (V, V).
        rows, columns: (M,) int32 with rows <= columns; a pair stands for the cells (i, j) and
            (j, i), which are one cell where i = j. The order looks random and is deterministic.
        counts: (M,) float64, X_ij > 0.
    """

    words: int
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    counts: NDArray[np.float64]

    def __len__(self) -> int:
        """How many pairs, M."""
        return len(self.counts)

    @property
    def cells(self) -> int:
        """How many cells of X are not zero."""
        return 2 * len(self) - int((self.rows == self.columns).sum())

    def dense(self) -> NDArray[np.float64]:
        """X itself (V, V), where it is small."""
        x = np.zeros((self.words, self.words))
        x[self.rows, self.columns] = self.counts
        x[self.columns, self.rows] = self.counts
        return x


def cooccurrence(
    blocks: Iterable[Block],
    words: int,
    *,
    window: int = 10,
    memory: int = 1 << 30,
    folder: Path | None = None,
) -> Cooccurrence:
    """Count the pairs at most ``window`` words apart, each as 1/distance, in both directions.

    Args:
        blocks: the text as token ids 0..V-1, in pieces; no pair crosses the end of a line.
        words: V.
        window: 10 in the paper, 15 in the C program.
        memory: bytes for the hash table; what does not fit goes to ``folder`` until the end.
        folder: for temporary files that are removed; default: the system's temporary one.

    Raises:
        BadInput: for a window below 1 or above 22, or memory for fewer than 65,536 slots (1 MiB).
        CannotWrite: if the folder has no room.

    >>> tokens, lines = np.array([0, 1, 2], np.int32), np.array([0, 3])
    >>> cooccurrence([(tokens, lines)], 3).dense()
    array([[0. , 1. , 0.5],
           [1. , 0. , 1. ],
           [0.5, 1. , 0. ]])
    """
    if not 1 <= window <= WIDEST:
        raise BadInput(f"window must be from 1 to {WIDEST} words, got {window}")
    if memory < 16 * SMALLEST:
        raise BadInput(f"memory must be at least {16 * SMALLEST} bytes, got {memory}")
    unit = math.lcm(*range(1, window + 1))
    parts = np.array([0, *(unit // d for d in range(1, window + 1))], np.uint64)
    try:
        return _merged(list(_runs(blocks, parts, memory, folder)), words, unit, memory, folder)
    except OSError as error:
        where = folder or tempfile.gettempdir()
        raise CannotWrite(
            f"{where}: {error.strerror or error}; counting needs room there, or more memory"
        ) from error


def _runs(
    blocks: Iterable[Block], parts: NDArray[np.uint64], memory: int, folder: Path | None
) -> Iterator[Run]:
    """Sorted runs; all but the last on disk."""
    from zoo.ops.compiled import first_call
    from zoo.ops.cooccurrence_kernels import count_pairs, rehash, taken

    table, used = np.zeros((SMALLEST, 2), np.uint64), 0
    shift = 65 - SMALLEST.bit_length()

    def nothing() -> None:
        count_pairs(np.zeros(0, np.int32), np.zeros(1, np.int64), 0, parts, table, shift, 0)
        rehash(table, table, shift)
        taken(table, shift, 0)

    first_call("the counting of word pairs", COMPILING, "int32", nothing)
    for tokens, offsets in blocks:
        at = int(offsets[0])
        while at < offsets[-1]:
            at, used = count_pairs(tokens, offsets, at, parts, table, shift, used)
            if at == offsets[-1]:
                break
            if 2 * table.nbytes <= memory:
                old, shift = table, shift - 1
                table = np.zeros((2 * len(old), 2), np.uint64)
                rehash(old, table, shift)
            else:
                yield _on_disk(taken(table, shift, used), folder)
                table[:], used = 0, 0
    yield taken(table, shift, used)


def _merged(
    runs: list[Run], words: int, unit: int, memory: int, folder: Path | None
) -> Cooccurrence:
    """All runs as one, piece by piece of the range of mixed pairs."""
    from zoo.ops.cooccurrence_kernels import unmixed

    total = sum(run.shape[1] for run in runs)
    empty = np.empty if len(runs) == 1 else partial(_file, folder)
    rows, columns, counts = empty(total, np.int32), empty(total, np.int32), empty(total, np.float64)
    n = 0
    for keys, sums in _pieces(runs, memory // 64):
        pairs = unmixed(keys)
        there = slice(n, n + len(keys))
        rows[there] = pairs >> np.uint64(32)
        columns[there] = pairs & np.uint64(0xFFFFFFFF)
        counts[there] = sums / unit
        n = there.stop
    return Cooccurrence(words, rows[:n], columns[:n], counts[:n])


def _pieces(runs: list[Run], most: int) -> Iterator[Run]:
    """The sum of the runs, in order, about ``most`` pairs at a time."""
    cuts = -(-sum(run.shape[1] for run in runs) // most)
    edges = np.array([(k << 64) // cuts for k in range(1, cuts)], np.uint64)  # spread evenly
    ends = [[0, *run[0].searchsorted(edges), run.shape[1]] for run in runs]
    for k in range(cuts):
        parts = [run[:, end[k] : end[k + 1]] for run, end in zip(runs, ends, strict=True)]
        piece = np.concatenate(parts, axis=1)
        if len(runs) > 1 and piece.size:
            piece = piece[:, piece[0].argsort(kind="stable")]
            first = np.flatnonzero(np.diff(piece[0], prepend=~piece[0, :1]))
            piece = np.stack([piece[0, first], np.add.reduceat(piece[1], first)])
        yield piece


def _file(folder: Path | None, size: int, kind: Any) -> NDArray[Any]:
    """An empty array in an unnamed temporary file, which is freed with the array."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.truncate(max(1, size) * np.dtype(kind).itemsize)
        return np.memmap(file, kind, "r+", shape=(max(1, size),))[:size]


def _on_disk(run: Run, folder: Path | None) -> Run:
    there = _file(folder, run.size, np.uint64).reshape(run.shape)
    there[:] = run
    return there
