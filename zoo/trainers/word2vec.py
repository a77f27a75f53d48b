"""Training word2vec on whole texts: threads over the compiled loops; batches on a GPU.

Mikolov et al. 2013, arXiv:1301.3781 and 1310.4546. Notes: course 5, week 2. The rate falls in a
straight line from ``lr`` to lr/10,000 with the words seen. The loss of an epoch is exact:
the mean over all updates of the loss just before each, summed in float64.
Deviations: negatives are shared by a window (``negative_draws="pair"`` draws them for each pair as
the published program does); see zoo/ops/word2vec_kernels.py and zoo/ops/negative_sampling.py for
the others. Proof: tests/trainers/test_word2vec.py.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch

from zoo.engine.seed import generator
from zoo.errors import BadInput, NotFinite
from zoo.ops.huffman import Paths, huffman
from zoo.ops.negative_sampling import FULL, alias_table, unigram
from zoo.ops.subsampling import keep_chance
from zoo.trainers.pieces import Position, Tables, Unwatched, Watch, train_in_pieces

PIECE = 1 << 22  # words that a thread reads between two moments at which a run can be stopped
COMPILING = 15  # seconds, about

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Word2VecSettings:
    """Everything that decides the vectors, besides the text.

    Attributes:
        embedding_dim: D, the length of a vector.
        min_count, max_vocab_size: which words get a vector: the most frequent ones.
        epochs: passes over the text.
        kind: which of the two predicts: the context one by one, or its mean.
        objective: "negative" sampling or the "hierarchical" softmax.
        negative: words drawn against each right one.
        negative_draws: once for a window ("shared") or for each "pair"; skip-gram's.
        cbow_grad: the "exact" gradient, or "word2vec"'s.
        window: words on each side, at most.
        lr: the first rate; 0.025 for skip-gram and 0.05 for CBOW are usual.
        sample: frequency from which words are subsampled; 0 keeps all.
        threads: of the compiled loops; with more than one a run is not repeatable bit by bit.
        backend: "compiled" loops on the CPU, batches with "torch", or by device ("auto").
    """

    embedding_dim: int = 100
    min_count: int = 5
    max_vocab_size: int | None = None
    epochs: int = 5
    kind: Literal["skipgram", "cbow"] = "skipgram"
    objective: Literal["negative", "hierarchical"] = "negative"
    negative: int = 5
    negative_draws: Literal["shared", "pair"] = "shared"
    cbow_grad: Literal["exact", "word2vec"] = "exact"
    window: int = 5
    lr: float = 0.025
    sample: float = 1e-3
    threads: int = 1
    seed: int = 0
    backend: Literal["auto", "compiled", "torch"] = "auto"

    def __post_init__(self) -> None:
        for name in ("embedding_dim", "epochs", "negative", "window", "threads"):
            if vars(self)[name] < 1:
                raise BadInput(f"{name} must be at least 1, got {vars(self)[name]}")
        if self.lr <= 0 or self.sample < 0:
            raise BadInput(f"lr must be above 0 and sample not below, got {self.lr}, {self.sample}")
        if self.backend == "torch" and self.objective == "hierarchical":
            raise BadInput("torch has no hierarchical objective; expected backend=compiled or auto")

    def compiled(self, device: Any) -> bool:
        """Whether the compiled loops train vectors that are to be on ``device`` in the end."""
        if self.backend == "auto":
            return torch.device(device).type == "cpu" or self.objective == "hierarchical"
        return self.backend == "compiled"


def train_word2vec(
    model: Any,
    text: Any,
    counts: Array,
    settings: Word2VecSettings,
    watch: Watch | None = None,
) -> list[float]:
    """Train a ``zoo.models.word2vec.Word2Vec`` in place.

    Args:
        model: on the CPU for the compiled loops, else its device is where it is trained.
        text: a ``zoo.data.text.corpus.Encoded``.
        counts: (V,) of its words, the largest first.
        watch: told after each piece and each epoch; may have a state to go on from.

    Returns:
        the mean cross-entropy of each epoch, for a pair of words or for a window of CBOW.

    Raises:
        BadInput: if no word has a neighbour, or the model is for another number of words
            or on a device that the backend cannot use.
        NotFinite: if a loss or a vector is not.
        Missing: without numba, for the compiled loops.
        KeyboardInterrupt: soon after Ctrl-C; the model is then somewhere within an epoch.
    """
    if len(counts) != len(model.table.vectors.weight):
        have = len(model.table.vectors.weight)
        raise BadInput(f"the model has {have} words, the text {len(counts)}")
    trainer = _trainer(model, settings)(model, text, counts, settings)

    def mean(position: Position) -> float:
        if not position.predictions:
            raise BadInput("no word has a neighbour: sentences of one word, or sample too small")
        loss = position.loss / position.predictions
        if not np.isfinite(loss) or not trainer.finite():
            raise NotFinite(f"NaN or infinity in epoch {position.epoch}; lower lr ({settings.lr})")
        return loss

    return train_in_pieces(trainer, settings.epochs, watch or Unwatched(), mean)


def _trainer(model: Any, settings: Word2VecSettings) -> Any:
    from zoo.trainers.word2vec_torch import InBatches

    device = model.table.vectors.weight.device
    if not settings.compiled(device):
        return InBatches
    if device.type != "cpu":
        raise BadInput(f"compiled loops train a model on the CPU, got one on {device}; move it")
    return Trainer


class Trainer:
    """Tables, text and targets as the compiled loops take them."""

    def __init__(self, model: Any, text: Any, counts: Array, settings: Word2VecSettings) -> None:
        """The tables are the model's own memory."""
        from zoo.ops.word2vec_kernels import CBOW, PAIR, SHARED, Method, Text

        pairs = {"shared": SHARED, "pair": PAIR}[settings.negative_draws]
        self.settings, self.dim = settings, model.table.vectors.weight.shape[1]
        self.arrays = [t.vectors.weight.detach().numpy() for t in (model.table, model.outputs)]
        chance = keep_chance(counts, settings.sample)
        self.text = Text(text.tokens, text.offsets, np.rint(chance * FULL).astype(np.uint64))
        self.shares = text.shares(settings.threads)
        self.longest = int(np.diff(text.offsets).max(initial=1))
        self.targets, self.most = targets(counts, settings)
        self.method = Method(
            CBOW if settings.kind == "cbow" else pairs,
            settings.window,
            settings.cbow_grad == "exact",
            float(settings.lr),
            len(text.tokens) * settings.epochs,
        )
        self.progress = np.zeros(settings.threads, np.int64)
        self.stop = np.zeros(1, np.int64)

    def tables(self) -> Tables:
        """Both tables, and how many words each thread has read, which decides the rate."""
        names = ("model.table", "model.outputs", "progress")
        arrays = (*self.arrays, self.progress)
        return {name: torch.from_numpy(one) for name, one in zip(names, arrays, strict=True)}

    def pieces(self, epoch: int, start: int = 0) -> Iterator[tuple[float, int]]:
        """One pass over the text: of each piece the sum of the losses and the predictions."""
        from zoo.ops.compiled import first_call

        cuts = [self._cut(*share) for share in self.shares]
        nothing = partial(self._share, epoch, 0, (0, 0), 0)  # here, where errors surface
        first_call("word2vec's loops", COMPILING, self.dim, nothing)
        for number in range(start, max(map(len, cuts))):
            work = [(t, some[number]) for t, some in enumerate(cuts) if number < len(some)]
            results = self._side_by_side(epoch, number, work)
            yield sum(loss for loss, _ in results), sum(count for _, count in results)

    def _cut(self, first: int, end: int) -> list[tuple[int, int]]:
        """A thread's share as runs of sentences (first, end) of about PIECE words each."""
        offsets, runs = self.text.offsets, []
        while first < end:
            after = int(np.searchsorted(offsets, offsets[first] + PIECE))
            runs.append((first, min(max(after, first + 1), end)))
            first = runs[-1][1]
        return runs

    def _side_by_side(
        self, epoch: int, piece: int, work: list[tuple[int, tuple[int, int]]]
    ) -> list[tuple[float, int]]:
        """Each thread's part of a piece; what one raises ends all of them and is raised."""
        try:
            with ThreadPoolExecutor(len(work)) as pool:
                threads = [pool.submit(self._share, epoch, *one, piece) for one in work]
                try:
                    return [thread.result() for thread in threads]
                except BaseException:
                    self.stop[0] = 1  # soon read by those that still run, for which the pool waits
                    raise
        finally:
            self.stop[0] = 0

    def finite(self) -> bool:
        """Whether both tables are finite; a sum is NaN or infinite if one element is."""
        return all(bool(np.isfinite(table.sum(dtype=np.float64))) for table in self.arrays)

    def _share(
        self, epoch: int, thread: int, share: tuple[int, int], piece: int
    ) -> tuple[float, int]:
        from zoo.ops.word2vec_kernels import buffers_for
        from zoo.ops.word2vec_windows import train_share

        later = [piece] if piece else []
        seed = generator(self.settings.seed, "word2vec", epoch, thread, *later).initial_seed()
        buffers = buffers_for(seed, self.longest, self.settings.window, self.most, self.dim)
        places = (self.progress, thread, self.stop)
        loss, count = train_share(
            self.text, *share, *self.arrays, self.targets, self.method, buffers, *places
        )
        return float(loss), int(count)


def targets(counts: Array, settings: Word2VecSettings) -> tuple[Any, int]:
    """The targets of words, and how many of them one word has at most."""
    from zoo.ops.word2vec_kernels import Targets

    limit, other = alias_table(unigram(counts))
    if settings.objective == "hierarchical":
        paths = huffman(counts)
        longest = int(paths.lengths.max())
        return Targets(0, limit, other, paths.points, paths.codes, paths.starts), longest
    none = Paths(np.zeros(0, np.int32), np.zeros(0, np.uint8), np.zeros(1, np.int64))
    sampled = Targets(settings.negative, limit, other, none.points, none.codes, none.starts)
    return sampled, 1 + settings.negative
