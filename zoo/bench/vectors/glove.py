"""GloVe: cells per CPU second, and its cost compared with a plain float64 implementation.

gensim has no GloVe. Its skip-gram, timed in turns on the same text, serves as a reference for the
speed of the machine; a cell is one update of two vectors, a word of skip-gram several.
The reference costs are computed cell by cell in NumPy and float64 with the authors' update rules,
on the beginning of the text and in the same order.
Proof: tests/bench/vectors/test_glove.py.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from zoo.bench.common.gensim import models
from zoo.data.text.cooccurrence import Cooccurrence, cooccurrence
from zoo.datasets.novels import novels
from zoo.engine.timing import Work, interleaved
from zoo.errors import Missing
from zoo.models.glove import GloVe
from zoo.trainers.glove import BLOCK, GloVeSettings, OnCPU, blocks, train_glove

ROUNDS = 5
HEAD = ("what", "ours", "beside it", "beside", "ratio")
DIM, WINDOW, X_MAX = 100, 10, 10.0
SYNTHETIC = 1_000_000  # words of the random text that is used without the novels
SMALL, EPOCHS = 6_000, 5  # words of the text on which costs are compared, and epochs
PEERS_WORDS = 60_000  # words that gensim reads per round
MOST = 90.0  # seconds after which timing stops


@dataclass(frozen=True)
class Row:
    """One comparison of the zoo with a reference."""

    what: str
    ours: float
    beside: str
    theirs: float

    @property
    def ratio(self) -> float:
        """The zoo's number over the reference."""
        return self.ours / self.theirs

    def cells(self) -> tuple[str, ...]:
        """Text for a table: speeds as integers, costs with five digits."""
        return (self.what, _number(self.ours), self.beside, _number(self.theirs),
                f"{self.ratio:.3f}")  # fmt: skip


def run(rounds: int, text: tuple[Any, Any, int] | None = None) -> Iterator[Row]:
    """Measure speed, then compare costs.

    Args:
        rounds: how often each side runs.
        text: tokens, offsets and V; default: the novels, or else a random text by Zipf's law.

    Raises:
        Missing: without gensim.
    """
    tokens, offsets, words = text or _sample_text()
    yield from _speed(tokens, offsets, words, rounds)
    yield from _costs(tokens, offsets)


def _speed(tokens: Any, offsets: Any, words: int, rounds: int) -> Iterator[Row]:
    """GloVe's cells and counted words per CPU second, each compared with gensim's words."""
    pairs = cooccurrence([(tokens, offsets)], words, window=WINDOW)
    block = _first_cells(pairs, BLOCK)
    part = offsets[: int(np.searchsorted(offsets, PEERS_WORDS)) + 1]

    def glove() -> Work:
        torch.manual_seed(0)
        learner = OnCPU(GloVe(words, DIM), GloVeSettings(x_max=X_MAX), block)
        return lambda: learner.epoch(1)

    def counting() -> Work:
        return lambda: cooccurrence([(tokens, part)], words, window=WINDOW)

    sides = {"glove": glove, "gensim": _gensim(tokens, part), "counting": counting}
    times = interleaved(sides, rounds, most=MOST)
    read = int(part[-1])
    theirs = read / times["gensim"].cpu_median
    beside = "gensim skip-gram, words / CPU s"
    yield Row("non-zero cells / CPU s, dim 100", block.cells / times["glove"].cpu_median,
              beside, theirs)  # fmt: skip
    yield Row("words counted / CPU s, window 10", read / times["counting"].cpu_median,
              beside, theirs)  # fmt: skip


def _gensim(tokens: Any, offsets: Any) -> Callable[[], Work]:
    peer = models().Word2Vec
    lines = [[str(w) for w in tokens[a:b]] for a, b in pairwise(offsets.tolist())]

    def prepare() -> Work:
        model = peer(vector_size=DIM, window=5, negative=5, sg=1, min_count=1, workers=1, seed=1)
        model.build_vocab(lines)
        return lambda: model.train(lines, total_examples=len(lines), epochs=1)

    return prepare


def _costs(tokens: Any, offsets: Any) -> Iterator[Row]:
    """The cost of each epoch in float32 and by the plain rules in float64, from the same start."""
    part = offsets[: int(np.searchsorted(offsets, SMALL)) + 1]
    used, token_ids = np.unique(tokens[: part[-1]], return_inverse=True)
    pairs = cooccurrence([(token_ids.astype(np.int32), part)], len(used), window=WINDOW)
    torch.manual_seed(0)
    model = GloVe(len(used), DIM)
    plain = Plain(model)
    settings, x = GloVeSettings(x_max=X_MAX, epochs=EPOCHS), pairs.dense()
    costs = train_glove(model, pairs, settings)
    for epoch, cost in enumerate(costs, 1):
        order = np.concatenate(
            [np.stack(prepare()[:2], 1) for prepare in blocks(pairs, settings, epoch)]
        )
        yield Row(f"cost, epoch {epoch}", cost, "float64, cell by cell", plain.epoch(x, order))


class Plain:
    """The authors' update rules, cell by cell."""

    def __init__(self, model: GloVe) -> None:
        """Start from the parameters of ``model``."""
        w, c = model.table.vectors.weight, model.context.vectors.weight
        parts = (w, c, model.bias, model.context_bias)
        self.tables = [part.detach().double().numpy().copy() for part in parts]
        self.sums = [np.ones_like(table) for table in self.tables]

    def epoch(self, x: Any, order: Any) -> float:
        """Update on the cells (i, j) and (j, i) of the pairs ``order`` (M, 2); the mean cost."""
        costs = []
        for i, j in order.tolist():
            costs += [self._cell(a, b, x[a, b]) for a, b in dict.fromkeys([(i, j), (j, i)])]
        return sum(costs) / len(costs)

    def _cell(self, i: int, j: int, x: float) -> float:
        w, c, b, d = self.tables
        error = w[i] @ c[j] + b[i] + d[j] - math.log(x)
        slope = min(1.0, x / X_MAX) ** 0.75 * error
        for table, sums, at, step in zip(
            self.tables, self.sums, (i, j, i, j),
            (0.05 * slope * c[j], 0.05 * slope * w[i], slope, slope), strict=True,
        ):  # fmt: skip
            table[at] -= step / np.sqrt(sums[at])
            sums[at] += step * step
        return float(slope * error / 2)


def _first_cells(pairs: Cooccurrence, most: int) -> Cooccurrence:
    return Cooccurrence(pairs.words, pairs.rows[:most], pairs.columns[:most], pairs.counts[:most])


def _sample_text() -> tuple[Any, Any, int]:
    """The novels as token ids, or a million words sampled by Zipf's law in lines of twenty."""
    try:
        corpus = novels()
    except Missing:
        draw = np.random.default_rng(0).zipf(1.1, 2 * SYNTHETIC)
        tokens = (draw[draw <= 20_000][:SYNTHETIC] - 1).astype(np.int32)
        return tokens, np.arange(0, len(tokens) + 1, 20, dtype=np.int64), 20_000
    vocabulary, _ = corpus.frequent()
    text = corpus.encode(vocabulary)
    return np.asarray(text.tokens), np.asarray(text.offsets), len(vocabulary)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value > 100 else f"{value:.5f}"
