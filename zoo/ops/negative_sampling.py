"""Negative sampling for word2vec: the noise distribution, and how words are drawn from it.

Mikolov et al. 2013, arXiv:1310.4546, sec. 2.2; Walker's alias method (1977), with which a draw
costs one random number whatever the number of words.
Proof: tests/ops/test_negative_sampling.py.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
FULL = 2**32


def unigram(counts: Array, power: float = 0.75) -> Array:
    """P(w) of the noise, (V,): proportional to count^0.75.

    >>> unigram(np.array([3, 1])).round(5).tolist()
    [0.69508, 0.30492]
    """
    weight = counts.astype(np.float64) ** power
    return np.asarray(weight / weight.sum())


def alias_table(p: Array) -> tuple[Array, Array]:
    """(limit, other): of a column w, drawn evenly, w has the probability limit[w]/2^32.

    Otherwise the draw is other[w].

    Args:
        p: (V,) probabilities.

    Returns:
        uint64 (V,) limits in 0..2^32 and int32 (V,) words.
    """
    chance, other = p * len(p), np.arange(len(p), dtype=np.int32)
    small = [int(w) for w in np.flatnonzero(chance < 1)]
    large = [int(w) for w in np.flatnonzero(chance >= 1)]
    limit = np.ones(len(p))
    while small and large:
        low, high = small.pop(), large.pop()
        limit[low], other[low] = chance[low], high
        chance[high] -= 1 - chance[low]  # what fills low's column up comes from high
        (small if chance[high] < 1 else large).append(high)
    return np.minimum(np.rint(limit * FULL), FULL).astype(np.uint64), other
