"""The rows of a matrix of word vectors that are nearest to a direction, without a second matrix.

Only the rows' lengths are kept: a matrix that is mapped from a file stays there. Proof:
tests/data/vectors/test_vectors.py.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.errors import BadFile, BadInput

Matrix = NDArray[np.float32]
Query = str | NDArray[Any] | Sequence[float]  # a word or a vector
Queries = Query | Sequence[Query | tuple[Query, float]] | None
BLOCK = 1 << 20  # numbers looked at at once


def lengths(matrix: Matrix) -> Matrix:
    """The Euclidean length of each row (V,); 1 for a row of zeros.

    Raises:
        BadFile: if a number is NaN or infinite, which nobody has looked for in a mapped file.
    """
    norms = np.empty(len(matrix), np.float32)
    for rows in blocks(matrix):
        part = matrix[rows].astype(np.float64)
        norms[rows] = np.sqrt(np.einsum("vd,vd->v", part, part))
    if not np.isfinite(norms).all():
        raise BadFile("the vectors hold NaN, infinity, or numbers too large to compare")
    norms[norms == 0] = 1
    return norms


def blocks(matrix: Matrix) -> list[slice]:
    """The rows in pieces of about BLOCK numbers."""
    step = max(1, BLOCK // max(1, matrix.shape[1]))
    return [slice(at, at + step) for at in range(0, len(matrix), step)]


def unit(vector: NDArray[Any]) -> Matrix:
    """A vector at length 1; zeros stay zeros."""
    return np.asarray(vector / (np.linalg.norm(vector) or 1), np.float32)


def need_count(name: str, value: Any) -> None:
    """Raise BadInput for what is no whole number of at least 1."""
    if not isinstance(value, int | np.integer):
        raise BadInput(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise BadInput(f"{name} must be at least 1, got {value}")


def nearest_rows(
    matrix: Matrix, norms: Matrix, vector: Matrix, n: int, without: Sequence[int] = ()
) -> list[tuple[int, float]]:
    """The ``n`` rows with the largest cosine to ``vector`` (D,), but for some rows.

    Raises:
        BadInput: for a vector of another length, or n below 1.
    """
    if vector.shape != matrix.shape[1:]:
        raise BadInput(f"expected a vector ({matrix.shape[1]},), got {vector.shape}")
    need_count("n", n)
    return _largest(matrix @ unit(vector) / norms, n, without)


def nearest_rows_of_each(
    matrix: Matrix, norms: Matrix, vectors: Matrix, n: int, without: Sequence[Sequence[int]]
) -> list[list[tuple[int, float]]]:
    """``nearest_rows`` of each of several directions (Q, D), by products of matrices.

    Raises:
        BadInput: for vectors of another length, or n below 1.
    """
    if len(vectors) == 1:
        return [nearest_rows(matrix, norms, vectors[0], n, without[0])]
    need_count("n", n)
    if vectors.shape[1:] != matrix.shape[1:]:
        raise BadInput(f"expected vectors (Q, {matrix.shape[1]}), got {vectors.shape}")
    units = np.stack([unit(vector) for vector in vectors])
    step, found = max(1, BLOCK // max(1, len(matrix))), []
    for at in range(0, len(units), step):
        cosines = units[at : at + step] @ matrix.T / norms
        rows = zip(cosines, without[at : at + step], strict=True)
        found += [_largest(row, n, left_out) for row, left_out in rows]
    return found


def _largest(cosines: NDArray[Any], n: int, without: Sequence[int]) -> list[tuple[int, float]]:
    """The rows of the ``n`` largest of cosines (V,), which are changed, but for some rows."""
    left_out = [row for row in {*without} if row < len(cosines)]
    cosines[left_out] = -np.inf
    n = min(n, len(cosines) - len(left_out))
    best = np.argpartition(-cosines, n - 1)[:n] if n else np.empty(0, int)
    best = best[np.lexsort((best, -cosines[best]))]  # equals in the order of the rows
    return [(int(row), float(cosines[row])) for row in best]


def weighted(given: Any) -> list[tuple[Query, float]]:
    """Words and vectors with their weights: of one, of a list, of pairs with a weight.

    Raises:
        BadInput: for what is none of them, such as a number.

    >>> weighted("king"), weighted(["king", ("man", 0.5)])
    ([('king', 1.0)], [('king', 1.0), ('man', 0.5)])
    """
    if isinstance(given, str):
        return [(given, 1.0)]
    try:
        found = [] if given is None else list(given)
    except TypeError as error:
        expected = "a word, a vector or a list of them"
        raise BadInput(f"expected {expected}, got {given!r}; topn=N says how many") from error
    if found and _is_number(found[0]):
        return [(given, 1.0)]
    return [_with_weight(one) for one in found]


def _with_weight(one: Any) -> tuple[Query, float]:
    if isinstance(one, tuple) and len(one) == 2 and _is_number(one[1]) and not _is_number(one[0]):
        return one[0], float(one[1])
    return one, 1.0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number)
