"""word2vec: two tables of word vectors, by which words predict their neighbours.

Papers: Mikolov et al. 2013, arXiv:1301.3781 (skip-gram and CBOW), arXiv:1310.4546 (negative
sampling, hierarchical softmax). Notes: course 5, week 2, "Word2Vec" and "Negative sampling".
The readable form; whole texts are read by zoo/trainers/word2vec.py with the same updates.
Deviations: CBOW's gradient is the true one. The published program, and most after it, add the
error of the mean to every context undivided: ``cbow_grad="word2vec"`` does so too.
Proof: tests/models/test_word2vec.py.
"""

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.word_vector_table import WordTable
from zoo.registry import register


class Word2Vec(nn.Module):
    """Scores of targets: words (negative sampling) or nodes of a tree (hierarchical softmax).

    >>> model = Word2Vec(vocab_size=7, embedding_dim=3)
    >>> model(torch.tensor([[0, 6]]), torch.tensor([[6, 0, 2]])).shape
    torch.Size([1, 3])
    """

    def __init__(self, vocab_size: int, embedding_dim: int = 100, cbow_grad: str = "exact") -> None:
        """The first table from U(-.5, .5)/embedding_dim, the second of zeros.

        Raises:
            BadInput: for another ``cbow_grad`` than "exact" and "word2vec".
        """
        super().__init__()
        if cbow_grad not in ("exact", "word2vec"):
            raise BadInput(f"cbow_grad must be exact or word2vec, got {cbow_grad!r}")
        self.table = WordTable(vocab_size, embedding_dim)
        self.outputs = WordTable(vocab_size, embedding_dim)
        nn.init.zeros_(self.outputs.vectors.weight)
        self.cbow_grad = cbow_grad

    def forward(self, contexts: Tensor, targets: Tensor, present: Tensor | None = None) -> Tensor:
        """Scores (N, K) of targets (N, K) from the mean of contexts (N, C); skip-gram: C = 1.

        Args:
            present: (N, C) False where there is no context.
        """
        vectors = self.table(contexts)  # (N, C, D)
        present = torch.ones_like(contexts) if present is None else present
        weights = present.to(vectors.dtype)[..., None]
        total = (vectors * weights).sum(1)
        hidden = total / weights.sum(1)
        if self.cbow_grad == "word2vec":  # the mean's value with the sum's gradient
            hidden = hidden.detach() + total - total.detach()
        return torch.einsum("nd,nkd->nk", hidden, self.outputs(targets))


@register(
    "word2vec",
    paper="Mikolov et al. 2013, arXiv:1301.3781, 1310.4546",
    task="word_vectors",
    input_shape=(),
    stem="",
    head="",
)
def word2vec(vocab_size: int = 1000, embedding_dim: int = 100) -> WordTable:
    """The word vectors that word2vec leaves: a row of ``embedding_dim`` for each word."""
    return WordTable(vocab_size, embedding_dim)
