"""Frequent words are kept as often as the published program keeps them."""

import numpy as np

from zoo.ops.subsampling import keep_chance

COUNTS = np.array([5000, 900, 900, 77, 20, 5, 5, 1])


def test_words_are_kept_as_the_program_keeps_them():
    kept = keep_chance(COUNTS, 1e-2)
    f = COUNTS / COUNTS.sum()
    assert np.allclose(kept, np.minimum(1, np.sqrt(1e-2 / f) + 1e-2 / f))
    assert (keep_chance(COUNTS, 0) == 1).all()
