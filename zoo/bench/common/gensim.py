"""gensim as a peer: its classes, its settings equivalent to the zoo's, and rows of two times.

The random vectors have the words of questions-words.txt; the times of both sides do not depend on
their values. Both sides must give the same results.
Proof: tests/bench/common/test_gensim.py.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from zoo.data.text.word_tests import Sections
from zoo.data.vectors.vectors import Vectors
from zoo.engine.seed import generator
from zoo.engine.timing import Times
from zoo.errors import Missing
from zoo.trainers.word2vec import Word2VecSettings

COLUMNS = (
    "what",
    "ours, s",
    "gensim, s",
    "times as fast",
    "ours, CPU s",
    "gensim, CPU s",
    "by CPU",
)
DIM = 100


@dataclass(frozen=True)
class Row:
    """Median seconds; ``ratio``: gensim's time over the zoo's, the median over the rounds."""

    what: str
    ours: float
    theirs: float
    ratio: float
    ours_cpu: float
    theirs_cpu: float
    ratio_cpu: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        numbers = (self.ours, self.theirs, self.ratio, self.ours_cpu, self.theirs_cpu)
        return (self.what, *(f"{n:.2f}" for n in numbers), f"{self.ratio_cpu:.1f}")


def row(what: str, ours: Times, theirs: Times) -> Row:
    """The row of two sides that were timed in turns."""
    return Row(what, ours.median, theirs.median, theirs.ratio(ours), ours.cpu_median,
               theirs.cpu_median, theirs.cpu_ratio(ours))  # fmt: skip


def models() -> Any:
    """The module gensim.models, imported here as a peer.

    Raises:
        Missing: if gensim is not installed.
    """
    try:
        return import_module("gensim.models")
    except ImportError as error:
        raise Missing("there is no gensim to compare with; pip install gensim") from error


def random_vectors(sections: Sections, count: int, seed: int = 0) -> Vectors:
    """``count`` random vectors, at least one for each word of the questions, in random order.

    One analogy in seven holds.
    """
    draw = generator(seed, "bench vectors")
    question_words = sorted({w for questions in sections.values() for q in questions for w in q})
    words = question_words + [f"word{i}" for i in range(count - len(question_words))]
    order = np.random.default_rng(seed).permutation(len(words))
    words = [words[i] for i in order]
    matrix = draw_normal(draw, len(words))
    index = {word: i for i, word in enumerate(words)}
    for questions in sections.values():
        offset = 1.5 * draw_normal(draw, 1)[0]
        for a, b, _, _ in questions[::7]:
            matrix[index[b]] = matrix[index[a]] + offset + 0.3 * draw_normal(draw, 1)[0]
    return Vectors(words, matrix)


def draw_normal(draw: Any, rows: int) -> Any:
    """Standard normal vectors (rows, 100) float32."""
    import torch

    return torch.randn(rows, DIM, generator=draw).numpy()


def word2vec_settings(settings: Word2VecSettings) -> dict[str, Any]:
    """The arguments of gensim's Word2Vec that are equivalent to ``settings``."""
    hierarchical = settings.objective == "hierarchical"
    return {
        "vector_size": settings.embedding_dim,
        "window": settings.window,
        "sg": int(settings.kind == "skipgram"),
        "hs": int(hierarchical),
        "negative": 0 if hierarchical else settings.negative,
        "sample": settings.sample,
        "alpha": settings.lr,
        "min_alpha": settings.lr * 1e-4,
        "workers": settings.threads,
        "seed": settings.seed,
    }
