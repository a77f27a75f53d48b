"""A table of word vectors: what training word2vec or GloVe leaves, and what is shipped.

Notes: course 5, week 2, "Embedding matrix" (E, transposed: a row per word).
Proof: tests/models/test_word2vec.py.
"""

import torch
from torch import Tensor, nn

from zoo.errors import BadInput


class WordTable(nn.Module):
    """V words in D dimensions: ``table(token_ids)`` looks them up, (...,) -> (..., D)."""

    def __init__(self, vocab_size: int, embedding_dim: int) -> None:
        """Rows are drawn from U(-.5, .5)/embedding_dim, as word2vec and GloVe begin."""
        super().__init__()
        if min(vocab_size, embedding_dim) < 1:
            got = f"{vocab_size} and {embedding_dim}"
            raise BadInput(f"vocab_size and embedding_dim must be at least 1, got {got}")
        self.vectors = nn.Embedding(vocab_size, embedding_dim)
        with torch.no_grad():
            self.vectors.weight.uniform_(-0.5, 0.5).div_(embedding_dim)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Token ids (...,) to vectors (..., D)."""
        vectors: Tensor = self.vectors(token_ids)
        return vectors
