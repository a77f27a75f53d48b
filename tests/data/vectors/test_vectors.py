"""Neighbours and analogies by the formula, and what is wrong with vectors."""

import numpy as np
import pytest

from zoo.data.vectors.vectors import Vectors
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
    agree(vectors.most_similar("word3", topn=9), by_hand(vectors, target, {"word3"})[:9])
    agree(vectors.most_similar(target, topn=4), by_hand(vectors, target, set())[:4])
    assert len(vectors.most_similar("word3", topn=1000)) == 59


def test_an_analogy_is_the_offset_of_unit_vectors_without_the_question(vectors):
    a, b, c = (vectors[w].astype(np.float64) for w in ("word1", "word2", "word3"))
    a, b, c = (v / np.sqrt(v @ v) for v in (a, b, c))
    expected = by_hand(vectors, b - a + c, {"word1", "word2", "word3"})
    agree(vectors.analogy("word1", "word2", "word3", n=12), expected[:12])
    assert len(vectors.analogy("word1", "word2", "word1", n=1000)) == 58


@pytest.fixture
def peer(vectors):
    """gensim's KeyedVectors with the same words, some rows longer than others."""
    models = pytest.importorskip("gensim.models")
    scale = np.linspace(0.1, 9, len(vectors), dtype=np.float32)[:, None]
    vectors.matrix *= scale
    theirs = models.KeyedVectors(vectors.dim)
    theirs.add_vectors(list(vectors.words), vectors.matrix)
    return theirs


QUESTIONS = [
    {"positive": ["word1"]},
    {"positive": ["word1", "word2"], "negative": ["word3"]},
    {"negative": ["word3", "word4"]},
    {"positive": [("word1", 0.5), ("word2", 2.0), ("word5", -0.1)]},
    {"positive": ["word50", "word2"], "restrict_vocab": 20},
    {"positive": "word7", "topn": 3},
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_neighbours_of_lists_are_gensims(vectors, peer, question):
    agree(vectors.most_similar(**question), peer.most_similar(**question))
    by_place = [question.get(name) for name in ("positive", "negative")]
    if "restrict_vocab" not in question:
        agree(vectors.most_similar(*by_place, 4), peer.most_similar(*by_place, 4))


def test_a_weight_of_a_negative_word_is_subtracted(vectors):
    one = vectors.most_similar(["word1"], negative=[("word5", 0.3)])
    assert one == vectors.most_similar(["word1", ("word5", -0.3)])


def test_vectors_among_words_count_as_they_are(vectors, peer):
    vector = np.arange(7, dtype=np.float32)
    question = {"positive": [vector, "word1"], "negative": [vector[::-1].copy()], "topn": 5}
    agree(vectors.most_similar(**question), peer.most_similar(**question))
    agree(vectors.most_similar(list(vector), topn=5), peer.most_similar(positive=[vector], topn=5))


def test_what_else_gensim_answers(vectors, peer):
    for words in (["word1", "word2", "word3"], vectors.words[:20], ["word9", "word9", "word2"]):
        assert vectors.doesnt_match(words) == peer.doesnt_match(list(words))
        for other in (["word4"], ["word5", "word1"]):
            ours, theirs = vectors.n_similarity(words, other), peer.n_similarity(list(words), other)
            assert ours == pytest.approx(theirs, abs=1e-6)
    assert vectors.distance("word1", "word2") == pytest.approx(peer.distance("word1", "word2"))
    assert np.array_equal(vectors[["word3", "word1"]], peer[["word3", "word1"]])
    assert np.array_equal(vectors["word3", "word1"], peer[["word3", "word1"]])


def test_it_is_a_collection_of_words_and_an_array(vectors):
    assert list(vectors) == list(vectors.words)
    assert all(word in vectors for word in vectors)
    assert len(vectors) == 60
    assert np.shares_memory(np.asarray(vectors), vectors.matrix)
    assert not np.shares_memory(np.array(vectors), vectors.matrix)
    assert np.asarray(vectors, np.float64).dtype == np.float64


def test_a_subset_and_the_frequent_words(vectors):
    counted = Vectors(vectors.words, vectors.matrix, counts=range(60, 0, -1))
    few = counted.subset(["word9", "word2"])
    assert few.words == ("word9", "word2")
    assert np.array_equal(few.matrix, counted[["word9", "word2"]])
    assert (few.get_count("word9"), few.get_count("word2")) == (51, 58)
    assert counted.frequent(3).words == ("word0", "word1", "word2")
    assert counted.frequent(999).words == counted.words
    with pytest.raises(BadInput, match="these vectors know no counts"):
        vectors.get_count("word1")
    with pytest.raises(UnknownName, match="no word 'none'"):
        counted.get_count("none")
    with pytest.raises(BadInput, match="most must be at least 1"):
        vectors.frequent(0)
    with pytest.raises(BadInput, match="expected 60 counts"):
        Vectors(vectors.words, vectors.matrix, counts=[1])


def test_words_are_added_and_replaced(vectors):
    vectors = Vectors(vectors.words, vectors.matrix, counts=range(60, 0, -1))
    before, near = vectors.matrix.copy(), vectors.most_similar("word1", topn=1)
    vectors.add("new", np.ones(7))
    vectors.add(["x", "y"], np.eye(7)[:2])
    assert vectors.words[-3:] == ("new", "x", "y")
    assert np.array_equal(vectors.matrix[:60], before)
    assert vectors.most_similar("word1", topn=1) == near
    assert vectors.most_similar(np.ones(7), topn=1)[0] == ("new", pytest.approx(1))
    assert (vectors.get_count("new"), vectors.get_count("word0")) == (0, 60)
    with pytest.raises(BadInput, match="the word 'x' is there; replace=True"):
        vectors.add(["z", "x"], np.eye(7)[:2])
    assert "z" not in vectors
    vectors.add(["z", "x"], np.eye(7)[2:4], replace=True)
    assert vectors["x"].tolist() == np.eye(7)[3].tolist()
    assert vectors.similarity("x", "z") == 0
    for words, matrix, said in [
        ("a", np.ones(3), r"expected vectors \(1, 7\), got \(1, 3\)"),
        (["a", "a"], np.ones((2, 7)), "twice"),
        ("a", np.full(7, np.nan), "NaN"),
        (["a", "b"], np.ones(7), r"expected vectors \(2, 7\), got \(1, 7\)"),
    ]:
        with pytest.raises(BadInput, match=said):
            vectors.add(words, matrix)


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
        vectors.most_similar("word1", topn=0)
    with pytest.raises(BadInput, match="restrict_vocab must be at least 1"):
        vectors.most_similar("word1", restrict_vocab=0)
    with pytest.raises(BadInput, match="expected a word, a vector or a list of them, got none"):
        vectors.most_similar()
    with pytest.raises(BadInput, match="expected three words or more"):
        vectors.doesnt_match(["word1", "word2"])
    with pytest.raises(BadInput, match="got 3; topn=N says how many"):
        vectors.most_similar("word1", 3)
    with pytest.raises(BadInput, match=r"n must be a whole number, got 2\.5"):
        vectors.most_similar("word1", topn=2.5)
    with pytest.raises(BadInput, match="most must be a whole number, got '3'"):
        vectors.frequent("3")
    with pytest.raises(BadInput, match="expected a list of words, got 'word1'"):
        vectors.subset("word1")
    for odd in (5, None):
        with pytest.raises(UnknownName, match=f"no word '{odd}'"):
            vectors[odd]
        with pytest.raises(UnknownName, match=f"no word '{odd}'"):
            vectors.similarity("word1", odd)
    with pytest.raises(BadInput, match="one is empty"):
        vectors.n_similarity(["word1"], [])
    with pytest.raises(UnknownName):
        vectors[["word1", "none"]]
