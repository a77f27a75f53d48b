"""Both sides read the same words with the same settings."""

import numpy as np
import pytest

from zoo.bench.common.gensim import word2vec_settings
from zoo.bench.vectors import word2vec as bench
from zoo.bench.vectors import word2vec_quality as quality
from zoo.data.text.corpus import Corpus
from zoo.trainers.word2vec import Word2VecSettings

pytest.importorskip("gensim")


def test_speed_is_words_by_seconds():
    tokens = np.random.RandomState(0).randint(0, 9, 600).astype(np.int32)
    text = bench.by_frequency(tokens, np.arange(0, 601, 20))
    assert text[1].sum() == 600
    assert (np.diff(text[1]) <= 0).all()
    assert (np.bincount(text[0].tokens) == text[1]).all()
    (row,) = bench.run(1, text=text, ways={"here": Word2VecSettings(sample=0, epochs=1)}, dim=6)
    assert row.ours > 0
    assert row.ratio == pytest.approx(row.ours / row.theirs)
    assert len(row.cells()) == len(bench.HEAD)


def test_gensim_is_told_the_same():
    tree = Word2VecSettings(objective="hierarchical", kind="cbow", lr=0.05, embedding_dim=7)
    told = word2vec_settings(tree)
    assert (told["sg"], told["hs"], told["negative"], told["vector_size"]) == (0, 1, 0, 7)
    assert (told["alpha"], told["min_alpha"]) == (0.05, 0.05e-4)


def test_quality_has_a_row_for_each_score(tmp_path):
    (tmp_path / "t.txt").write_text("a b c d e\nb c a e d\n" * 30)
    tests = [("a", "b", 9.0), ("a", "e", 1.0), ("c", "d", 3.0)], {"s": [("a", "b", "c", "d")]}
    settings = Word2VecSettings(embedding_dim=6, epochs=1, sample=0)
    rows = quality.run(2, corpus=Corpus(tmp_path / "t.txt"), settings=settings, tests=tests)
    assert [row.what for row in rows] == list(quality.METRICS)
    assert [len(side) for side in (rows[0].ours, rows[0].theirs)] == [2, 2]
    assert len(rows[0].cells()) == len(quality.HEAD)
