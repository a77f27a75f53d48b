"""t-SNE keeps neighbourhoods, and the same seed gives the same picture."""

import numpy as np
import pytest

from zoo.errors import BadInput
from zoo.viz.embedding import embedding_figure, tsne
from zoo.viz.word_bias import bias_figure


def test_two_heaps_stay_apart():
    draw = np.random.default_rng(0)
    rows = draw.standard_normal((24, 8)) + 6 * np.repeat([[0], [1]], 12, 0)
    places = tsne(rows, seed=1)
    assert places.shape == (24, 2)
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2) + 1e9 * np.eye(24)
    assert ((gaps.argmin(1) < 12) == (np.arange(24) < 12)).all()
    assert np.array_equal(tsne(rows, seed=1), places)


def test_a_few_words_and_odd_ones():
    figure = embedding_figure(["a$b$", "naïve", "c"], np.eye(3), [0, 1, 1])
    weights = [text.get_weight() for text in figure.axes[0].texts]
    assert weights == ["bold", "bold", "normal"]
    with pytest.raises(BadInput, match="needs 3 words or more, got 2"):
        tsne(np.eye(2))


def test_words_along_a_direction_are_in_their_order():
    words = [f"w{i}" for i in range(50)]
    before = np.random.default_rng(0).permutation(50) / 50 - 0.5
    axis = bias_figure(words, before, 0 * before, ("she", "he")).axes[0]
    drawn = [label.get_text() for label in axis.get_yticklabels()]
    ranked = [words[i] for i in np.argsort(before)]
    assert drawn == ranked[:20] + ranked[-20:]
    assert axis.get_xlabel().startswith("he")
