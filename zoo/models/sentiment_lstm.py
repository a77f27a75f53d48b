"""What a sentence says, read word by word: many to one.

Notes: course 5, week 2, "Sentiment classification", the second model, which knows that "not" came
before "good": the state after the last word, then softmax; cells of LSTM (Hochreiter & Schmidhuber
1997) or GRU. The input is filled up with 0 at the end, which changes nothing.

Deviations: none.
Proof: tests/models/test_sentiment.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.embedding import PADDING, InputWords
from zoo.nn.init import new_head
from zoo.registry import register


class SentimentLSTM(nn.Module):
    """Reads from the first word to the last; with ``bidirectional`` also back, by other weights."""

    def __init__(
        self,
        num_classes: int = 2,
        vocab_size: int = 10_000,
        embedding_dim: int = 100,
        hidden_size: int = 100,
        cell: str = "lstm",
        bidirectional: bool = False,
        dropout: float = 0.5,
        word_dropout: float = 0.1,
    ) -> None:
        super().__init__()
        kinds = {"lstm": nn.LSTM, "gru": nn.GRU}
        if cell not in kinds:
            raise ValueError(f"cell must be one of {', '.join(kinds)}, got {cell!r}")
        self.table = InputWords(vocab_size, embedding_dim, word_dropout)
        ways = 2 if bidirectional else 1
        self.cells = nn.ModuleList(
            kinds[cell](embedding_dim, hidden_size, batch_first=True) for _ in range(ways)
        )
        self.drop = nn.Dropout(dropout)
        self.features = ways * hidden_size
        self.output = new_head(self, self.features, num_classes)

    def forward_features(self, numbers: Tensor) -> Tensor:
        """Numbers (N, T) to the state after the last word (N, D); after the first, reading back."""
        numbers = _at_least_one(numbers)
        last = (numbers != PADDING).sum(1).clamp(min=1) - 1
        words = self.drop(self.table(numbers))
        rows = torch.arange(len(numbers), device=numbers.device)
        ends = []
        for back, cell in enumerate(self.cells):
            states, _ = cell(_turned(words, last) if back else words)
            ends.append(states[rows, last])
        return self.drop(torch.cat(ends, 1))

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Features to logits (N, K)."""
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
        """The table, the cells, the last layer."""
        return [self.table, self.cells, self.output]


def _at_least_one(numbers: Tensor) -> Tensor:
    """A batch of no columns at all gets one of padding."""
    return numbers if numbers.shape[1] else numbers.new_zeros(len(numbers), 1)


def _turned(words: Tensor, last: Tensor) -> Tensor:
    """Vectors (N, T, D) with the words of each sentence in reverse; the padding stays."""
    along = torch.arange(words.shape[1], device=words.device)
    back = last[:, None] - along  # (N, T)
    place = torch.where(back >= 0, back, along)
    return words.gather(1, place[:, :, None].expand_as(words))


@register(
    "sentiment_lstm",
    paper="notes, course 5, week 2; Hochreiter & Schmidhuber 1997",
    task="text_classification",
    input_shape=(),
    stem="",
    head="output",
)
def sentiment_lstm(
    num_classes: int = 2,
    vocab_size: int = 10_000,
    embedding_dim: int = 100,
    hidden_size: int = 100,
    cell: str = "lstm",
    bidirectional: bool = False,
    dropout: float = 0.5,
    word_dropout: float = 0.1,
) -> SentimentLSTM:
    """An LSTM or GRU reads the sentence; its last state, then softmax."""
    return SentimentLSTM(
        num_classes,
        vocab_size,
        embedding_dim,
        hidden_size,
        cell,
        bidirectional,
        dropout,
        word_dropout,
    )
