"""What debiasing promises, and numpy's and sklearn's answers."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from zoo.errors import BadInput
from zoo.practice.word_debias import (
    bias_direction,
    cases,
    equalise,
    equalise_as_taught,
    hard_debias,
    known_pairs,
    neutralise,
    unit,
)


@pytest.fixture
def draw():
    return np.random.default_rng(0)


def test_the_direction_is_the_first_component_of_the_centred_pairs(draw):
    pairs = draw.standard_normal((10, 2, 12))
    pairs[:, 0] += 1.5 * np.arange(12)
    rows = np.concatenate([[a - (a + b) / 2, b - (a + b) / 2] for a, b in pairs])
    peer = PCA(10, svd_solver="full").fit(rows)
    found, parts = bias_direction(pairs)
    assert abs(found @ peer.components_[0]) == pytest.approx(1, abs=1e-10)
    np.testing.assert_allclose(parts[:10], peer.explained_variance_ratio_, atol=1e-10)
    assert ((pairs[:, 0] - pairs[:, 1]) @ found).sum() > 0
    np.testing.assert_allclose(bias_direction(pairs[:, ::-1])[0], -found, atol=1e-10)


def test_a_neutral_word_has_nothing_along_it(draw):
    words, g = draw.standard_normal((50, 9)), 3 * draw.standard_normal(9)
    neutral = neutralise(words, g)
    assert np.abs(neutral @ g).max() < 1e-12
    removed = words - neutral
    np.testing.assert_allclose(removed, np.outer(words @ g / (g @ g), g), atol=1e-12)
    np.testing.assert_allclose(neutralise(words[3], g), neutral[3], atol=1e-14)


def test_equalised_words_are_mirror_images(draw):
    g = draw.standard_normal(9)
    for first, second in unit(draw.standard_normal((20, 2, 9))):
        neutral = neutralise(draw.standard_normal((30, 9)), g)
        a, b = equalise(first, second, g)
        assert np.linalg.norm(a) == pytest.approx(1, abs=1e-12)
        assert np.linalg.norm(b) == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(neutral @ a, neutral @ b, atol=1e-12)
        assert a @ g == pytest.approx(-b @ g)
        assert ((a - b) @ g) * ((first - second) @ g) >= 0  # she stays on her side
        c, d = equalise_as_taught(first, second, g)
        np.testing.assert_allclose(neutral @ c, neutral @ d, atol=1e-12)
        assert np.linalg.norm(c) == pytest.approx(np.linalg.norm(d))
        assert np.linalg.norm(c) < 1  # they differ in more than the direction


def test_both_formulas_agree_where_a_pair_differs_along_the_direction_only(draw):
    g = unit(draw.standard_normal(9))
    shared = 0.8 * unit(neutralise(draw.standard_normal(9), g))
    first, second = shared + 0.6 * g, shared - 0.6 * g
    for a, b in (equalise(first, second, g), equalise_as_taught(first, second, 2 * g)):
        np.testing.assert_allclose([a, b], [first, second], atol=1e-12)


def test_wrong_lengths_and_shapes(draw):
    with pytest.raises(BadInput, match="length 1"):
        equalise_as_taught([3.0, 0], [0, 1.0], np.array([1.0, 0]))
    with pytest.raises(BadInput, match="length 1"):
        equalise([0, 3.0], [0, 3.0], np.array([1.0, 0]))
    with pytest.raises(BadInput, match=r"expected pairs \(P, 2, D\), got \(4, 3\)"):
        bias_direction(np.zeros((4, 3)))
    with pytest.raises(BadInput, match="do not differ"):
        bias_direction(np.ones((4, 2, 3)))


def test_the_whole(draw):
    words = ["she", "he", "She", "He", "queen", "nurse", "doctor", "the"]
    index = {word: row for row, word in enumerate(words)}
    vectors = draw.standard_normal((8, 6))
    g, _ = bias_direction([[vectors[0], vectors[1]]])
    after = hard_debias(
        index, vectors, g, specific=["she", "he", "queen", "king"], equal=[("she", "he")]
    )
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-12)
    assert np.abs(after[5:] @ g).max() < 1e-6
    np.testing.assert_allclose(after[5:] @ after[0], after[5:] @ after[1], atol=1e-12)
    np.testing.assert_allclose(after[5:] @ after[2], after[5:] @ after[3], atol=1e-12)
    np.testing.assert_allclose(after[4], unit(vectors[4]), atol=1e-12)  # a queen may be a woman
    assert (after[0] - after[1]) @ g > 0


def test_pairs_in_all_cases():
    assert cases([("she", "he")]) == [("she", "he"), ("She", "He"), ("SHE", "HE")]
    assert known_pairs([("a", "b"), ("a", "z"), ("a", "a")], {"a": 0, "b": 1}) == [("a", "b")]
