"""Four measures of the bias of word vectors along a direction such as gender.

Papers: direct bias, Bolukbasi et al. 2016, arXiv:1607.06520, sec. 5.2; WEAT, Caliskan, Bryson and
Narayanan 2017, Science 356:183; clustering, Gonen and Goldberg 2019, arXiv:1903.03862, sec. 4.
Notes: course 5, week 2, "Debiasing word embeddings".
Deviations: WEAT's p-value counts partitions that reach the observed value (paper: exceed it), so it
is never 0; the standard deviation of its effect size divides by n, so the size is within [-2, 2].
Proof: tests/practice/test_word_bias.py.
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

EXACT = 20_000  # largest number of partitions that are enumerated; of more, this many are sampled


def direct_bias(vectors: ArrayLike, direction: Floats, c: float = 1.0) -> float:
    """Mean of |cos(w, g)|^c over words (N, D) that should be neutral; strictness c >= 0.

    Raises:
        BadInput: if there are no words.
    """
    rows = unit(vectors)
    if not len(rows):
        raise BadInput("direct bias needs at least one word that is known")
    return float((np.abs(rows @ unit(direction)) ** c).mean())


@dataclass(frozen=True)
class Weat:
    """Word embedding association test: are targets X nearer to attributes A, Y nearer to B?"""

    effect: float  # from -2 to 2
    p: float  # one-sided: fraction of equal partitions that reach the observed difference


def weat(x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike, *, seed: int = 0) -> Weat:
    """The test for targets ``x`` and ``y`` (n, D) and attributes ``a`` and ``b`` (m, D).

    All partitions are enumerated if there are at most 20,000; else that many are sampled.

    Raises:
        BadInput: if x and y have different sizes, or fewer than two words.
    """
    one, two = unit(x), unit(y)
    if len(one) != len(two) or len(one) < 2 or not len(unit(a)) or not len(unit(b)):
        raise BadInput(f"WEAT needs two sets of equally many words, got {len(one)} and {len(two)}")
    both = np.concatenate([one, two])
    association = (both @ unit(a).T).mean(1) - (both @ unit(b).T).mean(1)  # s(w, A, B)
    n = len(one)
    std = association.std()
    effect = (association[:n].mean() - association[n:].mean()) / std if std else 0.0
    partitions = _partitions(n, seed)
    sums = association[partitions].sum(1)  # of X; that of Y follows
    reached = int((sums >= association[:n].sum() - 1e-12).sum())
    sampled = comb(2 * n, n) > EXACT
    return Weat(float(effect), (reached + sampled) / (len(partitions) + sampled))


def _partitions(n: int, seed: int) -> Any:
    """Partitions (P, n): indices among 2 n words that form the set X."""
    if comb(2 * n, n) <= EXACT:
        return np.array(list(combinations(range(2 * n), n)))
    draw = np.random.default_rng(seed)
    return draw.permuted(np.tile(np.arange(2 * n), (EXACT, 1)), axis=1)[:, :n]


def clustering(part: ArrayLike, vectors: ArrayLike, most: int = 500, seed: int = 0) -> float:
    """Accuracy with which two clusters separate words that were biased in opposite directions.

    Chance is 0.5. An accuracy near 1 after debiasing means that the bias remains in what the words
    have in common besides the direction.

    Args:
        part: (N,) component of each word along the direction, before debiasing.
        vectors: (N, D) of the words, after debiasing.
        most: number of words on each side, the most biased ones.

    Raises:
        BadInput: for fewer than four words.
    """
    from sklearn.cluster import KMeans

    components, rows = np.asarray(part, np.float64), unit(vectors)
    count = min(most, len(components) // 2)
    if count < 2 or len(components) != len(rows):
        raise BadInput(f"clustering needs 4 words or more, got {len(components)}")
    order = np.argsort(components, kind="stable")
    extreme = np.concatenate([order[:count], order[-count:]])
    clusters = KMeans(2, n_init=10, random_state=seed).fit_predict(rows[extreme])
    accuracy = float((clusters == np.repeat([0, 1], count)).mean())
    return max(accuracy, 1 - accuracy)


def extremes(
    words: Sequence[str], vectors: ArrayLike, direction: Floats, n: int = 8
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """The ``n`` words with the highest and with the lowest cosine to the direction."""
    cosines = unit(vectors) @ unit(direction)
    order = np.argsort(cosines, kind="stable")

    def with_cosines(rows: Any) -> list[tuple[str, float]]:
        return [(words[i], float(cosines[i])) for i in rows]

    return with_cosines(order[::-1][:n]), with_cosines(order[:n])
