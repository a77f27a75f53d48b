"""Do the cosines of word vectors rank pairs of words as people do? Spearman's rho.

Spearman 1904: Pearson's correlation of the ranks; equal values share the mean of their ranks.
Used with WordSim-353 (Finkelstein et al. 2002) as in gensim: upper and lower case are the same, the
first spelling counts, pairs with a missing word are skipped.
Proof: tests/metrics/test_similarity.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo.errors import BadInput

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """With people's ratings."""

    spearman: float  # from -1 to 1; NaN where fewer than two pairs differ
    pairs: int  # that were compared
    skipped: int  # for a word that is missing

    def __str__(self) -> str:
        return f"Spearman {self.spearman:.3f} of {self.pairs} pairs, {self.skipped} skipped"


def ranks(values: ArrayLike) -> Floats:
    """Ranks from 1 (n,), equal values the mean of theirs.

    >>> ranks([20, 10, 20, 30]).tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    _, place, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = counts.cumsum()
    means: Floats = last - (counts - 1) / 2
    return means[place]


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Spearman's rho of two lists of n numbers; NaN where one is all the same.

    Raises:
        BadInput: if their lengths differ, or one has a NaN.
    """
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != two.shape or one.ndim != 1:
        raise BadInput(f"expected two lists of the same length, got {one.shape} and {two.shape}")
    if np.isnan(one).any() or np.isnan(two).any():
        raise BadInput("NaN has no rank")
    if len(one) < 2:
        return float("nan")
    a, b = ranks(one), ranks(two)
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale else float("nan")


def similarity_score(
    words: Sequence[str],
    unit: NDArray[Any],
    pairs: Sequence[tuple[str, str, float]],
    *,
    most: int | None = None,
    ignore_case: bool = True,
) -> Agreement:
    """Compare cosines with ratings.

    Args:
        words: V of them, frequent ones first.
        unit: their vectors (V, D) at length 1.
        pairs: word, word, rating.
        most: how many of the words take part; None is all.
    """
    change = str.upper if ignore_case else str
    index: dict[str, int] = {}
    for row, word in enumerate(words[:most]):
        index.setdefault(change(word), row)
    rows = [(index.get(change(a)), index.get(change(b)), rating) for a, b, rating in pairs]
    known = [(a, b, rating) for a, b, rating in rows if a is not None and b is not None]
    cosines = [float(unit[a] @ unit[b]) for a, b, _ in known]
    rho = spearman(cosines, [rating for _, _, rating in known])
    return Agreement(rho, len(known), len(pairs) - len(known))
