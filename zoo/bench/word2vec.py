"""word2vec beside gensim's: words per second on the same text.

The same dimension, window, negatives, subsampling and threads on both sides; compiling, counting
and gensim's building of its vocabulary are not timed. Words are those of the vocabulary, before
subsampling. Proof: tests/bench/test_word2vec.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from zoo.bench.common.gensim import models, word2vec_settings
from zoo.data.text.corpus import Encoded
from zoo.datasets.novels import novels
from zoo.engine.timing import Work, interleaved
from zoo.errors import Missing
from zoo.models.word2vec import Word2Vec
from zoo.trainers.word2vec import Trainer, Word2VecSettings

ROUNDS = 5
HEAD = ("what", "ours, words/CPU s", "gensim", "times as fast", "ours, words/s", "gensim, words/s")
THREADS = 2
WORDS = 400_000  # that each side reads in a round
SYNTHETIC = 20_000  # words of the vocabulary that is made where there are no novels
MOST = 180.0  # seconds for one row: slow machines do fewer rounds
WAYS = {
    "skip-gram, 5 negatives for a window": Word2VecSettings(epochs=1, threads=THREADS),
    "skip-gram, 5 negatives for a pair": Word2VecSettings(
        epochs=1, threads=THREADS, negative_draws="pair"
    ),
    "CBOW, 5 negatives": Word2VecSettings(epochs=1, threads=THREADS, kind="cbow", lr=0.05),
    "skip-gram, hierarchical softmax": Word2VecSettings(
        epochs=1, threads=THREADS, objective="hierarchical"
    ),
}


@dataclass(frozen=True)
class Row:
    """Words per second; ``ratio`` of CPU seconds, gensim's to ours."""

    what: str
    ours: float
    theirs: float
    ratio: float
    ours_wall: float
    theirs_wall: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        speeds = [f"{v:,.0f}" for v in (self.ours, self.theirs, self.ours_wall, self.theirs_wall)]
        return (self.what, *speeds[:2], f"{self.ratio:.2f}", *speeds[2:])


def run(
    rounds: int,
    text: tuple[Encoded, Any] | None = None,
    ways: dict[str, Word2VecSettings] | None = None,
    *,
    dim: int = 100,
) -> Iterator[Row]:
    """Measure each way of learning.

    Args:
        rounds: how often each side runs.
        text: a text and the counts of its words; the novels, or else words by Zipf's law.
        ways: name -> settings of both sides.
        dim: dimensions of the vectors.

    Raises:
        Missing: without gensim or numba.
    """
    encoded, counts = text or some_text()
    for what, settings in (ways or WAYS).items():
        yield _row(what, replace(settings, embedding_dim=dim), encoded, counts, rounds)


def some_text() -> tuple[Encoded, Any]:
    """The beginning of the novels, or a text by Zipf's law where there are none."""
    try:
        corpus = novels()
    except Missing:
        draw = np.random.default_rng(0)
        chance = 1 / np.arange(1, SYNTHETIC + 1)
        tokens = draw.choice(SYNTHETIC, WORDS, p=chance / chance.sum()).astype(np.int32)
        offsets = np.arange(0, WORDS + 1, 20)
    else:
        vocabulary, _ = corpus.frequent()
        whole = corpus.encode(vocabulary)
        offsets = whole.offsets[: int(np.searchsorted(whole.offsets, WORDS)) + 1]
        tokens = whole.tokens[: offsets[-1]]
    return renumbered(tokens, offsets)


def renumbered(tokens: Any, offsets: Any) -> tuple[Encoded, Any]:
    """The same text with its words numbered by frequency, and their counts."""
    used, places, counts = np.unique(tokens, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    number = np.empty(len(used), np.int32)
    number[order] = np.arange(len(used), dtype=np.int32)
    return Encoded(number[places], np.asarray(offsets, np.int64)), counts[order]


def _row(what: str, settings: Word2VecSettings, text: Encoded, counts: Any, rounds: int) -> Row:
    def ours() -> Work:
        torch.manual_seed(0)
        trainer = Trainer(Word2Vec(len(counts), settings.embedding_dim), text, counts, settings)
        return lambda: trainer.epoch(1)

    sides = {"ours": ours, "theirs": gensim_side(text, settings)}
    times = interleaved(sides, rounds, most=MOST)
    one, other = times["ours"], times["theirs"]
    words = len(text.tokens)
    ratio = float(np.median([b / a for a, b in zip(one.cpu, other.cpu, strict=True)]))
    return Row(what, words / one.cpu_median, words / other.cpu_median, ratio,
               words / one.median, words / other.median)  # fmt: skip


def gensim_side(text: Encoded, settings: Word2VecSettings) -> Callable[[], Work]:
    """Gensim on the same text, its words named by their token ids."""
    peer = models().Word2Vec
    cuts = pairwise(text.offsets.tolist())
    lines = [[str(word) for word in text.tokens[a:b]] for a, b in cuts]

    def prepare() -> Work:
        model = peer(min_count=1, **word2vec_settings(replace(settings, seed=1)))
        model.build_vocab(lines)
        return lambda: model.train(lines, total_examples=len(lines), epochs=1)

    return prepare
