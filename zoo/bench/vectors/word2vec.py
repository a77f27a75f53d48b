"""word2vec compared with gensim's: words per second on the same text.

Dimension, window, negatives, subsampling and threads are the same on both sides; compilation,
counting and building gensim's vocabulary are not timed. Words are those of the vocabulary, before
subsampling. Proof: tests/bench/vectors/test_word2vec.py.
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
WORDS = 400_000  # words that each side reads per round
SYNTHETIC = 20_000  # vocabulary of the random text that is used without the novels
MOST = 180.0  # seconds per row: slow machines run fewer rounds
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
    """Words per second; ``ratio``: gensim's CPU time over the zoo's."""

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
    """Measure each variant of word2vec.

    Args:
        rounds: how often each side runs.
        text: a text and the counts of its words; default: the novels, or else words by Zipf's law.
        ways: name -> settings of both sides.
        dim: dimension of the vectors.

    Raises:
        Missing: without gensim or numba.
    """
    encoded, counts = text or sample_text()
    for what, settings in (ways or WAYS).items():
        yield _row(what, replace(settings, embedding_dim=dim), encoded, counts, rounds)


def sample_text() -> tuple[Encoded, Any]:
    """The beginning of the novels, or a random text by Zipf's law without them."""
    try:
        corpus = novels()
    except Missing:
        draw = np.random.default_rng(0)
        weights = 1 / np.arange(1, SYNTHETIC + 1)
        tokens = draw.choice(SYNTHETIC, WORDS, p=weights / weights.sum()).astype(np.int32)
        offsets = np.arange(0, WORDS + 1, 20)
    else:
        vocabulary, _ = corpus.frequent()
        encoded = corpus.encode(vocabulary)
        offsets = encoded.offsets[: int(np.searchsorted(encoded.offsets, WORDS)) + 1]
        tokens = encoded.tokens[: offsets[-1]]
    return by_frequency(tokens, offsets)


def by_frequency(tokens: Any, offsets: Any) -> tuple[Encoded, Any]:
    """The same text with token ids in order of frequency, and the counts of its words."""
    used, indices, counts = np.unique(tokens, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    token_ids = np.empty(len(used), np.int32)
    token_ids[order] = np.arange(len(used), dtype=np.int32)
    return Encoded(token_ids[indices], np.asarray(offsets, np.int64)), counts[order]


def _row(what: str, settings: Word2VecSettings, text: Encoded, counts: Any, rounds: int) -> Row:
    def ours() -> Work:
        torch.manual_seed(0)
        trainer = Trainer(Word2Vec(len(counts), settings.embedding_dim), text, counts, settings)
        return lambda: list(trainer.pieces(1))

    sides = {"ours": ours, "theirs": gensim_side(text, settings)}
    times = interleaved(sides, rounds, most=MOST)
    one, other = times["ours"], times["theirs"]
    words = len(text.tokens)
    return Row(what, words / one.cpu_median, words / other.cpu_median, other.cpu_ratio(one),
               words / one.median, words / other.median)  # fmt: skip


def gensim_side(text: Encoded, settings: Word2VecSettings) -> Callable[[], Work]:
    """Gensim's side on the same text, with token ids as words."""
    peer = models().Word2Vec
    cuts = pairwise(text.offsets.tolist())
    lines = [[str(word) for word in text.tokens[a:b]] for a, b in cuts]

    def prepare() -> Work:
        model = peer(min_count=1, **word2vec_settings(replace(settings, seed=1)))
        model.build_vocab(lines)
        return lambda: model.train(lines, total_examples=len(lines), epochs=1)

    return prepare
