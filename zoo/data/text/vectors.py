"""Word vectors: neighbours, similarities, analogies. Notes: course 5, week 2, "Word embeddings".

Similarity is the cosine; "a is to b as c is to ?" is the word nearest to b - a + c, the three
vectors at length 1, the three words left out (Mikolov et al. 2013, arXiv:1301.3781, sec. 4;
"3CosAdd"). Proof: tests/data/text/test_vectors.py; against gensim in
tests/data/text/test_vector_files.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from zoo.data.front_end import FrontEnd, needed
from zoo.data.text import vector_files
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, UnknownName, unknown

Matrix = NDArray[np.float32]
Neighbours = list[tuple[str, float]]  # words and cosines, nearest first
NEAR = 20_000  # words looked through for those near an unknown one


@dataclass(frozen=True)
class WordFrontEnd(FrontEnd[Sequence[str], Tensor]):
    """Words to the rows of a matrix of vectors."""

    vocabulary: Vocabulary

    def __call__(self, words: Sequence[str]) -> Tensor:
        """Rows (N,) int64 of N words.

        Raises:
            UnknownName: for an unknown word, with the near ones.
        """
        return torch.tensor([self.row(word) for word in words], dtype=torch.int64)

    def row(self, word: str) -> int:
        """The row of a word.

        Raises:
            UnknownName: with the near words.
        """
        row = self.vocabulary.index.get(word)
        if row is None:
            raise self._unknown(word)
        return row

    def _unknown(self, word: str) -> UnknownName:
        words, small = self.vocabulary.words, word.lower()
        near = [
            other
            for other in words
            if other and other[0].lower() == small[:1] and abs(len(other) - len(word)) <= 2
        ]
        return unknown("word", word, near[:NEAR] or words[:12])

    def to_card(self) -> dict[str, Any]:
        """Nothing: words are taken as they are."""
        return {}

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "WordFrontEnd":
        """The reverse of ``to_card``.

        Raises:
            BadFile: if there is no vocabulary, or the record is of another front end.
        """
        if record:
            raise BadFile(f"the card's front end is not of word vectors: it has {sorted(record)}")
        return cls(needed(vocabulary))


class Vectors:
    """Words and a matrix (V, D) float32, one row each.

    >>> v = Vectors(["man", "king", "woman", "queen"], [[1, 0, 0], [1, 0, 2], [0, 1, 0], [0, 1, 2]])
    >>> v.analogy("man", "king", "woman", n=1)[0][0]
    'queen'
    >>> "king" in v, v["king"].tolist(), round(v.similarity("king", "queen"), 6)
    (True, [1.0, 0.0, 2.0], 0.8)
    """

    def __init__(self, words: Iterable[str], matrix: ArrayLike) -> None:
        """Raises ``BadInput`` for words that stand twice, other shapes, NaN."""
        self.vocabulary = Vocabulary(words)
        self.front_end = WordFrontEnd(self.vocabulary)
        self.matrix: Matrix = np.ascontiguousarray(matrix, np.float32)
        if self.matrix.ndim != 2 or len(self.matrix) != len(self.vocabulary):
            shape = self.matrix.shape
            raise BadInput(f"expected {len(self.vocabulary)} rows, one per word, got {shape}")
        if not np.isfinite(self.matrix).all():
            raise BadInput("the vectors hold NaN or infinity")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file of word2vec, GloVe, fastText (.vec) or safetensors, whichever it is.

        Raises:
            Missing, BadFile: as ``zoo.data.text.vector_files.read``.
        """
        return cls(*vector_files.read(Path(path)))

    def save(self, path: str | Path, *, header: bool = True, half: bool = False) -> None:
        """Write in the format of the suffix; ``header=False`` for GloVe's text.

        Raises:
            BadInput, CannotWrite: as ``zoo.data.text.vector_files.write``.
        """
        vector_files.write(Path(path), self.words, self.matrix, header=header, half=half)

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

    def __contains__(self, word: object) -> bool:
        return word in self.vocabulary

    def __getitem__(self, word: str) -> Matrix:
        return self.matrix[self.row(word)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} words, {self.dim} numbers each)"

    def row(self, word: str) -> int:
        """The row of a word.

        Raises:
            UnknownName: with the near words.
        """
        return self.front_end.row(word)

    @cached_property
    def unit(self) -> Matrix:
        """The rows at length 1; a row of zeros stays one."""
        norms: Matrix = np.linalg.norm(self.matrix, axis=1, keepdims=True)
        norms[norms == 0] = 1
        return self.matrix / norms

    def similarity(self, first: str, second: str) -> float:
        """The cosine of the angle between two words."""
        return float(self.unit[self.row(first)] @ self.unit[self.row(second)])

    def most_similar(self, word: str | ArrayLike, n: int = 10) -> Neighbours:
        """The ``n`` words nearest to a word, which is left out, or to a vector (D,)."""
        if isinstance(word, str):
            row = self.row(word)
            return self.nearest(self.unit[row], n, [row])
        return self.nearest(np.asarray(word, np.float32), n)

    def analogy(self, a: str, b: str, c: str, n: int = 10) -> Neighbours:
        """``a`` is to ``b`` as ``c`` is to these; the three are left out."""
        rows = [self.row(word) for word in (a, b, c)]
        one, two, three = self.unit[rows]
        return self.nearest(two - one + three, n, rows)

    def nearest(self, vector: Matrix, n: int, without: Sequence[int] = ()) -> Neighbours:
        """The ``n`` words with the largest cosine to ``vector`` (D,), but for some rows.

        Raises:
            BadInput: for a vector of another length, or n below 1.
        """
        if vector.shape != (self.dim,):
            raise BadInput(f"expected a vector ({self.dim},), got {vector.shape}")
        if n < 1:
            raise BadInput(f"n must be at least 1, got {n}")
        cosines: NDArray[Any] = self.unit @ (vector / (np.linalg.norm(vector) or 1))
        cosines[list(without)] = -np.inf
        n = min(n, len(self) - len({*without}))
        best = np.argpartition(-cosines, n - 1)[:n] if n else np.empty(0, int)
        best = best[np.lexsort((best, -cosines[best]))]  # equals in the order of the rows
        return [(self.words[i], float(cosines[i])) for i in best]
