"""A training step of our language model beside the same network in plain torch.nn.

The peer is what a tutorial writes: nn.Embedding, nn.LSTM with dropout, nn.Linear, cross-entropy,
clip, SGD, the hidden state kept from chunk to chunk. Ours is the task's loss and the same clip and
update, at the sizes of Zaremba's medium network (2 x 650 units, 20 streams of 35 words). The other
rows are the adaptive softmax beside our full softmax and beside the peer, at WikiText-2's 33,278
words.
Proof: tests/bench/test_language_model.py.
"""

import statistics
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
MOST = 120.0  # seconds for one row: slow machines do fewer rounds


@dataclass(frozen=True)
class Row:
    """Two sides' median speeds in tokens per second.

    ``times`` above 1 means that ours is faster; it is taken round by round in CPU seconds, which
    other work on the machine disturbs least.
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
    """All rows.

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
    """The peer: a language model as tutorials write it."""

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
    """One update of our model by our task."""
    text = Text(_words(words, STREAMS * LENGTH + 1))
    numbered = Vocabulary(str(number) for number in range(words))
    data = TextSplits("noise", "none", text, text, text, TextFrontEnd("words", numbered))
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
    """Token ids as a text has them: word k is about 1 / k as frequent as the first (Zipf's law)."""
    frequency = 1 / torch.arange(1, words + 1)
    return torch.multinomial(frequency, count, True, generator=torch.Generator().manual_seed(0))


def _row(
    what: str, words: int, ours: Callable[[], None], theirs: Callable[[], None], rounds: int
) -> Row:
    sides: dict[str, Callable[[], Work]] = {"ours": lambda: ours, "theirs": lambda: theirs}
    times = interleaved(sides, rounds, most=MOST)
    one, other = times["ours"], times["theirs"]
    ratio = statistics.median(b / a for a, b in zip(one.cpu, other.cpu, strict=True))
    return Row(what, words, _speed(one.median), _speed(other.median), _speed(one.cpu_median),
               _speed(other.cpu_median), ratio)  # fmt: skip


def _speed(seconds: float) -> float:
    return STREAMS * LENGTH / seconds
