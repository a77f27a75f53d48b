"""Sentiment of a sentence from the last state of an LSTM or GRU: many to one.

Notes: course 5, week 2, "Sentiment classification", the second model, which knows that "not" came
before "good": the state after the last word, then softmax; cells of LSTM (Hochreiter & Schmidhuber
1997) or GRU. Padding (0) at the end changes nothing.

Deviations: none.
Proof: tests/models/test_sentiment.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.embedding import PADDING, WordEmbedding
from zoo.nn.init import new_head
from zoo.nn.sequence.recurrent import reversed_steps
from zoo.registry import register


class SentimentLSTM(nn.Module):
    """An LSTM or GRU from the first word to the last; with ``bidirectional`` another one back."""

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
        cells = {"lstm": nn.LSTM, "gru": nn.GRU}
        if cell not in cells:
            raise ValueError(f"cell must be one of {', '.join(cells)}, got {cell!r}")
        self.table = WordEmbedding(vocab_size, embedding_dim, word_dropout)
        directions = 2 if bidirectional else 1
        self.cells = nn.ModuleList(
            cells[cell](embedding_dim, hidden_size, batch_first=True) for _ in range(directions)
        )
        self.drop = nn.Dropout(dropout)
        self.features = directions * hidden_size
        self.output = new_head(self, self.features, num_classes)

    def forward_features(self, token_ids: Tensor) -> Tensor:
        """Token ids (N, T) to the final state of each direction (N, D)."""
        token_ids = _at_least_one(token_ids)
        lengths = (token_ids != PADDING).sum(1).clamp(min=1)
        words = self.drop(self.table(token_ids))
        index = reversed_steps(lengths, words.shape[1])[:, :, None].expand_as(words)
        rows = torch.arange(len(token_ids), device=token_ids.device)
        ends = []
        for back, cell in enumerate(self.cells):
            states, _ = cell(words.gather(1, index) if back else words)
            ends.append(states[rows, lengths - 1])
        return self.drop(torch.cat(ends, 1))

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
        """The embedding, the cells, the last layer."""
        return [self.table, self.cells, self.output]


def _at_least_one(token_ids: Tensor) -> Tensor:
    """A batch without any token gets one column of padding."""
    return token_ids if token_ids.shape[1] else token_ids.new_zeros(len(token_ids), 1)


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
