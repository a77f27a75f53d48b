"""GloVe: two tables of word vectors whose products are the logarithms of co-occurrence counts.

Paper: Pennington, Socher and Manning 2014, "GloVe: Global Vectors for Word Representation", sec. 3.
Notes: course 5, week 2, "GloVe word vectors" (theta_i and e_j).
Deviations: none from the authors' program, which also draws the biases as it draws the tables.
Proof: tests/models/test_glove.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.word_table import WordTable
from zoo.registry import register


class GloVe(nn.Module):
    """w_i . w~_j + b_i + b~_j for cells (i, j); what is learned is to make it log X_ij (eq. 7).

    >>> GloVe(words=7, dim=3)(torch.tensor([0, 6]), torch.tensor([6, 0])).shape
    torch.Size([2])
    """

    def __init__(self, words: int, dim: int = 100) -> None:
        """All from U(-1/2, 1/2) / dim, by torch's generator.

        Args:
            words: V, how many words.
            dim: D, numbers in a vector.
        """
        super().__init__()
        self.table = WordTable(words, dim)  # W
        self.context = WordTable(words, dim)  # W~
        self.bias = nn.Parameter(torch.empty(words).uniform_(-0.5, 0.5) / dim)
        self.context_bias = nn.Parameter(torch.empty(words).uniform_(-0.5, 0.5) / dim)

    def forward(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Numbers of words (N,) and of their contexts (N,) to scores (N,)."""
        products = (self.table(rows) * self.context(columns)).sum(1)
        return products + self.bias[rows] + self.context_bias[columns]

    @torch.no_grad()
    def kept(self) -> WordTable:
        """W + W~: X is symmetric, so the two differ by their start only (sec. 4.2)."""
        w, other = self.table.vectors.weight, self.context.vectors.weight
        kept = WordTable(*w.shape).to(w)
        kept.vectors.weight.copy_(w + other)
        return kept


@register(
    "glove",
    paper="Pennington et al. 2014, EMNLP, D14-1162",
    task="word_vectors",
    input_shape=(),
    stem="",
    head="",
)
def glove(words: int = 1000, dim: int = 100) -> WordTable:
    """The word vectors that GloVe leaves, W + W~: ``dim`` numbers for each of ``words``."""
    return WordTable(words, dim)
