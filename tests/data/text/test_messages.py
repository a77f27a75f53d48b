"""Words of a message: each character but white space is in one word, at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.text.messages import placed_words


@given(st.text(max_size=40))
def test_nothing_is_lost_and_places_are_right(text):
    at = 0
    for word, start, end in placed_words(text):
        assert text[start:end] == word
        assert word
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't! It\u2019s Anna's", "Do n't ! It \u2019s Anna 's"),
        ("RT @a_b: see http://t.co/x), #NYC", "RT @a_b : see http://t.co/x ) , #NYC"),
        ("10:30 1,000.50 2nd $5", "10:30 1,000.50 2nd $ 5"),
        ("H&M well-known U.S. ...wow", "H&M well-known U.S. ... wow"),
        ("ok :-) <3 \U0001f642\U0001f642", "ok :-) <3 \U0001f642 \U0001f642"),
        ("M\u00fcnchen \u6771\u4eac", "M\u00fcnchen \u6771\u4eac"),
        ("   ", ""),
    ],
)
def test_cases(text, words):
    assert [placed.word for placed in placed_words(text)] == words.split()
