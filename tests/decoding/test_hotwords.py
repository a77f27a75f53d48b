"""Hotwords: what a labelling is worth, step by step and by its definition."""

import itertools

import pytest

from zoo.decoding.hotwords import OTHER, Hotwords, spell
from zoo.errors import BadInput

SPACE = 0
TEXTS = [" ", "a", "b", "c"]


def automaton(*phrases, weight=1.0, space=SPACE):
    return Hotwords([spell(p, TEXTS, space, -1) for p in phrases], weight, 4, space)


def by_definition(text, phrases):
    """Labels of the hotwords in a text, from the left, the longest first; no shared words."""
    words, count, at = text.split(" "), 0, 0
    while at < len(words):
        fits = [n for n in range(len(words), at, -1) if " ".join(words[at:n]) in phrases]
        if fits:
            count += len(" ".join(words[at : fits[0]]))
        at = fits[0] if fits else at + 1
    return count


@pytest.mark.parametrize(
    "phrases", [["ab"], ["a", "ab"], ["a b", "b"], ["a b a", "b c"], ["a", "a b c", "b c"]]
)
def test_every_text_of_five_letters_is_worth_its_hotwords(phrases):
    """With spaces anywhere: at the start, at the end, doubled."""
    hot = automaton(*phrases)
    for labels in itertools.product(range(4), repeat=5):
        text = "".join(TEXTS[c] for c in labels)
        assert hot.score(labels) == by_definition(text, phrases), repr(text)


def test_what_is_being_spelled_counts_and_is_taken_back():
    hot = automaton("abc", weight=2.0)
    worth = [hot.score(spell("abcb", TEXTS, SPACE)[:n], done=False) for n in range(5)]
    assert worth == [0, 2, 4, 6, 0]
    assert [hot.score([1, 2, 3][:n]) for n in range(4)] == [0, 0, 0, 6]  # at the end only all of it
    assert hot.score([1, 2, 3, SPACE, 2], done=False) == 6
    assert hot.score([3, 1, 2, 3], done=False) == 0  # "cabc": not at the start of a word


def test_the_table_is_the_steps():
    hot = automaton("ab", "a b c", "b")
    assert hot.states[hot.start] == ()
    assert OTHER in hot.states
    for n, state in enumerate(hot.states):
        for label in range(4):
            after, gain = hot.step(state, label)
            assert hot.states[int(hot.next[n, label])] == after
            assert hot.gain[n, label].item() == gain


def test_where_labels_are_words():
    hot = Hotwords([[1, 2], [2, 3, 3]], 1.0, 4, None)
    assert hot.score([1, 2, 3, 3]) == 2  # from the left: 1 2, then 3 3 is nothing
    assert hot.score([0, 2, 3, 3, 1, 2]) == 5
    assert hot.score([1, 1, 2, 2, 3], done=False) == 2 + 2
    assert hot.score([1, 1, 2, 2, 3]) == 2


def test_words_are_spelled_with_the_longest_labels():
    assert spell("no one", ["", " ", "n", "o", "e", "ne"], 1) == [2, 3, 1, 3, 5]
    assert spell("seven nine", ["", "nine", "seven"], None) == [2, 1]
    for phrase, texts, space in [("ox", ["", " ", "o"], 1), ("ten", ["", "nine"], None),
                                 (" ", ["", " ", "o"], 1)]:  # fmt: skip
        with pytest.raises(BadInput, match="cannot spell the hotword"):
            spell(phrase, texts, space)
