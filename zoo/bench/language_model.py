"""A training step of the language model compared with the same network in plain torch.nn.

The peer is a typical tutorial: nn.Embedding, nn.LSTM with dropout, nn.Linear, cross-entropy,
gradient clipping, SGD, with the hidden state passed from chunk to chunk. The zoo's side is the
task's loss with the same clipping and update, at the sizes of Zaremba's medium network (2 x 650
units, 20 streams of 35 words). Further rows compare the adaptive softmax with the full softmax and
with the peer, at WikiText-2's 33,278 words.
Proof: tests/bench/test_language_model.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo import registry
from zoo.data.text.token_stream import Text, TextFrontEnd, TextSplits
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.timing import Work, interleaved
from zoo.tasks.language_model import LanguageModelTask

ROUNDS = 5
HEAD = ("training step", "words", "ours, tokens/s", "theirs", "ours, tokens per CPU s", "theirs",
        "times")  # fmt: skip
STREAMS, LENGTH = 20, 35
CUTOFFS = (1_000, 5_000, 15_000)
MOST = 120.0  # seconds per row: slow machines run fewer rounds


@dataclass(frozen=True)
class Row:
    """Median speeds of two sides in tokens per second.

    ``times`` above 1: the zoo is faster; the median over the rounds of the ratio of CPU times,
    which other processes disturb least.
    """

    what: str
    words: int
    ours: float
    theirs: float
    ours_cpu: float
    theirs_cpu: float
    times: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        speeds = (self.ours, self.theirs, self.ours_cpu, self.theirs_cpu)
        texts = [f"{speed:,.0f}" for speed in speeds]
        return (self.what, f"{self.words:,}", *texts, f"{self.times:.2f}")


def run(
    rounds: int, words: tuple[int, int] = (10_000, 33_278), *, units: int = 650
) -> Iterator[Row]:
    """Measure all rows.

    Args:
        rounds: how often each side runs.
        words: the two sizes of the vocabulary.
        units: size of the embedding and of both hidden layers.
    """
    few, many = words
    sizes = {"embedding_dim": units, "hidden_size": units, "num_layers": 2, "dropout": 0.5}
    cutoffs = CUTOFFS if many > CUTOFFS[-1] else (many // 4, many // 2)
    full, short = _ours(many, sizes), _ours(many, {**sizes, "cutoffs": cutoffs})
    ours, plain = _ours(few, sizes), Plain(few, units).step
    yield _row("LSTM beside nn.LSTM", few, ours, plain, rounds)
    yield _row("adaptive softmax beside full", many, short, full, rounds)
    plain = Plain(many, units).step
    yield _row("adaptive softmax beside nn.LSTM", many, short, plain, rounds)


class Plain(nn.Module):
    """The peer: the language model of a typical tutorial."""

    def __init__(self, words: int, units: int) -> None:
        super().__init__()
        self.encoder = nn.Embedding(words, units)
        self.drop = nn.Dropout(0.5)
        self.rnn = nn.LSTM(units, units, 2, dropout=0.5)
        self.decoder = nn.Linear(units, words)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=1e-3)
        self.chunk = _words(words, STREAMS * (LENGTH + 1)).view(LENGTH + 1, STREAMS)
        self.state: tuple[Tensor, Tensor] | None = None

    def step(self) -> None:
        """One update."""
        x, self.state = self.rnn(self.drop(self.encoder(self.chunk[:-1])), self.state)
        self.state = (self.state[0].detach(), self.state[1].detach())
        logits = self.decoder(self.drop(x))
        F.cross_entropy(logits.flatten(0, 1), self.chunk[1:].flatten()).backward()
        _update(self, self.optimizer)


def _ours(words: int, arguments: dict[str, Any]) -> Callable[[], None]:
    """One update of the zoo's model by its task."""
    text = Text(_words(words, STREAMS * LENGTH + 1))
    vocabulary = Vocabulary(str(number) for number in range(words))
    data = TextSplits("noise", "none", text, text, text, TextFrontEnd("words", vocabulary))
    model = registry.build("lstm", vocab_size=words, **arguments).train()
    task = LanguageModelTask(model, data, STREAMS, sequence_length=LENGTH, random_offset=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def step() -> None:
        for _, inputs, targets in task.batches(0):
            task.loss((1, inputs, targets)).backward()
            _update(model, optimizer)

    return step


def _update(model: nn.Module, optimizer: Any) -> None:
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    optimizer.zero_grad()


def _words(words: int, count: int) -> Tensor:
    """Random token ids by Zipf's law: word k has a probability proportional to 1 / k."""
    frequency = 1 / torch.arange(1, words + 1)
    return torch.multinomial(frequency, count, True, generator=torch.Generator().manual_seed(0))


def _row(
    what: str, words: int, ours: Callable[[], None], theirs: Callable[[], None], rounds: int
) -> Row:
    sides: dict[str, Callable[[], Work]] = {"ours": lambda: ours, "theirs": lambda: theirs}
    times = interleaved(sides, rounds, most=MOST)
    one, other = times["ours"], times["theirs"]
    return Row(what, words, _speed(one.median), _speed(other.median), _speed(one.cpu_median),
               _speed(other.cpu_median), other.cpu_ratio(one))  # fmt: skip


def _speed(seconds: float) -> float:
    return STREAMS * LENGTH / seconds
