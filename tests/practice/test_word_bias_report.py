"""The report looks at the words it names, and says where it cannot."""

import numpy as np
import pytest

from zoo.practice.word_bias import weat
from zoo.practice.word_bias_report import (
    FIRST,
    SECOND,
    TESTS,
    BiasWords,
    cosines_with,
    measure,
    table,
)
from zoo.practice.word_debias import unit

FAMILY, CAREER = TESTS["family, career"]


@pytest.fixture
def known():
    words = [*FIRST, *SECOND, *FAMILY, *CAREER[:5], "nurse", "smith", "poetry"]
    vectors = unit(np.random.default_rng(0).standard_normal((len(words), 7)))
    return {word: row for row, word in enumerate(words)}, vectors


def test_it_measures_what_it_says(known):
    index, vectors = known
    along = unit(np.arange(7.0))
    free = ["nurse", "smith", *FAMILY]
    lean = cosines_with(index, vectors, along, free)
    bias = measure(index, vectors, BiasWords(along, ["nurse", "smith", "none"], free, lean))
    assert lean[0] == pytest.approx(vectors[index["nurse"]] @ along)
    assert bias.direct == pytest.approx(np.abs(lean[:2]).mean())
    assert {word for word, _ in bias.first} == {"nurse", "smith"}
    sets = (FAMILY[:5], CAREER[:5], FIRST, SECOND)  # as many of either as are known of both
    expected = weat(*(vectors[[index[w] for w in words]] for words in sets))
    assert bias.weat == {"family, career": expected, "arts, mathematics": None}
    assert 0.5 <= bias.clustering <= 1
    text = table(bias, bias, ("she", "he"))
    assert f"{bias.direct:.3f}" in text
    assert f"{expected.effect:+.2f} (p {expected.p:.3f})" in text
    assert "before, most she: " in text


def test_words_that_are_all_unknown():
    index, vectors = {"a": 0, "b": 1}, np.eye(2)
    bias = measure(
        index, vectors, BiasWords(np.array([1.0, 0]), ["nurse"], ["a", "b"], np.eye(2)[0])
    )
    assert (bias.direct, bias.clustering, {*bias.weat.values()}) == (None, None, {None})
    assert "no word is known" in table(bias, bias, ("she", "he"))
    assert bias.to_json()["first"] == []
