"""Phrases: two words that occur together more often than by chance become one, "new_york".

Mikolov et al. 2013, arXiv:1310.4546, sec. 4, eq. 6. The score of a pair is the published
program's, which also counts the text's N words: (c(ab) - min_count) / (c(a) c(b)) N; a pair is
joined if its score is above the threshold. A sentence is read from left to right: a word that has
ended a phrase begins no other. A second pass joins what the first has made: "new_york_times".
Notes: course 5, week 2, "Word2Vec". Proof: tests/data/text/test_phrases.py.
Deviations: every pair that may matter is counted (the published program drops rare ones when its
table is full); words below min_count begin and end no phrase, but remain in the text.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

from zoo.data.text.corpus import Corpus
from zoo.errors import BadInput

THRESHOLD, FIRST_OF_TWO = 100.0, 200.0


class Phrases(Corpus):
    """A corpus with its phrases joined by "_", to be used as any other; sentences are streamed."""

    def __init__(self, corpus: Corpus, *, threshold: float = THRESHOLD, min_count: int = 5) -> None:
        """Nothing is read yet; the pairs are counted, in memory, when sentences are asked for.

        Args:
            corpus: perhaps with phrases already.
            threshold: higher is fewer phrases.
            min_count: how often a phrase and its words must occur, and what is taken off c(ab), so
                that rare words make no phrases.

        Raises:
            BadInput: for a negative threshold, or min_count below 1.
        """
        if threshold < 0 or min_count < 1:
            raise BadInput(
                f"threshold must be at least 0 and min_count at least 1, got {threshold} and "
                f"{min_count}"
            )
        self.corpus, self.threshold, self.min_count = corpus, threshold, min_count
        self.paths, self.tokens, self.paragraphs = corpus.paths, corpus.tokens, corpus.paragraphs
        self.name, self.licence = corpus.name, corpus.licence

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs to join.

        Raises:
            BadInput, BadFile: as ``Corpus.counts``.
        """
        words = self.corpus.counts
        often = {word for word, n in words.items() if n >= self.min_count}
        together: Counter[tuple[str, str]] = Counter()
        for sentence in self.corpus.sentences():
            together.update(p for p in pairwise(sentence) if p[0] in often and p[1] in often)
        total = words.total()
        return frozenset(
            (a, b)
            for (a, b), n in together.items()
            if (n - self.min_count) / (words[a] * words[b]) * total > self.threshold
        )

    def sentences(self) -> Iterator[list[str]]:
        """As the corpus's, joined.

        Raises:
            BadInput, BadFile: as ``Corpus.counts``.
        """
        pairs = self.pairs
        for sentence in self.corpus.sentences():
            yield joined(sentence, pairs)

    def digest(self) -> str:
        """sha256 of the corpus's and of how its phrases are found."""
        parts = (self.corpus.digest(), self.threshold, self.min_count)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def with_phrases(corpus: Corpus, passes: int = 1, min_count: int = 5) -> Corpus:
    """The corpus after 0, 1 or 2 passes: thresholds none, 100, and 200 before 100.

    Raises:
        BadInput: for another number of passes.
    """
    if passes not in (0, 1, 2):
        raise BadInput(f"phrases must be 0, 1 or 2 passes, got {passes}")
    for threshold in (FIRST_OF_TWO, THRESHOLD)[2 - passes :]:
        corpus = Phrases(corpus, threshold=threshold, min_count=min_count)
    return corpus


def joined(sentence: list[str], pairs: frozenset[tuple[str, str]]) -> list[str]:
    """The sentence with its pairs joined, from left to right.

    >>> joined(["a", "b", "a", "a"], frozenset({("a", "b"), ("b", "a"), ("a", "a")}))
    ['a_b', 'a_a']
    """
    words: list[str] = []
    open_ = False  # whether the last word found may begin a phrase
    before = ""
    for word in sentence:
        if open_ and (before, word) in pairs:
            words[-1] = f"{before}_{word}"
            open_ = False
        else:
            words.append(word)
            open_ = True
        before = word
    return words
