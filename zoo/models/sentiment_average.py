"""Sentiment of a sentence from the mean of its word vectors.

Notes: course 5, week 2, "Sentiment classification", the first model: the mean, then softmax. With
``buckets`` there is also a vector for each pair of neighbours, under a hash: Joulin et al. 2016,
arXiv:1607.01759, sec. 2.1, so that "not good" is more than "not" and "good". Padding at the end
changes nothing. ``sentiment`` is this model with pairs: of the four models of sentences here it
had the lowest error on dev, and it is the fastest.

Deviations: none of the notes' model; of Joulin et al.'s, dropout, which they lack.
Proof: tests/models/test_sentiment.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.embedding import PADDING, WordEmbedding
from zoo.nn.init import new_head
from zoo.registry import register

LEFT, RIGHT = 1_000_003, 7_919  # primes of the hash of a pair


class SentimentAverage(nn.Module):
    """The mean of the vectors of words, and of pairs of neighbours if asked for.

    >>> SentimentAverage(vocab_size=10, embedding_dim=4)(torch.tensor([[5, 7, 0]])).shape
    torch.Size([1, 2])
    """

    def __init__(
        self,
        num_classes: int = 2,
        vocab_size: int = 10_000,
        embedding_dim: int = 100,
        buckets: int = 0,
        dropout: float = 0.3,
        word_dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.table = WordEmbedding(vocab_size, embedding_dim, word_dropout)
        self.buckets = buckets
        if buckets:
            self.pairs = nn.Embedding(buckets + 1, embedding_dim, padding_idx=PADDING)
            with torch.no_grad():
                self.pairs.weight.mul_(0.1)  # as long as the words' vectors
        self.drop = nn.Dropout(dropout)
        self.features = embedding_dim
        self.output = new_head(self, self.features, num_classes)

    def forward_features(self, token_ids: Tensor) -> Tensor:
        """Token ids (N, T) to means (N, D); of no words, 0."""
        token_ids = self.table.drop(token_ids)  # once: words and pairs lose the same ones
        total, count = self.table.look_up(token_ids).sum(1), (token_ids != PADDING).sum(1)
        if self.buckets:
            hashed = hashes(token_ids, self.buckets)
            total, count = total + self.pairs(hashed).sum(1), count + (hashed != PADDING).sum(1)
        return self.drop(total / count.clamp(min=1)[:, None])

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Features to logits (N, K)."""
        return features if pre_logits else self.output(features)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Token ids (N, T) to logits (N, K)."""
        return self.forward_head(self.forward_features(token_ids))

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.output

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer."""
        self.output = new_head(self, self.features, num_classes)

    def blocks(self) -> list[nn.Module]:
        """The embeddings, the last layer."""
        return [*([self.pairs] if self.buckets else []), self.table, self.output]


def hashes(token_ids: Tensor, buckets: int) -> Tensor:
    """Token ids (N, T) to the row, 1 to ``buckets``, of each pair of neighbours (N, T - 1).

    A pair with padding in it gets 0.
    """
    left, right = token_ids[:, :-1], token_ids[:, 1:]
    row = (left * LEFT + right * RIGHT) % buckets + 1
    return row * ((left != PADDING) & (right != PADDING))


@register(
    "sentiment_average",
    paper="Joulin et al. 2016, arXiv:1607.01759; notes, course 5, week 2",
    task="text_classification",
    input_shape=(),
    stem="",
    head="output",
)
def sentiment_average(
    num_classes: int = 2,
    vocab_size: int = 10_000,
    embedding_dim: int = 100,
    buckets: int = 0,
    dropout: float = 0.3,
    word_dropout: float = 0.1,
) -> SentimentAverage:
    """The mean of word vectors, then softmax; ``buckets=100000`` adds pairs of words."""
    return SentimentAverage(num_classes, vocab_size, embedding_dim, buckets, dropout, word_dropout)


@register(
    "sentiment",
    paper="Joulin et al. 2016, arXiv:1607.01759",
    task="text_classification",
    input_shape=(),
    stem="",
    head="output",
)
def sentiment(
    num_classes: int = 2,
    vocab_size: int = 10_000,
    embedding_dim: int = 16,
    buckets: int = 65_536,
    dropout: float = 0.3,
    word_dropout: float = 0.1,
) -> SentimentAverage:
    """The mean of the vectors of words and of pairs of neighbours, then softmax."""
    return SentimentAverage(num_classes, vocab_size, embedding_dim, buckets, dropout, word_dropout)
