"""gensim as a peer: its classes, its settings that mean the same as ours, and rows of two times.

The random vectors are named after the words of questions-words.txt; the time of neither side
depends on what they mean. Before anything is timed both sides must give the same.
Proof: tests/bench/common/test_gensim.py.
"""

import statistics
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from zoo.data.text.vectors import Vectors
from zoo.data.text.word_tests import Sections
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
    """Medians in seconds; how many times as long gensim takes, the median over the rounds."""

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
    """The figures of two sides that took turns."""
    pairs = zip(theirs.cpu, ours.cpu, strict=True)
    by_cpu = statistics.median(a / b for a, b in pairs)
    return Row(what, ours.median, theirs.median, theirs.ratio(ours), ours.cpu_median,
               theirs.cpu_median, by_cpu)  # fmt: skip


def models() -> Any:
    """The module gensim.models, imported here as a peer.

    Raises:
        Missing: if gensim is not installed.
    """
    try:
        return import_module("gensim.models")
    except ImportError as error:
        raise Missing("there is no gensim to compare with; pip install gensim") from error


def some_vectors(sections: Sections, count: int, seed: int = 0) -> Vectors:
    """``count`` random vectors, or as many as the questions have words; one analogy in seven holds.

    The words of the questions stand anywhere among the others.
    """
    draw = generator(seed, "bench vectors")
    asked = sorted({w for questions in sections.values() for q in questions for w in q})
    words = asked + [f"word{i}" for i in range(count - len(asked))]
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
    """Normal (rows, 100) float32."""
    import torch

    return torch.randn(rows, DIM, generator=draw).numpy()


def word2vec_settings(settings: Word2VecSettings) -> dict[str, Any]:
    """The arguments of gensim's Word2Vec that mean the same as ``settings``."""
    tree = settings.objective == "hierarchical"
    return {
        "vector_size": settings.embedding_dim,
        "window": settings.window,
        "sg": int(settings.kind == "skipgram"),
        "hs": int(tree),
        "negative": 0 if tree else settings.negative,
        "sample": settings.sample,
        "alpha": settings.lr,
        "min_alpha": settings.lr * 1e-4,
        "workers": settings.threads,
        "seed": settings.seed,
    }
