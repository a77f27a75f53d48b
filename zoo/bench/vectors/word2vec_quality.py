"""word2vec compared with gensim's: scores of vectors of the novels over several seeds.

Both learn with the settings of ``word2vec.novels`` from the same sentences and are evaluated on
wordsim353 (Spearman x 100) and the analogies of questions-words. A seed takes minutes.
Proof: tests/bench/vectors/test_word2vec.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import torch

from zoo.bench.common.gensim import models, word2vec_settings
from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.google_analogies import google_analogies
from zoo.datasets.novels import novels
from zoo.datasets.wordsim353 import wordsim353
from zoo.recipes.word2vec import NOVELS, word2vec_vectors
from zoo.tasks.word_vectors import WordVectorsTask
from zoo.trainers.word2vec import Word2VecSettings

ROUNDS = 3
HEAD = ("what", "ours, mean", "lowest", "highest", "gensim, mean", "lowest", "highest")
METRICS = ("spearman", "semantic", "syntactic", "total")
Table = tuple[torch.nn.Module, Vocabulary]


@dataclass(frozen=True)
class Row:
    """One metric for all seeds, at most 100."""

    what: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        sides = [(fmean(side), min(side), max(side)) for side in (self.ours, self.theirs)]
        return (self.what, *(f"{value:.2f}" for side in sides for value in side))


def run(
    rounds: int,
    corpus: Corpus | None = None,
    settings: Word2VecSettings = NOVELS,
    tests: Any = None,
) -> list[Row]:
    """Learn with ``rounds`` seeds on each side.

    Args:
        rounds: number of seeds.
        corpus: the text; default: the novels.
        settings: of both sides.
        tests: rated pairs and sections of analogies; default: wordsim353 and questions-words.

    Raises:
        Missing: without gensim, numba, the novels or the evaluation sets.
    """
    corpus = novels() if corpus is None else corpus
    pairs, sections = tests or (wordsim353().sections["pairs"], google_analogies().sections)
    sides: list[Callable[[int], Table]] = [
        lambda seed: word2vec_vectors(corpus, replace(settings, seed=seed))[:2],
        lambda seed: gensim_vectors(corpus, replace(settings, seed=seed + 1)),
    ]
    scores_of_sides = [
        [WordVectorsTask(m, corpus, v, [], pairs, sections).evaluate() for m, v in map(side, seeds)]
        for side, seeds in zip(sides, [range(rounds)] * 2, strict=True)
    ]
    return [
        Row(metric, *(tuple(scores[metric] for scores in side) for side in scores_of_sides))
        for metric in METRICS
        if metric in scores_of_sides[0][0]
    ]


def gensim_vectors(corpus: Corpus, settings: Word2VecSettings) -> Table:
    """Gensim's vectors learned from the same sentences with the same settings."""
    from zoo.nn.word_vector_table import WordTable

    lines = list(corpus.sentences())
    model = models().Word2Vec(
        lines,
        epochs=settings.epochs,
        min_count=settings.min_count,
        max_final_vocab=settings.max_vocab_size,
        **word2vec_settings(settings),
    )
    table = WordTable(len(model.wv), settings.embedding_dim)
    table.vectors.weight.data.copy_(torch.from_numpy(model.wv.vectors))
    return table, Vocabulary(model.wv.index_to_key)
