"""GloVe: two tables of word vectors whose products are the logarithms of co-occurrence counts.

Paper: Pennington, Socher and Manning 2014, "GloVe: Global Vectors for Word Representation", sec. 3.
Notes: course 5, week 2, "GloVe word vectors" (theta_i and e_j).
Deviations: none from the authors' program, which also draws the biases as it draws the tables.
Proof: tests/models/test_glove.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.word_vector_table import WordTable
from zoo.registry import register


class GloVe(nn.Module):
    """w_i . w~_j + b_i + b~_j for cells (i, j); what is learned is to make it log X_ij (eq. 7).

    >>> GloVe(vocab_size=7, embedding_dim=3)(torch.tensor([0, 6]), torch.tensor([6, 0])).shape
    torch.Size([2])
    """

    def __init__(self, vocab_size: int, embedding_dim: int = 100) -> None:
        """All from U(-1/2, 1/2) / embedding_dim, by torch's generator.

        Args:
            vocab_size: V, how many words.
            embedding_dim: D, the length of a vector.
        """
        super().__init__()
        self.table = WordTable(vocab_size, embedding_dim)  # W
        self.context = WordTable(vocab_size, embedding_dim)  # W~
        self.bias = nn.Parameter(torch.empty(vocab_size).uniform_(-0.5, 0.5) / embedding_dim)
        self.context_bias = nn.Parameter(
            torch.empty(vocab_size).uniform_(-0.5, 0.5) / embedding_dim
        )

    def forward(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Token ids of words (N,) and of context words (N,) to scores (N,)."""
        products = (self.table(rows) * self.context(columns)).sum(1)
        return products + self.bias[rows] + self.context_bias[columns]

    @torch.no_grad()
    def vectors(self) -> WordTable:
        """W + W~: X is symmetric, so the two differ by their start only (sec. 4.2)."""
        w, other = self.table.vectors.weight, self.context.vectors.weight
        table = WordTable(*w.shape).to(w)
        table.vectors.weight.copy_(w + other)
        return table


@register(
    "glove",
    paper="Pennington et al. 2014, EMNLP, D14-1162",
    task="word_vectors",
    input_shape=(),
    stem="",
    head="",
)
def glove(vocab_size: int = 1000, embedding_dim: int = 100) -> WordTable:
    """The word vectors that GloVe leaves, W + W~: a row of ``embedding_dim`` for each word."""
    return WordTable(vocab_size, embedding_dim)
