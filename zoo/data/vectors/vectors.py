"""Word vectors: neighbours, similarities, analogies. Notes: course 5, week 2, "Word embeddings".

Similarity is the cosine; "a is to b as c is to ?" is the word nearest to b - a + c, the three
vectors at length 1, the three words left out (Mikolov et al. 2013, arXiv:1301.3781, sec. 4;
"3CosAdd"). Proof: tests/data/vectors/test_vectors.py; against gensim in
tests/data/vectors/test_files.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo.data.text.vocabulary import Vocabulary
from zoo.data.text.word_front_end import WordFrontEnd
from zoo.data.vectors import files as vector_files
from zoo.data.vectors import search
from zoo.data.vectors.search import Matrix, Queries
from zoo.errors import BadInput, note

Neighbours = list[tuple[str, float]]  # words and cosines, nearest first


class Vectors:
    """Words and a matrix (V, D) float32, one row each.

    Iteration gives the words, as ``in`` asks for them; ``np.asarray(vectors)`` is the matrix.

    >>> v = Vectors(["man", "king", "woman", "queen"], [[1, 0, 0], [1, 0, 2], [0, 1, 0], [0, 1, 2]])
    >>> v.analogy("man", "king", "woman", n=1)[0][0]
    'queen'
    >>> v.most_similar(positive=["king", "woman"], negative=["man"], topn=1)[0][0]
    'queen'
    >>> "king" in v, v["king"].tolist(), round(v.similarity("king", "queen"), 6)
    (True, [1.0, 0.0, 2.0], 0.8)
    >>> v[["king", "man"]].shape, list(v)[:2]
    ((2, 3), ['man', 'king'])

    Attributes:
        matrix: (V, D) float32.
        counts: (V,) how often each word occurs in the text that the vectors were learned from;
            None where that is not known.
        notices: what was assumed when they were read from a file.
    """

    def __init__(
        self, words: Iterable[str], matrix: ArrayLike, counts: ArrayLike | None = None
    ) -> None:
        """Raises ``BadInput`` for words that stand twice, other shapes, NaN."""
        table = np.ascontiguousarray(matrix, np.float32)
        self.notices: tuple[str, ...] = ()
        self._set(Vocabulary(words), table, counts)
        if not all(np.isfinite(table[rows]).all() for rows in search.blocks(table)):
            raise BadInput("the vectors hold NaN or infinity")

    def _set(self, vocabulary: Vocabulary, matrix: Matrix, counts: ArrayLike | None) -> None:
        """Take words and their rows."""
        if matrix.ndim != 2 or len(matrix) != len(vocabulary):
            raise BadInput(f"expected {len(vocabulary)} rows, one per word, got {matrix.shape}")
        self.counts = None if counts is None else np.asarray(counts, np.int64)
        if self.counts is not None and self.counts.shape != (len(vocabulary),):
            got = self.counts.shape
            raise BadInput(f"expected {len(vocabulary)} counts, one per word, got {got}")
        self.vocabulary, self.matrix = vocabulary, matrix
        self.front_end = WordFrontEnd(vocabulary)
        for cached in ("norms", "unit"):
            vars(self).pop(cached, None)

    @classmethod
    def load(cls, path: str | Path, limit: int | None = None, *, mmap: bool = False) -> Self:
        """Read a file of word2vec, GloVe, fastText (.vec) or safetensors, whichever it is.

        What the file does not say right, such as the number of its words, is told on standard
        error.

        Args:
            limit: read so many words only, the first: in most files the most frequent ones.
            mmap: leave the matrix in the file, a safetensors file, whose pages are read when they
                are needed; then NaN are looked for by the first search only.

        Raises:
            Missing, BadFile: as ``zoo.data.vectors.files.read``.
            BadInput: for a limit below 1, or a file that cannot be mapped.
        """
        found = vector_files.read(Path(path), limit, mmap=mmap)
        vectors = cls.__new__(cls)
        vectors.notices = found.notices
        vectors._set(Vocabulary(found.words), found.matrix, found.counts)
        for line in found.notices:
            note(line)
        return vectors

    def save(self, path: str | Path, *, header: bool = True, half: bool = False) -> None:
        """Write in the format of the suffix; ``header=False`` for GloVe's text.

        Raises:
            BadInput, CannotWrite: as ``zoo.data.vectors.files.write``.
        """
        vector_files.write(
            Path(path), self.words, self.matrix, header=header, half=half, counts=self.counts
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words, in the order of the rows: in most files by frequency."""
        return self.vocabulary.words

    @property
    def dim(self) -> int:
        """D."""
        return int(self.matrix.shape[1])

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.vocabulary

    def __getitem__(self, word: str | Sequence[str]) -> Matrix:
        """The vector (D,) of a word, or those (N, D) of several."""
        if isinstance(word, str) or not isinstance(word, Iterable):
            return self.matrix[self.row(word)]
        return self.matrix[[self.row(one) for one in word]]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.matrix, dtype, copy=copy)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} words, {self.dim} numbers each)"

    def row(self, word: str) -> int:
        """The row of a word.

        Raises:
            UnknownName: with the near words.
        """
        return self.front_end.row(word)

    def get_count(self, word: str) -> int:
        """How often a word occurs in the text that the vectors were learned from.

        Raises:
            UnknownName: for an unknown word.
            BadInput: if the counts are not known.
        """
        row = self.row(word)
        if self.counts is None:
            raise BadInput("these vectors know no counts: Vectors(words, matrix, counts)")
        return int(self.counts[row])

    def subset(self, words: Iterable[str]) -> "Vectors":
        """The vectors of some words, in this order.

        Raises:
            UnknownName, BadInput: for an unknown word; for none, or one that stands twice.
        """
        if isinstance(words, str):
            raise BadInput(f"expected a list of words, got {words!r}")
        words = list(words)
        rows = [self.row(word) for word in words]
        return Vectors(words, self.matrix[rows], None if self.counts is None else self.counts[rows])

    def frequent(self, most: int) -> "Vectors":
        """The vectors of the first words, which are the most frequent ones in most files."""
        search.need_count("most", most)
        return self.subset(self.words[:most])

    def add(self, words: str | Sequence[str], vectors: ArrayLike, *, replace: bool = False) -> None:
        """Add words with their vectors, behind the others; the matrix becomes a new one.

        Args:
            words, vectors: a word and its vector (D,), or N words and theirs (N, D).
            replace: words that are there get the new vectors; otherwise they are refused.

        Raises:
            BadInput: for other shapes, NaN, words that stand twice or are there.
        """
        names = [words] if isinstance(words, str) else list(words)
        rows = np.atleast_2d(np.asarray(vectors, np.float32))
        if rows.shape != (len(names), self.dim):
            raise BadInput(f"expected vectors ({len(names)}, {self.dim}), got {rows.shape}")
        more = Vectors(names, rows)
        there = [word for word in names if word in self]
        if there and not replace:
            raise BadInput(f"the word {there[0]!r} is there; replace=True changes its vector")
        new = [word for word in names if word not in self]
        matrix = np.concatenate([self.matrix, more[new]])
        matrix[[self.row(word) for word in there]] = more[there]
        counts = None if self.counts is None else np.append(self.counts, [0] * len(new))
        self._set(Vocabulary([*self.words, *new]), matrix, counts)

    @cached_property
    def norms(self) -> Matrix:
        """The length of each row (V,); 1 for a row of zeros."""
        return search.lengths(self.matrix)

    @cached_property
    def unit(self) -> Matrix:
        """The rows at length 1, a second matrix; a row of zeros stays one."""
        return self.matrix / self.norms[:, None]

    def similarity(self, first: str, second: str) -> float:
        """The cosine of the angle between two words."""
        one, two = self._unit([first, second])
        return float(one @ two)

    def distance(self, first: str, second: str) -> float:
        """1 - the cosine of the angle between two words."""
        return 1 - self.similarity(first, second)

    def n_similarity(self, first: Sequence[str], second: Sequence[str]) -> float:
        """The cosine of the angle between the mean vectors of two lists of words.

        Raises:
            BadInput: for an empty list.
        """
        if not len(first) or not len(second):
            raise BadInput("expected two lists of words, one is empty")
        one, two = (self[list(words)].mean(0) for words in (first, second))
        return float(search.unit(one) @ search.unit(two))

    def doesnt_match(self, words: Sequence[str]) -> str:
        """The word farthest from the mean direction of all of them.

        Raises:
            UnknownName, BadInput: for an unknown word; for fewer than three.
        """
        if isinstance(words, str) or len(words) < 3:
            raise BadInput(f"expected three words or more, got {words!r}")
        rows = self._unit(words)
        return words[int((rows @ search.unit(rows.mean(0))).argmin())]

    def most_similar(
        self,
        positive: Queries = (),
        negative: Queries = (),
        topn: int = 10,
        *,
        restrict_vocab: int | None = None,
    ) -> Neighbours:
        """The words nearest to the mean direction of some words, which are left out.

        Args:
            positive, negative: a word or a vector (D,), or a list of them, or of pairs with a
                weight (a negative one's is subtracted; gensim adds it). Words count at length 1,
                vectors as they are.
            topn: how many.
            restrict_vocab: search so many words only, the first.

        Raises:
            UnknownName: for an unknown word; near ones are given.
            BadInput: without any word, for a vector of another length, a number below 1.
        """
        plus, minus = search.weighted(positive), search.weighted(negative)
        if not plus and not minus:
            raise BadInput("expected a word, a vector or a list of them, got none")
        direction, rows = np.zeros(self.dim, np.float32), []
        for query, weight in [*plus, *((query, -weight) for query, weight in minus)]:
            if isinstance(query, str):
                rows.append(self.row(query))
                vector = self._unit([query])[0]
            else:
                vector = np.asarray(query, np.float32)
                if vector.shape != (self.dim,):
                    raise BadInput(f"expected a vector ({self.dim},), got {vector.shape}")
            direction += weight * vector
        return self.nearest(direction, topn, rows, restrict_vocab)

    def analogy(self, a: str, b: str, c: str, n: int = 10) -> Neighbours:
        """``a`` is to ``b`` as ``c`` is to these; the three are left out."""
        one, two, three = self._unit([a, b, c])
        return self.nearest(two - one + three, n, [self.row(word) for word in (a, b, c)])

    def nearest(
        self, vector: Matrix, n: int, without: Sequence[int] = (), most: int | None = None
    ) -> Neighbours:
        """The ``n`` words with the largest cosine to ``vector`` (D,), but for some rows.

        Args:
            most: search the first rows only.

        Raises:
            BadInput: for a vector of another length, n or most below 1.
        """
        if most is not None:
            search.need_count("restrict_vocab", most)
        found = search.nearest_rows(self.matrix[:most], self.norms[:most], vector, n, without)
        return [(self.words[row], cosine) for row, cosine in found]

    def _unit(self, words: Sequence[str]) -> Matrix:
        """Some rows at length 1: (N, D)."""
        rows = [self.row(word) for word in words]
        return self.matrix[rows] / self.norms[rows, None]
