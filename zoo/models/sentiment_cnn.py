"""Sentiment of a sentence by convolution over its word vectors: Kim 2014, arXiv:1408.5882, sec. 2.

Padding (0) at the end changes nothing.

Deviations: Kim's filters see padding at both ends, and also windows of nothing else; here every
window that touches a word counts, and no other. His max-norm is restored after each step, here
before each forward pass of training. There is no multichannel table.
Proof: tests/models/test_sentiment.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.embedding import PADDING, WordEmbedding
from zoo.nn.init import new_head
from zoo.registry import register

MAX_NORM = 3.0  # sec. 3.1: of a row of the last layer


class SentimentCNN(nn.Module):
    """Filters over windows of words, max-over-time pooling, dropout, softmax.

    Kim's three variants: ``CNN-rand`` as it is; ``CNN-static`` with word vectors to start from (see
    zoo/recipes/sentiment.py) and ``static=True``; ``CNN-non-static`` with them alone.
    """

    def __init__(
        self,
        num_classes: int = 2,
        vocab_size: int = 10_000,
        embedding_dim: int = 300,
        num_filters: int = 100,
        kernel_sizes: tuple[int, ...] = (3, 4, 5),
        static: bool = False,
        dropout: float = 0.5,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.table = WordEmbedding(vocab_size, embedding_dim, word_dropout)
        self.table.weight.requires_grad_(not static)
        self.kernel_sizes = kernel_sizes
        self.filters = nn.ModuleList(
            nn.Conv1d(embedding_dim, num_filters, size, padding=size - 1) for size in kernel_sizes
        )
        self.relu = nn.ReLU()
        self.drop = nn.Dropout(dropout)
        self.features = num_filters * len(kernel_sizes)
        self.output = new_head(self, self.features, num_classes)

    def forward_features(self, token_ids: Tensor) -> Tensor:
        """Token ids (N, T) to the largest activation of each filter (N, D)."""
        if not token_ids.shape[1]:  # no words at all: one of padding
            token_ids = token_ids.new_zeros(len(token_ids), 1)
        words = self.table(token_ids).transpose(1, 2)  # (N, D, T)
        count = (token_ids != PADDING).sum(1)[:, None]
        pooled = []
        for size, layer in zip(self.kernel_sizes, self.filters, strict=True):
            activations = self.relu(layer(words))  # (N, num_filters, T + size - 1)
            windows = torch.arange(activations.shape[2], device=token_ids.device)
            touching = windows < count + size - 1
            touching = touching & (count > 0)  # (N, T + size - 1)
            pooled.append((activations * touching[:, None]).amax(2))
        return self.drop(torch.cat(pooled, 1))

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Features to logits (N, K); training clips the rows of the last layer to norm 3."""
        if self.training and isinstance(self.output, nn.Linear):
            with torch.no_grad():
                weight = self.output.weight
                weight.copy_(torch.renorm(weight, 2, 0, MAX_NORM))
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
        """The embedding, the filters, the last layer."""
        return [self.table, self.filters, self.output]


@register(
    "sentiment_cnn",
    paper="Kim 2014, arXiv:1408.5882",
    task="text_classification",
    input_shape=(),
    stem="",
    head="output",
)
def sentiment_cnn(
    num_classes: int = 2,
    vocab_size: int = 10_000,
    embedding_dim: int = 300,
    num_filters: int = 100,
    kernel_sizes: tuple[int, ...] = (3, 4, 5),
    static: bool = False,
    dropout: float = 0.5,
    word_dropout: float = 0.0,
) -> SentimentCNN:
    """100 filters of each of the widths 3, 4 and 5, max-over-time pooling, softmax."""
    return SentimentCNN(
        num_classes,
        vocab_size,
        embedding_dim,
        num_filters,
        kernel_sizes,
        static,
        dropout,
        word_dropout,
    )
