"""Training GloVe on its non-zero cells, fast: threads on a CPU, batches on a GPU.

Paper: Pennington, Socher and Manning 2014, sec. 4.2 ("AdaGrad, stochastically sampling non-zero
elements from X, with initial learning rate of 0.05"). Notes: course 5, week 2.

Two AdaGrads. ``authors``, of the program that made the published vectors: t = eta g; w -= t /
sqrt(s); s += t^2, from s = 1. With the rate inside, that is a rate of 1 on s / eta^2, which starts
at 400: slow at first. Biases have no rate: b -= g / sqrt(s); s += g^2. ``textbook`` (Duchi et
al. 2011): s += g^2; w -= eta g / sqrt(s), from s = 1, biases alike.
Gradients are of f(X_ij) error^2 / 2, and clipped to +-100.

On a GPU a batch of cells is one update: all of its errors are taken before any of its moves, and
the squares of a word's other cells in the batch count in the root as if they had gone before.
Proof: tests/trainers/test_glove.py.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.engine.seed import generator
from zoo.errors import BadInput, NotFinite
from zoo.trainers.pieces import Position, Tables, Unwatched, Watch, train_in_pieces

BLOCK = 1 << 18  # pairs that are shuffled together, and what a thread does at a time
BATCH = 8192  # cells of one update on a GPU
CLIP = 100.0
COMPILING = 5  # seconds, about


@dataclass(frozen=True)
class GloVeSettings:
    """Everything that decides the vectors, besides the text.

    Attributes:
        embedding_dim: D, the length of a vector.
        window: words on each side; distances are counted without the unknown ones.
        min_count, max_vocab_size: which words get a vector: the most frequent ones.
        epochs: passes over the non-zero cells.
        memory: MiB for counting; the rest goes through the folder of temporary files.
        eta: the rate.
        x_max, alpha: f(x) = min(1, x / x_max)^alpha weighs the cells.
        update: whose AdaGrad; see above.
        threads: on a CPU; with more than one a run is not repeatable bit by bit.
        seed: of the order in which the cells come.
    """

    embedding_dim: int = 100
    window: int = 10
    min_count: int = 5
    max_vocab_size: int | None = None
    epochs: int = 25
    memory: int = 1024
    eta: float = 0.05
    x_max: float = 100.0
    alpha: float = 0.75
    update: Literal["authors", "textbook"] = "authors"
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("embedding_dim", "epochs", "threads"):
            if vars(self)[name] < 1:
                raise BadInput(f"{name} must be at least 1, got {vars(self)[name]}")
        if min(self.eta, self.x_max, self.alpha) <= 0:
            got = f"{self.eta}, {self.x_max} and {self.alpha}"
            raise BadInput(f"eta, x_max and alpha must be above 0, got {got}")


def train_glove(
    model: Any,
    pairs: Any,
    settings: GloVeSettings,
    watch: Watch | None = None,
) -> list[float]:
    """Train a ``zoo.models.glove.GloVe`` in place.

    Args:
        model: its device decides: compiled steps on a CPU, batches elsewhere.
        pairs: a ``zoo.data.text.cooccurrence.Cooccurrence``.
        watch: told after each piece and each epoch; may have a state to go on from.

    Returns:
        for each epoch the mean over cells of f(X_ij) error^2 / 2, each error taken just before its
        update; summed in float64.

    Raises:
        BadInput: if no pair of words occurs, or the model is for another number of words.
        NotFinite: if the model's parameters are not finite, or a cost is not.
    """
    if not len(pairs):
        raise BadInput("no two words of the vocabulary stand near each other; nothing to learn")
    if len(model.bias) != pairs.words:
        raise BadInput(f"the model has {len(model.bias)} words, the counts are of {pairs.words}")
    if not all(parameter.isfinite().all() for parameter in model.parameters()):
        raise NotFinite("the model's vectors hold NaN or infinity; start from others")
    trainer = (OnCPU if model.bias.device.type == "cpu" else InBatches)(model, settings, pairs)

    def mean(position: Position) -> float:
        cost = position.loss / pairs.cells
        if not np.isfinite(cost):
            raise NotFinite(
                f"the cost of epoch {position.epoch} is {cost}; lower eta ({settings.eta})"
            )
        return cost

    costs = train_in_pieces(trainer, settings.epochs, watch or Unwatched(), mean)
    trainer.copy_back()
    return costs


def blocks(pairs: Any, settings: GloVeSettings, epoch: int) -> Iterator[Callable[[], list[Any]]]:
    """All pairs of an epoch in random order, prepared when called: i, j, log X_ij, f(X_ij).

    The pairs may lie on the disk, so they are shuffled in blocks of consecutive pairs; these are
    unrelated, as the counts come in the order of a hash. Within a block the pairs of one column,
    the rarer word, follow each other, columns and their pairs in random order: the vectors of a
    rare word are then read from memory once for a block, which saves up to half of the time.
    """
    count = -(-len(pairs) // BLOCK)
    draw = generator(settings.seed, "cells", epoch)
    x_max, alpha = np.float32(settings.x_max), np.float32(settings.alpha)

    def prepare(
        block: int, order: NDArray[np.int64], places: NDArray[np.int16]
    ) -> list[NDArray[Any]]:
        place = slice(block * BLOCK, (block + 1) * BLOCK)
        order = order[places[pairs.columns[place][order]].argsort(kind="stable")]
        counts = pairs.counts[place][order].astype(np.float32)
        weights = np.minimum(counts / x_max, np.float32(1.0)) ** alpha
        return [pairs.rows[place][order], pairs.columns[place][order], np.log(counts), weights]

    for block in torch.randperm(count, generator=draw).tolist():
        size = min(BLOCK, len(pairs) - block * BLOCK)
        order = torch.randperm(size, generator=draw).numpy()
        places = torch.randint(-(1 << 15), 1 << 15, (pairs.words,), generator=draw).short().numpy()
        yield partial(prepare, block, order, places)


def batched(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Items in lists of ``size``, of which the last may be shorter."""
    while some := list(islice(items, size)):
        yield some


class OnCPU:
    """The compiled trainer, on a copy of the model that keeps all parameters of a word together."""

    def __init__(self, model: Any, settings: GloVeSettings, pairs: Any) -> None:
        self.model, self.settings, self.pairs = model, settings, pairs
        words, dim = model.table.vectors.weight.shape
        self.state = np.ones((words, 4, dim), np.float32)
        self.bias = np.ones((words, 4), np.float32)
        for at, (table, bias) in enumerate(_halves(model)):
            self.state[:, at] = table.detach().numpy()
            self.bias[:, at] = bias.detach().numpy()

    def tables(self) -> Tables:
        """Vectors and biases, with their sums of squares."""
        arrays = {"model.state": self.state, "model.bias": self.bias}
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def pieces(self, epoch: int, start: int = 0) -> Iterator[tuple[float, int]]:
        """The cells of an epoch, each updated once: a block for each thread, and its costs."""
        from zoo.ops.compiled import first_call
        from zoo.ops.glove_kernels import steps

        eta: Any = np.float32(self.settings.eta)  # the loops are compiled for single precision
        textbook, threads = self.settings.update == "textbook", self.settings.threads

        def work(prepare: Callable[[], list[Any]]) -> float:
            i, j, logs, weights = prepare()
            return float(steps(i, j, logs, weights, self.state, self.bias, eta, textbook))

        none: Any = np.zeros(0, np.int32), np.zeros(0, np.int32), *[np.zeros(0, np.float32)] * 2
        nothing = partial(steps, *none, self.state, self.bias, eta, textbook)
        first_call("GloVe's loops", COMPILING, "float32", nothing)
        with ThreadPoolExecutor(threads) as pool:
            rounds = batched(blocks(self.pairs, self.settings, epoch), threads)
            for some in islice(rounds, start, None):
                yield sum(pool.map(work, some)), 0

    def epoch(self, epoch: int) -> float:
        """The sum of the costs of all cells, each of which is updated once."""
        return sum(cost for cost, _ in self.pieces(epoch))

    @torch.no_grad()
    def copy_back(self) -> None:
        """Copy the parameters back into the model."""
        for at, (table, bias) in enumerate(_halves(self.model)):
            table.copy_(torch.from_numpy(self.state[:, at]))
            bias.copy_(torch.from_numpy(self.bias[:, at]))


class InBatches:
    """The same in torch, on any device."""

    def __init__(self, model: Any, settings: GloVeSettings, pairs: Any, batch: int = BATCH) -> None:
        self.model, self.settings, self.pairs, self.batch = model, settings, pairs, batch
        self.sums = [[torch.ones_like(t) for t in half] for half in _halves(model)]

    def tables(self) -> Tables:
        """Vectors and biases of words and contexts, with their sums of squares."""
        names = ("words", "biases", "contexts", "context_biases")
        parameters = [t.detach() for half in _halves(self.model) for t in half]
        sums = [t for half in self.sums for t in half]
        return {
            **{f"model.{name}": t for name, t in zip(names, parameters, strict=True)},
            **{f"sums.{name}": t for name, t in zip(names, sums, strict=True)},
        }

    @torch.no_grad()
    def pieces(self, epoch: int, start: int = 0) -> Iterator[tuple[float, int]]:
        """The cells of an epoch, each updated once, by blocks: the sum of the costs of each."""
        device, pairs = self.model.bias.device, self.pairs
        # a word in many cells of a batch takes their steps at once: small texts need small batches
        batch = max(1, min(self.batch, len(pairs) // 64))
        for prepare in islice(blocks(pairs, self.settings, epoch), start, None):
            cost = torch.zeros((), dtype=torch.float64, device=device)
            i, j, logs, weights = (torch.from_numpy(part).to(device) for part in prepare())
            other = i != j
            cells = torch.stack([torch.cat([i, j[other]]), torch.cat([j, i[other]])]).long()
            logs, weights = torch.cat([logs, logs[other]]), torch.cat([weights, weights[other]])
            mix = torch.randperm(len(logs), generator=generator(self.settings.seed, "mix", epoch))
            for some in mix.to(device).split(batch):
                cost += self._update(cells[0, some], cells[1, some], logs[some], weights[some])
            yield float(cost), 0

    def epoch(self, epoch: int) -> float:
        """The sum of the costs of all cells, each of which is updated once."""
        return sum(cost for cost, _ in self.pieces(epoch))

    def _update(self, i: Tensor, j: Tensor, logs: Tensor, weights: Tensor) -> Tensor:
        (w, b), (c, d) = _halves(self.model)
        error = self.model(i, j) - logs
        slope = weights * error
        dw, dc = ((slope[:, None] * t).clamp(-CLIP, CLIP) for t in (c[j], w[i]))
        for at, (words, step, table, bias) in enumerate([(i, dw, w, b), (j, dc, c, d)]):
            table_sum, bias_sum = self.sums[at]
            self._move(table, table_sum, words, step, self.settings.eta)
            self._move(bias, bias_sum, words, slope, 1.0 if self._authors else self.settings.eta)
        return (slope.double() * error.double()).sum() / 2

    @property
    def _authors(self) -> bool:
        return self.settings.update == "authors"

    def _move(self, table: Tensor, sums: Tensor, at: Tensor, gradient: Tensor, eta: float) -> None:
        """AdaGrad on the rows ``at`` of a table, some of them more than once."""
        if self._authors:
            gradient, eta = eta * gradient, 1.0
        squares = gradient.square()
        sums.index_add_(0, at, squares)
        root = (sums[at] - squares if self._authors else sums[at]).sqrt()
        table.index_add_(0, at, gradient / root, alpha=-eta)

    def copy_back(self) -> None:
        """Nothing to do: the model itself is trained."""


def _halves(model: Any) -> list[list[Tensor]]:
    """The tables and biases of the words and of their contexts."""
    return [
        [model.table.vectors.weight, model.bias],
        [model.context.vectors.weight, model.context_bias],
    ]
