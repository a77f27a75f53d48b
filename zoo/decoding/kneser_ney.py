"""Interpolated modified Kneser-Ney: an n-gram language model learned from sentences.

Kneser & Ney 1995; Chen & Goodman 1999, "An empirical study of smoothing techniques for language
modeling", sec. 4.1.6 and eq. 26 (three discounts); Heafield et al. 2013 (KenLM's lmplz), whose
choices are taken where the paper leaves one. Notes: course 5, week 1, "Language model and sequence
generation".

    p(w | c) = (a(c w) - D(a(c w))) / S(c) + g(c) p(w | c')     S(c) = sum over w of a(c w)
    g(c)     = sum over w of D(a(c w)) / S(c)                   c' = c without its first word

a is the count in the highest order, and of n-grams that begin with <s>; otherwise the number of
different words that stand before the n-gram. D is one of three discounts for a = 1, 2 and more, of
each order from how many n-grams have a = 1, 2, 3, 4. Below the single words lies the uniform
distribution over all words, </s> and <unk>; <s> is never predicted.

Where an order has no n-grams of a = 1, 2 or 3, or a discount is not within its bounds (little or
artificial text), 0.5, 1 and 1.5 are taken for that order: lmplz --discount_fallback.
Deviations: a discount of exactly 0 falls back too, so that no probability is 0; <unk> in the text
is the unknown word (lmplz refuses it).
Proof: tests/decoding/test_kneser_ney.py (the formula in dictionaries; probabilities sum to 1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.decoding.ngram import END, HIGHEST, MARKS, START, UNKNOWN, Floats, Level, NGram, Rows
from zoo.decoding.ngram import encode as encode_sentences
from zoo.errors import BadInput

FALLBACK = (0.5, 1.0, 1.5)
Discounts = tuple[float, float, float]


@dataclass(frozen=True)
class Learned:
    """A model and its discounts, order by order."""

    model: NGram
    discounts: tuple[Discounts, ...]
    fallback: tuple[int, ...]  # the orders that had to take 0.5, 1, 1.5


@dataclass(frozen=True)
class Counts:
    """The n-grams of one order, sorted by key (see zoo/decoding/ngram.py).

    Attributes:
        keys: (R,). counts: (R,) how often each occurs.
        suffix: (R,) row of the n-gram without its first word in the order below.
        starts: (R,) whether its first word is <s>.
    """

    keys: Rows
    counts: Rows
    suffix: Rows
    starts: NDArray[np.bool_]


def train(sentences: Iterable[Sequence[str]], order: int = 3, *, min_count: int = 1) -> NGram:
    """A model of the sentences; see ``learn``."""
    return learn(sentences, order, min_count=min_count).model


def learn(sentences: Iterable[Sequence[str]], order: int = 3, *, min_count: int = 1) -> Learned:
    """Count and smooth; an empty sentence counts as one.

    Needs about 120 bytes for each word of the text; the model 24 for each different n-gram.

    Args:
        sentences: lists of words.
        order: words of the longest n-gram, 1 to 6.
        min_count: rarer words become <unk>.

    Raises:
        BadInput: for an order out of range, no text, sentences all too short for the order, a word
            that is a mark, empty, or contains a blank.
    """
    if not 1 <= order <= HIGHEST:
        raise BadInput(f"order must be 1 to {HIGHEST}, got {order}")
    if min_count < 1:
        raise BadInput(f"min_count must be at least 1, got {min_count}")
    words, token_ids, places = _encoded(sentences, min_count)
    tables = _count(token_ids, places, order, len(words))
    levels: list[Level] = []
    used: list[Discounts] = []
    fallback = []
    for place, table in enumerate(tables):
        adjusted = table.counts if place == order - 1 else _continuations(table, tables[place + 1])
        if place == 0:
            adjusted = np.where(table.starts, 0, adjusted)  # <s> is never predicted
        three = discounts(adjusted)
        if three is None:
            fallback.append(place + 1)
        used.append(three or FALLBACK)
        _smooth(levels, table, adjusted, used[-1], len(words))
    return Learned(NGram(words, levels), tuple(used), tuple(fallback))


def _encoded(
    sentences: Iterable[Sequence[str]], min_count: int
) -> tuple[tuple[str, ...], Rows, Rows]:
    """Words, the marks first, then by frequency; token ids and places as ``ngram.encode``."""
    index = {mark: n for n, mark in enumerate(MARKS)}

    def id_of(word: str) -> int:
        if word in (START, END):
            raise BadInput(f"{word!r} stands in the text; the marks are set by the trainer")
        return index.setdefault(word, len(index))

    token_ids, places = encode_sentences(sentences, id_of, index[START], index[END])
    frequency = np.bincount(token_ids, minlength=len(index))
    ranks = np.argsort(-frequency[len(MARKS) :], kind="stable") + len(MARKS)
    kept = ranks[frequency[ranks] >= min_count]
    known = list(index)
    renamed = np.full(len(index), index[UNKNOWN])
    renamed[: len(MARKS)] = range(len(MARKS))
    renamed[kept] = np.arange(len(kept)) + len(MARKS)
    return (*MARKS, *(known[old] for old in kept)), renamed[token_ids], places


def _count(token_ids: Rows, places: Rows, order: int, size: int) -> list[Counts]:
    """The n-grams of each order in a text.

    The row of an n-gram is that of its first n - 1 words, which ends one word earlier, with its
    last word as the lesser digit; so one sort gives the rows of an order.
    """
    starts = np.arange(size) == MARKS.index(START)
    every = np.arange(size)
    tables = [Counts(every, np.bincount(token_ids, minlength=size), np.zeros_like(every), starts)]
    rows = token_ids  # (T,) of the n-gram that ends here
    for length in range(2, order + 1):
        ends = np.flatnonzero(places >= length - 1)
        if not len(ends):
            raise BadInput(f"no sentence is long enough for order {order}; take {length - 1}")
        keys, first, inverse, counts = np.unique(
            rows[ends - 1] * size + token_ids[ends],
            return_index=True, return_inverse=True, return_counts=True,
        )  # fmt: skip
        starts = starts[keys // size]
        tables.append(Counts(keys, counts, rows[ends[first]], starts))
        rows = np.full(len(token_ids), -1)
        rows[ends] = inverse
    return tables


def _continuations(table: Counts, longer: Counts) -> Rows:
    """How many different words stand before each n-gram; its count, if it begins with <s>."""
    before = np.bincount(longer.suffix, minlength=len(table.keys))
    return np.where(table.starts, table.counts, before)


def discounts(adjusted: Rows) -> Discounts | None:
    """D for counts of 1, 2 and more (Chen & Goodman 1999, eq. 26); None if there is none.

    >>> discounts(np.array([1] * 8 + [2] * 4 + [3] * 2 + [4]))
    (0.5, 1.25, 2.0)
    """
    n1, n2, n3, n4 = (int((adjusted == count).sum()) for count in (1, 2, 3, 4))
    if not (n1 and n2 and n3):
        return None
    y = n1 / (n1 + 2 * n2)
    three = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
    return three if all(0 < d <= most for most, d in enumerate(three, 1)) else None


def _smooth(
    levels: list[Level], table: Counts, adjusted: Rows, three: Discounts, size: int
) -> None:
    """Append the next order to ``levels``, and set the back-off weights of the last one."""
    discount = np.array([0.0, *three])[np.minimum(adjusted, 3)]
    contexts = table.keys // size
    total = np.bincount(contexts, adjusted, minlength=len(levels[-1]) if levels else 1)
    mass = np.bincount(contexts, discount, minlength=len(total))
    with np.errstate(invalid="ignore"):
        weight = np.where(total > 0, mass / total, 1)
    below = np.exp(levels[-1].log_p)[table.suffix] if levels else np.full(size, 1 / (size - 1))
    p = (adjusted - discount) / total[contexts] + weight[contexts] * below
    if levels:
        levels[-1] = Level(levels[-1].keys, levels[-1].log_p, np.log(weight))
    else:
        p[MARKS.index(START)] = 1  # as lmplz writes it; it is never used
    levels.append(Level(table.keys, _log(p), np.zeros(len(p))))


def _log(p: Floats) -> Floats:
    """Logarithm; rounding must not lift it above 0."""
    return np.minimum(np.log(p), 0)
