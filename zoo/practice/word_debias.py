"""Removing a direction such as gender from word vectors.

Paper: Bolukbasi et al. 2016, arXiv:1607.06520, sec. 5 and 6, and the authors' debiaswe: the
direction is the first principal component of the centred pairs that define it; words that should be
neutral lose their component along it; the words of a pair become symmetric about its orthogonal
complement. Computed in float64. Notes: course 5, week 2, "Debiasing word embeddings".
This hides a bias rather than removing it: see ``clustering`` in zoo/practice/word_bias.py.
Deviations: the direction points from the second to the first words of the pairs (debiaswe: the sign
of the SVD); pairs are equalised in their order (debiaswe: in that of a Python set).
Proof: tests/practice/test_word_debias.py.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo.errors import BadInput

Floats = NDArray[np.float64]
Pairs = Sequence[tuple[str, str]]
LENGTH = 1e-3  # largest deviation of the length of a unit vector from 1


def unit(vectors: ArrayLike) -> Floats:
    """Vectors (..., D) normalised to length 1; zero vectors stay zero."""
    rows = np.asarray(vectors, np.float64)
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    norms[norms == 0] = 1
    return rows / norms


def bias_direction(pairs: ArrayLike) -> tuple[Floats, Floats]:
    """The first principal component of the differences within pairs.

    Args:
        pairs: (P, 2, D) vectors of words such as she, he; woman, man.

    Returns:
        The direction (D,) of length 1, towards the first words; and the fractions of the variance
        that it and the following components explain, which fall steeply if there is one direction.

    Raises:
        BadInput: for another shape, or pairs that do not differ.
    """
    rows = np.asarray(pairs, np.float64)
    if rows.ndim != 3 or rows.shape[1] != 2 or not rows.size:
        raise BadInput(f"expected pairs (P, 2, D), got {rows.shape}")
    centred = rows - rows.mean(1, keepdims=True)
    _, size, axes = np.linalg.svd(centred.reshape(-1, rows.shape[2]), full_matrices=False)
    if not size[0] > 0:
        raise BadInput("the pairs do not differ; they define no direction")
    first: Floats = -axes[0] if (centred[:, 0] @ axes[0]).sum() < 0 else axes[0]
    return first, size**2 / (size**2).sum()


def neutralise(vectors: ArrayLike, direction: Floats) -> Floats:
    """``vectors`` (..., D) without their component along a direction (D,) of any length."""
    rows = np.asarray(vectors, np.float64)
    return rows - (rows @ direction / (direction @ direction))[..., None] * direction


def equalise(first: ArrayLike, second: ArrayLike, direction: Floats) -> tuple[Floats, Floats]:
    """Two vectors (D,) of length 1, made to differ only in the sign of their bias component.

    Both have length 1 and the same product with every vector orthogonal to the direction (sec. 6,
    "Equalize"; debiaswe).

    Raises:
        BadInput: if the vectors are longer than 1.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    g = unit(direction)
    shared = neutralise((a + b) / 2, g)
    rest = float(1 - shared @ shared)
    if rest < -LENGTH:
        raise BadInput("equalise needs vectors of length 1")
    offset = np.sqrt(max(rest, 0)) * (1 if (a - b) @ g >= 0 else -1) * g
    return shared + offset, shared - offset


def equalise_as_taught(
    first: ArrayLike, second: ArrayLike, direction: Floats
) -> tuple[Floats, Floats]:
    """The formula of the course's exercise, which divides by |e - mu|, not by its bias component.

    The lengths are equal, and so are the products with neutral words. The lengths are 1 only if the
    two vectors differ in the direction alone, else shorter. Prefer ``equalise``.

    Raises:
        BadInput: for vectors whose length is not 1, which the formula assumes.
    """
    pair = np.stack([np.asarray(first, np.float64), np.asarray(second, np.float64)])
    if np.abs(np.linalg.norm(pair, axis=1) - 1).max() > LENGTH:
        raise BadInput("the course's formula is for vectors of length 1; divide them by theirs")
    mean = pair.mean(0)
    shared = neutralise(mean, direction)
    mean_part, parts = mean - shared, pair - neutralise(pair, direction)
    distance = np.linalg.norm(pair - mean, axis=1, keepdims=True)
    distance[distance == 0] = 1
    scale = np.sqrt(abs(1 - shared @ shared))
    a, b = scale * (parts - mean_part) / distance + shared
    return a, b


def hard_debias(
    index: dict[str, int],
    vectors: ArrayLike,
    direction: Floats,
    *,
    specific: Collection[str],
    equal: Pairs,
) -> Floats:
    """Debiaswe's debias.py: neutralise all words but ``specific``, then equalise pairs.

    Args:
        index: word -> row.
        vectors: (V, D); normalised to length 1 first.
        specific: words that may have a component along the direction: she, father, queen.
        equal: pairs that are to differ in the direction only; in lower, title and upper case.

    Returns:
        (V, D) of length 1.
    """
    rows = unit(vectors)
    specific_rows = [index[word] for word in specific if word in index]
    neutral = np.ones(len(rows), bool)
    neutral[specific_rows] = False
    rows[neutral] = unit(neutralise(rows[neutral], direction))
    for first, second in known_pairs(cases(equal), index):
        a, b = index[first], index[second]
        rows[a], rows[b] = equalise(rows[a], rows[b], direction)
    return unit(rows)


def cases(pairs: Pairs) -> list[tuple[str, str]]:
    """Pairs of words in lower, title and upper case, without duplicates."""
    forms = [(case(a), case(b)) for a, b in pairs for case in (str.lower, str.title, str.upper)]
    return list(dict.fromkeys(forms))


def known_pairs(pairs: Pairs, index: Collection[str]) -> list[tuple[str, str]]:
    """The pairs of two different words that are both known."""
    return [(a, b) for a, b in pairs if a in index and b in index and a != b]
