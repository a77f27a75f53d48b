"""Subsampling of frequent words for word2vec.

Mikolov et al. 2013, arXiv:1310.4546, sec. 2.3. Applied in zoo/ops/word2vec_windows.py.
Deviations: the probability is that of the published program, sqrt(t/f) + t/f, not the paper's
sqrt(t/f).
Proof: tests/ops/test_subsampling.py.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


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
