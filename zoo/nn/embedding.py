"""Word embedding: token ids in, rows of a table out, with word dropout.

Notes: course 5, week 2, "Embedding matrix": E times a one-hot vector is a look-up. Id 0 is the
padding, whose vector is and stays zero; id 1 is ``<unk>``. In training some tokens are replaced by
``<unk>``, so that it learns to stand for any word (Iyyer et al. 2015, ACL, sec. 3, leave the tokens
out). Proof: tests/nn/test_embedding.py.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PADDING, UNKNOWN = 0, 1


class WordEmbedding(nn.Module):
    """A vector for each word of a vocabulary, and word dropout.

    Args:
        vocab_size: V, the special words included.
        embedding_dim: D.
        dropout: word dropout, the probability that a token becomes ``<unk>`` in training.
        std: of the initial values.

    >>> WordEmbedding(10, 4)(torch.tensor([[5, 7, 0]])).shape
    torch.Size([1, 3, 4])
    """

    def __init__(
        self, vocab_size: int, embedding_dim: int, dropout: float = 0.0, std: float = 0.1
    ) -> None:
        super().__init__()
        if vocab_size <= UNKNOWN or embedding_dim < 1:
            got = f"vocab_size={vocab_size}, embedding_dim={embedding_dim}"
            raise ValueError(f"vocab_size must be at least 2 and embedding_dim 1, got {got}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie between 0 and 1, got {dropout}")
        self.dropout = dropout
        self.weight = nn.Parameter(torch.randn(vocab_size, embedding_dim) * std)
        with torch.no_grad():
            self.weight[PADDING] = 0

    def forward(self, token_ids: Tensor) -> Tensor:
        """Token ids (N, T) to vectors (N, T, D), in training with word dropout."""
        return self.look_up(self.drop(token_ids))

    def look_up(self, token_ids: Tensor) -> Tensor:
        """Token ids (N, T), perhaps of ``drop``, to vectors (N, T, D): no word is dropped here."""
        return F.embedding(token_ids, self.weight, padding_idx=PADDING)

    def drop(self, token_ids: Tensor) -> Tensor:
        """In training, token ids (N, T) with some of them replaced by ``<unk>``."""
        if not (self.training and self.dropout):
            return token_ids
        dropped = torch.rand(token_ids.shape, device=token_ids.device) < self.dropout
        return torch.where(dropped & (token_ids != PADDING), UNKNOWN, token_ids)

    @torch.no_grad()
    def grow(self, vocab_size: int) -> None:
        """Append words, with random vectors as large as the others."""
        more = vocab_size - len(self.weight)
        if more < 0:
            raise ValueError(f"a table of {len(self.weight)} words cannot shrink to {vocab_size}")
        fresh = torch.randn(more, self.weight.shape[1]).to(self.weight) * self.weight[1:].std()
        self.weight = nn.Parameter(torch.cat([self.weight, fresh]), self.weight.requires_grad)


def grow(model: nn.Module, vocab_size: int) -> nn.Module:
    """``model`` with all of its word embeddings grown to ``vocab_size`` words."""
    for module in model.modules():
        if isinstance(module, WordEmbedding):
            module.grow(vocab_size)
    return model
