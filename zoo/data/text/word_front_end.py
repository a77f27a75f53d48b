"""Words to the rows of a matrix of word vectors.

Proof: tests/data/vectors/test_vectors.py, tests/data/test_front_end.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.data.front_end import FrontEnd, needed
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, UnknownName, unknown

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

    def _unknown(self, word: object) -> UnknownName:
        words, small = self.vocabulary.words, str(word).lower()
        near = [
            other
            for other in words
            if other and other[0].lower() == small[:1] and abs(len(other) - len(small)) <= 2
        ]
        return unknown("word", str(word), near[:NEAR] or words[:12])

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
