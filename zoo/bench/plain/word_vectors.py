"""Words: their rows of the table times the table, the largest cosines but the word's own."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from zoo.bench.common.case import Case
from zoo.loading import load
from zoo.predictors.word_vectors import WordVectors

WEIGHTS, COUNT = "word2vec.novels", 64


def cases() -> Iterator[Case]:
    """The nearest words of some frequent ones."""
    predictor = cast(WordVectors, load(WEIGHTS, device="cpu"))

    def plain(raws: list[Any]) -> list[str]:
        rows = [predictor.row(word) for word in raws]
        cosines = predictor.unit[rows] @ predictor.unit.T
        cosines[np.arange(len(rows)), rows] = -2
        count = predictor.top_k
        best = np.argpartition(-cosines, count, axis=1)[:, :count]
        order = np.take_along_axis(cosines, best, 1).argsort(axis=1)[:, ::-1]
        return [predictor.words[row[0]] for row in np.take_along_axis(best, order, 1)]

    words = [word for word in predictor.words if word.isalpha()][100 : 100 + COUNT]
    yield Case("word_vectors", predictor, words, plain, lambda answer: answer.words[0][0])
