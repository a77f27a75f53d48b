"""Text to words in four ways: cases of each, and what must not be lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.text.token_stream import vocabulary_of
from zoo.data.text.tokenizers import (
    joined,
    level_tokens,
    placed_words,
    prose_words,
    sentence_words,
)
from zoo.errors import BadInput


def test_each_line_ends_with_eos_and_empty_ones_too():
    assert level_tokens("a b\n\nc", "words") == ["a", "b", "<eos>", "<eos>", "c", "<eos>"]
    assert level_tokens("a b\n", "words") == ["a", "b", "<eos>"]
    assert level_tokens("a\n", "characters") == ["a", "\n"]
    with pytest.raises(BadInput, match="level must be"):
        level_tokens("a", "syllables")


def test_a_line_of_a_million_words():
    line = "word " * 1_000_000
    assert len(level_tokens(line, "words")) == 1_000_001
    assert len(vocabulary_of(line, "words")) == 3  # <unk>, word, <eos>


@pytest.mark.parametrize("text", ["a b\nc", "a\n\nb c\n", "x"])
def test_joined_words_are_lines_again(text):
    assert joined(level_tokens(text, "words"), "words") == text.removesuffix("\n") + "\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's GOOD.", "it 's good ."),
        ("Don\u2019t! You\u2019ll can't", "do n't ! you 'll ca n't"),
        ("\u201cwell-made\u201d film\u2014really", '" well-made " film -- really'),
        ("a  b\r\n\tc", "a b c"),
        ("J.R.R. 3,000", "j . r . r . 3 , 000"),
        ("Caf\u0065\u0301 \u00c9TUDE", "caf\u00e9 \u00e9tude"),
        ("wait...", "wait . . ."),
        ("the dogs' and/or 'quoted'", "the dogs ' and / or ' quoted '"),
        ("\u4e00\u4e8c \U0001f600!", "\u4e00\u4e8c \U0001f600 !"),
        (" \n ", ""),
    ],
)
def test_words_of_a_sentence(text, words):
    assert sentence_words(text) == words.split()


@pytest.mark.parametrize(
    "text",
    [
        "Isn't it?? --- 'tis; rock-'n'-roll, couldn't've n't 's",
        "x\x97y \x93q\x94 -- a--b -a- b_c \u0130stanbul \u2026 don't-ask",
        "simplistic , silly and tedious . it's so laddish",
    ],
)
def test_what_is_parted_stays_as_it_is(text):
    once = sentence_words(text)
    assert sentence_words(" ".join(once)) == once


@given(st.text(max_size=40))
def test_nothing_of_a_message_is_lost_and_places_are_right(text):
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
def test_words_of_a_message(text, words):
    assert [placed.word for placed in placed_words(text)] == words.split()


def test_words_of_prose():
    found = prose_words("'Tis naïve -- O'Neil's 3rd_Élan")
    assert found == ["tis", "naïve", "o'neil's", "rd", "élan"]
