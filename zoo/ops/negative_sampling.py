"""Sampling for word2vec: the noise of negative sampling, and the subsampling of frequent words.

Mikolov et al. 2013, arXiv:1310.4546, sec. 2.2 and 2.3; Walker's alias method (1977), with which a
draw costs one random number whatever the number of words.
Deviations: the words to keep are those of the published program, sqrt(t/f) + t/f, not the paper's
sqrt(t/f).
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


def keep_chance(counts: Array, sample: float) -> Array:
    """(V,) probability that subsampling keeps a word of the text; 1 if ``sample`` is 0.

    Args:
        sample: t, the frequency from which words are subsampled, such as 1e-3.

    >>> keep_chance(np.array([1, 99]), 0.001).round(4).tolist()
    [0.4162, 0.0328]
    """
    if not sample:
        return np.ones(len(counts))
    x = counts / (sample * counts.sum())
    return np.asarray(np.minimum((np.sqrt(x) + 1) / x, 1.0))
