"""BiLSTM-CRF: a tag for every word. Huang et al. 2015; Lample et al. 2016; Ma & Hovy 2016.

Notes: course 5, week 1, "Bidirectional RNN" and the example of named entities. A word is the
concatenation of its vector, of a max-pooled convolution over its characters (Ma & Hovy 2016,
arXiv:1603.01354, fig. 1), and of the vector of its shape. A bidirectional LSTM reads the sentence;
a linear layer scores the tags of each word; a CRF chooses the sequence.

Deviations: Ma & Hovy start from 100 GloVe dimensions of 6 billion words and have no shapes; Lample
et al. read characters by an LSTM.
Proof: tests/models/test_tagger.py.
"""

import torch
from torch import Tensor, nn

from zoo.nn.sequence.crf import CRF
from zoo.nn.sequence.recurrent import reversed_steps
from zoo.registry import register

SHAPES = 13  # kinds of words (digits, capitals ...), the padding one of them
SHAPE_FEATURES = 10
CHARACTER_FEATURES = 30  # Ma & Hovy 2016, sec. 3.1


class Spelling(nn.Module):
    """Characters of a word to features: a convolution of width 3, max pooling over the word."""

    def __init__(self, char_vocab_size: int, filters: int, dropout: float) -> None:
        super().__init__()
        self.vectors = nn.Embedding(char_vocab_size, CHARACTER_FEATURES, padding_idx=0)
        self.dropout = nn.Dropout(dropout)
        self.conv = nn.Conv1d(CHARACTER_FEATURES, filters, 3, padding=1)
        bound = (3 / CHARACTER_FEATURES) ** 0.5  # Ma & Hovy 2016, sec. 3.1
        nn.init.uniform_(self.vectors.weight, -bound, bound)
        with torch.no_grad():
            self.vectors.weight[0] = 0

    def forward(self, characters: Tensor) -> Tensor:
        """(N, T, L), 0 after the end of a word, to (N, T, filters)."""
        flat = characters.flatten(0, 1)  # (N T, L)
        letters = self.dropout(self.vectors(flat)).transpose(1, 2)
        pooled = self.conv(letters).masked_fill((flat == 0)[:, None], float("-inf")).amax(2)
        pooled = pooled.masked_fill(pooled == float("-inf"), 0)  # padding has no characters
        return pooled.view(*characters.shape[:2], -1)


class BidirectionalLSTM(nn.Module):
    """An LSTM from the left and one from the right, each sentence reversed within its length.

    A padded sentence gives what it gives alone: neither LSTM reads padding before the sentence.
    """

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.onward = nn.LSTM(features, hidden, batch_first=True)
        self.backward_ = nn.LSTM(features, hidden, batch_first=True)
        for lstm in (self.onward, self.backward_):
            _, recurrent, bias, other_bias = lstm.parameters()
            nn.init.orthogonal_(recurrent)
            nn.init.zeros_(other_bias)
            nn.init.zeros_(bias)
            with torch.no_grad():  # Jozefowicz et al. 2015: forget nothing at first
                bias[hidden : 2 * hidden] = 1

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(N, T, D) to (N, T, 2 hidden)."""
        index = reversed_steps(lengths, x.shape[1])[:, :, None]
        onward, _ = self.onward(x)
        back, _ = self.backward_(x.gather(1, index.expand_as(x)))
        return torch.cat([onward, back.gather(1, index.expand_as(back))], 2)


class Tagger(nn.Module):
    """Words, characters and shapes to the emissions of a CRF over tags."""

    def __init__(
        self,
        num_classes: int = 13,
        vocab_size: int = 10_000,
        char_vocab_size: int = 100,
        embedding_dim: int = 100,
        hidden_size: int = 100,
        char_filters: int = 30,
        dropout: float = 0.5,
        crf: bool = True,
    ) -> None:
        super().__init__()
        self.vectors = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.spelling = Spelling(char_vocab_size, char_filters, dropout)
        self.shapes = nn.Embedding(SHAPES, SHAPE_FEATURES, padding_idx=0)
        self.dropout = nn.Dropout(dropout)
        self.lstm = BidirectionalLSTM(embedding_dim + char_filters + SHAPE_FEATURES, hidden_size)
        self.features, self.has_crf = 2 * hidden_size, crf
        bound = (3 / embedding_dim) ** 0.5
        nn.init.uniform_(self.vectors.weight, -bound, bound)
        self.reset_classifier(num_classes)

    def forward_features(
        self, words: Tensor, characters: Tensor, shapes: Tensor, lengths: Tensor
    ) -> Tensor:
        """(N, T), (N, T, L), (N, T) and (N,) to what enters the output layer: (N, T, D)."""
        parts = [self.vectors(words), self.spelling(characters), self.shapes(shapes)]
        return self.dropout(self.lstm(self.dropout(torch.cat(parts, 2)), lengths))

    def forward(self, words: Tensor, characters: Tensor, shapes: Tensor, lengths: Tensor) -> Tensor:
        """(N, T), (N, T, L), (N, T) and (N,) to the emissions of the CRF: (N, T, K)."""
        scores: Tensor = self.output(self.forward_features(words, characters, shapes, lengths))
        return scores

    def get_classifier(self) -> nn.Module:
        """The output layer."""
        return self.output

    def reset_classifier(self, num_classes: int) -> None:
        """A new output layer and CRF."""
        device = self.vectors.weight.device
        self.output = nn.Linear(self.features, num_classes, device=device)
        self.crf = CRF(num_classes, learn=self.has_crf).to(device)

    def blocks(self) -> list[nn.Module]:
        """The embeddings; the LSTM; output layer and CRF."""
        first = nn.ModuleList([self.vectors, self.spelling, self.shapes])
        return [first, self.lstm, nn.ModuleList([self.output, self.crf])]


@register(
    "tagger",
    paper="Ma & Hovy 2016, arXiv:1603.01354",
    task="tagging",
    input_shape=(),
    stem="",
    head="output crf",
)
def tagger(
    num_classes: int = 13,
    vocab_size: int = 10_000,
    char_vocab_size: int = 100,
    embedding_dim: int = 100,
    hidden_size: int = 100,
    char_filters: int = 30,
    dropout: float = 0.5,
    crf: bool = True,
) -> Tagger:
    """A tag for each word: word and character features, BiLSTM, CRF; ``crf=False``: softmax."""
    return Tagger(
        num_classes,
        vocab_size,
        char_vocab_size,
        embedding_dim,
        hidden_size,
        char_filters,
        dropout,
        crf,
    )
