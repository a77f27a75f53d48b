"""Recurrent language models: simple RNN, LSTM and GRU over characters or words.

Source: notes, course 5, week 1; Zaremba et al. 2014, arXiv:1409.2329 (stacked LSTM, dropout on the
connections that are not recurrent only, sec. 3.1); Gal & Ghahramani 2016, arXiv:1512.05287 (locked
dropout: one mask for all time steps); Press & Wolf 2017, arXiv:1608.05859, and Inan et al. 2017
(tied weights); Grave et al. 2017, arXiv:1609.04309 (adaptive softmax).
The layers are torch.nn's fused ones, or zoo/nn/sequence/gru.py with the same weights; a single
token goes through their cells (zoo/nn/sequence/one_step.py). State goes in and comes out as one
tensor.
Deviations: a forget gate starts open (bias 1, Jozefowicz et al. 2015) where Zaremba's starts at
random around 0 (their recipes draw every weight anew); Gal's mask is drawn for each chunk.
Proof: tests/models/test_language_model.py.
"""

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn.cross_entropy import cross_entropy
from zoo.nn.dropout import LockedDropout
from zoo.nn.sequence import one_step
from zoo.nn.sequence.gru import FusedGRU
from zoo.nn.sequence.one_step import State
from zoo.registry import register

UNIFORM = 0.1  # initial word vectors and softmax weights are uniform in +- this


class Softmax(nn.Module):
    """The last layer, over all words; with ``tie_weights`` it uses the embedding's weight."""

    def __init__(self, features: int, vocab_size: int, tie_weights: bool) -> None:
        super().__init__()
        self.weight = None if tie_weights else nn.Parameter(torch.empty(vocab_size, features))
        self.bias = nn.Parameter(torch.zeros(vocab_size))
        if self.weight is not None:
            nn.init.uniform_(self.weight, -UNIFORM, UNIFORM)

    def scores(self, x: Tensor, table: Tensor) -> Tensor:
        """Features (M, D) to logits (M, V): right up to a constant for each row."""
        return F.linear(x, table if self.weight is None else self.weight, self.bias)

    def cross_entropy(self, x: Tensor, targets: Tensor, table: Tensor) -> Tensor:
        """-log p of each target: (M, D), (M,) to (M,)."""
        return cross_entropy(self.scores(x, table), targets)


class AdaptiveSoftmax(nn.Module):
    """Frequent words in a short list, the others in clusters of ever smaller features.

    Token ids must be in order of falling frequency, as ``Vocabulary.count`` gives them.
    """

    def __init__(self, features: int, vocab_size: int, cutoffs: tuple[int, ...]) -> None:
        super().__init__()
        if features < 4 ** len(cutoffs):
            raise ValueError(
                f"{len(cutoffs)} clusters need hidden_size of at least {4 ** len(cutoffs)}"
            )
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(
            features, vocab_size, [*cutoffs], div_value=4.0
        )

    def scores(self, x: Tensor, table: Tensor) -> Tensor:
        """Features (M, D) to log-probabilities (M, V)."""
        return self.softmax.log_prob(x)

    def cross_entropy(self, x: Tensor, targets: Tensor, table: Tensor) -> Tensor:
        """-log p of each target: (M, D), (M,) to (M,); few words meet more than the short list."""
        return -self.softmax(x, targets).output


class LanguageModel(nn.Module):
    """p(next word | all words before it).

    >>> model = LanguageModel(nn.LSTM, vocab_size=65, embedding_dim=8, hidden_size=16, num_layers=2)
    >>> logits, state = model(torch.zeros(3, 5, dtype=torch.long))
    >>> logits.shape, state.shape  # the state: layers, its parts (h and c), N, H
    (torch.Size([3, 5, 65]), torch.Size([2, 2, 3, 16]))
    """

    def __init__(
        self,
        layer: Any,  # nn.RNN, nn.LSTM or their like, time first: (inputs, hidden) -> layer
        vocab_size: int,
        embedding_dim: int,
        hidden_size: int,
        num_layers: int = 1,
        dropout: float = 0.0,
        tie_weights: bool = False,
        locked_dropout: bool = False,
        cutoffs: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        if min(vocab_size, embedding_dim, hidden_size, num_layers) < 1:
            raise ValueError(
                "vocab_size, embedding_dim, hidden_size, num_layers must be at least 1"
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {dropout}")
        if tie_weights and (embedding_dim != hidden_size or cutoffs):
            raise ValueError("tie_weights needs embedding_dim equal to hidden_size, and no cutoffs")
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        nn.init.uniform_(self.embedding.weight, -UNIFORM, UNIFORM)
        sizes = [embedding_dim] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(layer(size, hidden_size) for size in sizes)
        self.dropout = LockedDropout(dropout) if locked_dropout else nn.Dropout(dropout)
        self.output: Any = (
            AdaptiveSoftmax(hidden_size, vocab_size, cutoffs)
            if cutoffs
            else Softmax(hidden_size, vocab_size, tie_weights)
        )
        self.hidden_size = hidden_size
        self.parts = 2 if layer is nn.LSTM else 1  # of the state: h and c
        kinds = {nn.LSTM: one_step.lstm, nn.RNN: one_step.rnn}
        self.one_step = kinds.get(layer, one_step.gru)
        if layer is nn.LSTM:
            for one in self.layers:
                open_forget_gate(one)

    def start(self, count: int) -> Tensor:
        """The state before the first word: zeros (layers, parts, N, H)."""
        return self.embedding.weight.new_zeros(
            len(self.layers), self.parts, count, self.hidden_size
        )

    def forward(
        self, tokens: Tensor, state: Tensor | None = None, targets: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Predictions after each of ``tokens``, and the state after the last.

        Args:
            tokens: (N, T) token ids.
            state: (layers, parts, N, H), as the call before gave it; zeros by default.
            targets: (N, T) the next tokens.

        Returns:
            Logits (N, T, V), with an adaptive softmax log-probabilities; with ``targets`` -log p of
            each (N, T) instead, which an adaptive softmax computes much faster.
        """
        x, state = self.features(tokens, state)
        if targets is None:
            return self.scores(x), state
        return self.cross_entropy(x, targets), state

    def blocks(self) -> list[nn.Module]:
        """All parameters, parted from input to output: the units of gradual unfreezing."""
        return [self.embedding, *self.layers, self.output]

    def features(self, tokens: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The last layer's outputs (N, T, H), and the state: the part that goes word by word."""
        state = self.start(len(tokens)) if state is None else state
        x = self.embedding(tokens.t())  # (T, N, D): the fused layers' own order
        after = []
        for layer, before in zip(self.layers, state, strict=True):
            given = before.split(1)  # parts of (1, N, H)
            x, last = layer(self._drop(x), given if self.parts == 2 else given[0])
            after.append(torch.cat(last) if self.parts == 2 else last)
        return self._drop(x).transpose(0, 1), torch.stack(after)

    def _drop(self, x: Tensor) -> Tensor:
        """Dropout of (T, N, D), where each example is dropped from by itself."""
        dropped: Tensor = self.dropout(x.transpose(0, 1)).transpose(0, 1)
        return dropped

    def scores(self, features: Tensor) -> Tensor:
        """Features (..., H) to logits (..., V)."""
        flat = self.output.scores(features.flatten(0, -2), self.embedding.weight)
        return flat.unflatten(0, features.shape[:-1])

    def cross_entropy(self, features: Tensor, targets: Tensor) -> Tensor:
        """-log p of ``targets`` (N, T) after ``features`` (N, T, H): (N, T)."""
        x, by_time = features.transpose(0, 1), targets.t()  # time first again: no copy
        flat = self.output.cross_entropy(x.flatten(0, 1), by_time.flatten(), self.embedding.weight)
        return flat.view_as(by_time).t()

    def step(self, tokens: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Log-probabilities (N, V) of what follows ``tokens`` (N, T), and the state: to decode."""
        x, state = self.features(tokens, state)
        return self.scores(x[:, -1]).log_softmax(-1), state

    def stepper(self, state: Tensor, count: int) -> tuple[Any, list[State]]:
        """``step`` for one token at a time (N, 1), without dropout and twice as fast; its state.

        Args:
            state: as ``step`` gives it; the function takes and gives it as (h, c) of each layer.
            count: tokens that will be read; if there are no more tokens in the vocabulary, the
                first layer's product with each of them is computed now.
        """
        cells = [self.one_step(layer) for layer in self.layers]
        table, output, ready = (
            self.embedding.weight,
            self.output,
            count >= len(self.embedding.weight),
        )
        rows = cells[0].of_input(table) if ready else table

        def step(tokens: Tensor, states: list[State]) -> tuple[Tensor, list[State]]:
            x, given, after = F.embedding(tokens[:, 0], rows), ready, []
            for cell, before in zip(cells, states, strict=True):
                after.append(cell.step(x if given else cell.of_input(x), before))
                x, given = after[-1][0], False
            return output.scores(x, table).log_softmax(-1), after

        return step, [before.unbind(0) for before in state.unbind(0)]


@torch.no_grad()
def open_forget_gate(layer: Any) -> None:
    """Bias 1 for the forget gate, 0 for the others; torch's gates are i, f, g, o."""
    layer.bias_ih_l0.zero_()
    layer.bias_hh_l0.zero_()
    layer.bias_ih_l0[layer.hidden_size : 2 * layer.hidden_size] = 1


@torch.no_grad()
def draw_uniform(model: LanguageModel, half: float) -> None:
    """Every parameter, biases too, anew from [-half, half], as Zaremba et al. 2014, sec. 4.1."""
    for parameter in model.parameters():
        parameter.uniform_(-half, half)


SHAPE = {"input_shape": (35,), "stem": "", "head": "output"}
WHAT: dict[str, Any] = {"task": "language_model", **SHAPE}


@register("rnn", paper="Elman 1990, Cognitive Science 14(2); notes, course 5, week 1", **WHAT)
def rnn(
    vocab_size: int = 65,
    embedding_dim: int = 64,
    hidden_size: int = 512,
    num_layers: int = 1,
    dropout: float = 0.0,
    tie_weights: bool = False,
    locked_dropout: bool = False,
) -> LanguageModel:
    """A language model of simple recurrent units: a<t> = tanh(Wa [a<t-1>, x<t>] + b)."""
    return LanguageModel(
        nn.RNN,
        vocab_size,
        embedding_dim,
        hidden_size,
        num_layers,
        dropout,
        tie_weights,
        locked_dropout,
    )


@register("lstm", paper="Zaremba et al. 2014, arXiv:1409.2329", **WHAT)
def lstm(
    vocab_size: int = 65,
    embedding_dim: int = 64,
    hidden_size: int = 512,
    num_layers: int = 1,
    dropout: float = 0.0,
    tie_weights: bool = False,
    locked_dropout: bool = False,
    cutoffs: tuple[int, ...] = (),
) -> LanguageModel:
    """A language model of LSTM cells; ``cutoffs=2000,10000`` makes the softmax adaptive."""
    return LanguageModel(
        nn.LSTM,
        vocab_size,
        embedding_dim,
        hidden_size,
        num_layers,
        dropout,
        tie_weights,
        locked_dropout,
        cutoffs,
    )


@register("gru", paper="Cho et al. 2014, arXiv:1406.1078; Chung et al. 2014", **WHAT)
def gru(
    vocab_size: int = 65,
    embedding_dim: int = 64,
    hidden_size: int = 512,
    num_layers: int = 1,
    dropout: float = 0.0,
    tie_weights: bool = False,
    locked_dropout: bool = False,
    reset_after: bool = True,
) -> LanguageModel:
    """A language model of gated recurrent units; ``reset_after=False`` is Cho's and the notes'."""
    cells = partial(FusedGRU, batch_first=False, reset_after=reset_after)
    return LanguageModel(
        cells,
        vocab_size,
        embedding_dim,
        hidden_size,
        num_layers,
        dropout,
        tie_weights,
        locked_dropout,
    )
