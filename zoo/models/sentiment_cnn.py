"""What a sentence says, by filters over windows of its words: Kim 2014, arXiv:1408.5882, sec. 2.

The input is filled up with 0 at the end, which changes nothing.

Deviations: Kim's filters see padding at both ends, and also windows of nothing else; here every
window that touches a word counts, and no other. His max-norm is restored after each step, here
before each forward pass of training. There is no multichannel table.
Proof: tests/models/test_sentiment.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.embedding import PADDING, InputWords
from zoo.nn.init import new_head
from zoo.registry import register

MAX_NORM = 3.0  # sec. 3.1: of a row of the last layer


class SentimentCNN(nn.Module):
    """Filters over windows of words, the strongest answer of each, dropout, softmax.

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
        self.table = InputWords(vocab_size, embedding_dim, word_dropout)
        self.table.weight.requires_grad_(not static)
        self.kernel_sizes = kernel_sizes
        self.filters = nn.ModuleList(
            nn.Conv1d(embedding_dim, num_filters, size, padding=size - 1) for size in kernel_sizes
        )
        self.relu = nn.ReLU()
        self.drop = nn.Dropout(dropout)
        self.features = num_filters * len(kernel_sizes)
        self.output = new_head(self, self.features, num_classes)

    def forward_features(self, numbers: Tensor) -> Tensor:
        """Numbers (N, T) to each filter's largest answer (N, D)."""
        if not numbers.shape[1]:  # no words at all: one of padding
            numbers = numbers.new_zeros(len(numbers), 1)
        words = self.table(numbers).transpose(1, 2)  # (N, D, T)
        count = (numbers != PADDING).sum(1)[:, None]
        found = []
        for size, layer in zip(self.kernel_sizes, self.filters, strict=True):
            answers = self.relu(layer(words))  # (N, num_filters, T + size - 1)
            windows = torch.arange(answers.shape[2], device=numbers.device)
            touching = windows < count + size - 1
            found.append((answers * (touching & (count > 0))[:, None]).amax(2))
        return self.drop(torch.cat(found, 1))

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Features to logits (N, K); in training, rows of the last layer are cut to norm 3."""
        if self.training and isinstance(self.output, nn.Linear):
            with torch.no_grad():
                weight = self.output.weight
                weight.copy_(torch.renorm(weight, 2, 0, MAX_NORM))
        return features if pre_logits else self.output(features)

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers (N, T) to logits (N, K)."""
        return self.forward_head(self.forward_features(numbers))

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.output

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer."""
        self.output = new_head(self, self.features, num_classes)

    def blocks(self) -> list[nn.Module]:
        """The table, the filters, the last layer."""
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
    """100 filters for each of the widths 3, 4 and 5; the largest answer of each, then softmax."""
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
