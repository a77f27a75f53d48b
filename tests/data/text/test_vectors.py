"""Neighbours and analogies by the formula, and what is wrong with vectors."""

import numpy as np
import pytest

from zoo.data.text.vectors import Vectors
from zoo.errors import BadInput, UnknownName


@pytest.fixture
def vectors():
    matrix = np.random.default_rng(0).standard_normal((60, 7))
    return Vectors([f"word{i}" for i in range(60)], matrix)


def by_hand(vectors, target, without):
    """Cosines in float64, one by one, best first."""
    rows = vectors.matrix.astype(np.float64)
    cosines = [row @ target / np.sqrt(row @ row) / np.sqrt(target @ target) for row in rows]
    pairs = sorted(zip(cosines, vectors.words, strict=True), reverse=True)
    return [(word, cosine) for cosine, word in pairs if word not in without]


def agree(found, expected):
    assert [word for word, _ in found] == [word for word, _ in expected]
    np.testing.assert_allclose([c for _, c in found], [c for _, c in expected], atol=1e-6)


def test_neighbours_are_the_largest_cosines(vectors):
    target = vectors["word3"].astype(np.float64)
    agree(vectors.most_similar("word3", n=9), by_hand(vectors, target, {"word3"})[:9])
    agree(vectors.most_similar(target, n=4), by_hand(vectors, target, set())[:4])
    assert len(vectors.most_similar("word3", n=1000)) == 59


def test_an_analogy_is_the_offset_of_unit_vectors_without_the_question(vectors):
    a, b, c = (vectors[w].astype(np.float64) for w in ("word1", "word2", "word3"))
    a, b, c = (v / np.sqrt(v @ v) for v in (a, b, c))
    expected = by_hand(vectors, b - a + c, {"word1", "word2", "word3"})
    agree(vectors.analogy("word1", "word2", "word3", n=12), expected[:12])
    assert len(vectors.analogy("word1", "word2", "word1", n=1000)) == 58


def test_similarity_is_the_cosine_and_that_of_nothing_is_nothing():
    vectors = Vectors(["a", "b", "zero"], [[3, 4], [4, 3], [0, 0]])
    assert vectors.similarity("a", "b") == pytest.approx(24 / 25)
    assert vectors.similarity("a", "zero") == 0
    assert vectors.most_similar("zero") == [("a", 0.0), ("b", 0.0)]  # equals in their order


def test_a_single_word_has_no_neighbour():
    assert Vectors(["a"], [[1.0]]).most_similar("a") == []
    assert Vectors(["a"], [[1.0]]).analogy("a", "a", "a") == []


def test_an_unknown_word_is_told_with_the_near_ones(vectors):
    assert "word" not in vectors
    with pytest.raises(UnknownName, match="no word 'Word7'; did you mean word7"):
        vectors["Word7"]
    with pytest.raises(UnknownName, match="no word 'zzz'; there is word0"):
        vectors.similarity("word1", "zzz")
    with pytest.raises(KeyError):
        vectors.most_similar("")


@pytest.mark.parametrize(
    ("words", "matrix", "said"),
    [
        (["a"], [1.0], "expected 1 rows"),
        (["a", "b"], [[1.0]], "expected 2 rows"),
        (["a", "a"], [[1.0], [2.0]], "twice"),
        (["a"], [[np.nan]], "NaN"),
        ([], np.zeros((0, 3)), "at least one word"),
    ],
)
def test_what_are_no_vectors(words, matrix, said):
    with pytest.raises(BadInput, match=said):
        Vectors(words, matrix)


def test_bad_questions(vectors):
    with pytest.raises(BadInput, match=r"expected a vector \(7,\), got \(3,\)"):
        vectors.most_similar(np.zeros(3))
    with pytest.raises(BadInput, match="n must be at least 1, got 0"):
        vectors.most_similar("word1", n=0)
