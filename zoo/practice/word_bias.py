"""How much of a direction such as gender word vectors hold: four measures.

Papers: direct bias, Bolukbasi et al. 2016, arXiv:1607.06520, sec. 5.2; WEAT, Caliskan, Bryson and
Narayanan 2017, Science 356:183; clustering, Gonen and Goldberg 2019, arXiv:1903.03862, sec. 4.
Notes: course 5, week 2, "Debiasing word embeddings".
Deviations: WEAT's p-value counts partitions that reach the observed value (paper: exceed it), so
that it is never 0; the standard deviation of its effect size divides by n, which keeps the size
within -2 and 2. Proof: tests/practice/test_word_bias.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import BadInput
from zoo.practice.word_debias import Floats, unit

EXACT = 20_000  # partitions that are all tried; of more, so many are drawn


def direct_bias(vectors: ArrayLike, along: Floats, c: float = 1.0) -> float:
    """Mean of |cos(w, g)|^c of words (N, D) that ought to be neutral; c = 0 counts any part.

    Raises:
        BadInput: without words.
    """
    rows = unit(vectors)
    if not len(rows):
        raise BadInput("direct bias needs at least one word that is known")
    return float((np.abs(rows @ unit(along)) ** c).mean())


@dataclass(frozen=True)
class Weat:
    """Word embedding association test: are targets X nearer to attributes A, Y nearer to B?"""

    effect: float  # from -2 to 2
    p: float  # one-sided: of equal partitions of X and Y that reach the observed difference


def weat(x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike, *, seed: int = 0) -> Weat:
    """The test for targets ``x`` and ``y`` (n, D) and attributes ``a`` and ``b`` (m, D).

    All partitions are tried if there are at most 20,000; else so many are drawn.

    Raises:
        BadInput: if x and y have different sizes, or fewer than two words.
    """
    one, two = unit(x), unit(y)
    if len(one) != len(two) or len(one) < 2 or not len(unit(a)) or not len(unit(b)):
        raise BadInput(f"WEAT needs two sets of equally many words, got {len(one)} and {len(two)}")
    both = np.concatenate([one, two])
    tied = (both @ unit(a).T).mean(1) - (both @ unit(b).T).mean(1)  # s(w, A, B)
    n = len(one)
    spread = tied.std()
    effect = (tied[:n].mean() - tied[n:].mean()) / spread if spread else 0.0
    chosen = _partitions(n, seed)
    sums = tied[chosen].sum(1)  # of X; that of Y follows
    reach = int((sums >= tied[:n].sum() - 1e-12).sum())
    drawn = comb(2 * n, n) > EXACT
    return Weat(float(effect), (reach + drawn) / (len(chosen) + drawn))


def _partitions(n: int, seed: int) -> Any:
    """Rows (P, n) of the 2 n that take the place of X."""
    if comb(2 * n, n) <= EXACT:
        return np.array(list(combinations(range(2 * n), n)))
    draw = np.random.default_rng(seed)
    return draw.permuted(np.tile(np.arange(2 * n), (EXACT, 1)), axis=1)[:, :n]


def clustering(part: ArrayLike, vectors: ArrayLike, most: int = 500, seed: int = 0) -> float:
    """How well two clusters tell the words that leaned one way from those that leaned the other.

    0.5 is chance. Near 1 after debiasing says that the bias is still there, in what the words have
    in common besides the direction.

    Args:
        part: (N,) of each word along the direction, before.
        vectors: (N, D) of the words, after.
        most: words of each side, those that leaned most.

    Raises:
        BadInput: with fewer than four words.
    """
    from sklearn.cluster import KMeans

    lean, rows = np.asarray(part, np.float64), unit(vectors)
    count = min(most, len(lean) // 2)
    if count < 2 or len(lean) != len(rows):
        raise BadInput(f"clustering needs 4 words or more, got {len(lean)}")
    order = np.argsort(lean, kind="stable")
    chosen = np.concatenate([order[:count], order[-count:]])
    found = KMeans(2, n_init=10, random_state=seed).fit_predict(rows[chosen])
    hits = float((found == np.repeat([0, 1], count)).mean())
    return max(hits, 1 - hits)


def extremes(
    words: Sequence[str], vectors: ArrayLike, along: Floats, n: int = 8
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """The ``n`` words furthest along the direction, and furthest against it, with their cosines."""
    cosines = unit(vectors) @ unit(along)
    order = np.argsort(cosines, kind="stable")

    def named(rows: Any) -> list[tuple[str, float]]:
        return [(words[i], float(cosines[i])) for i in rows]

    return named(order[::-1][:n]), named(order[:n])
