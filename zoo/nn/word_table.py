"""A table of word vectors: what training word2vec or GloVe leaves, and what is shipped.

Notes: course 5, week 2, "Embedding matrix" (E, transposed: a row per word).
Proof: tests/models/test_word2vec.py.
"""

import torch
from torch import Tensor, nn

from zoo.errors import BadInput


class WordTable(nn.Module):
    """V words in D dimensions: ``table(numbers)`` is the vectors of words, (...,) -> (..., D)."""

    def __init__(self, words: int, dim: int) -> None:
        """Rows are drawn from U(-.5, .5)/dim, as word2vec and GloVe begin."""
        super().__init__()
        if min(words, dim) < 1:
            raise BadInput(f"words and dim must be at least 1, got {words} and {dim}")
        self.vectors = nn.Embedding(words, dim)
        with torch.no_grad():
            self.vectors.weight.uniform_(-0.5, 0.5).div_(dim)

    def forward(self, numbers: Tensor) -> Tensor:
        """Vectors (..., D) of words (...,)."""
        vectors: Tensor = self.vectors(numbers)
        return vectors
