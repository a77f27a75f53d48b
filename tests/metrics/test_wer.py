"""WER and CER: jiwer on generated texts, shortest alignments, empty references, normalisations."""

import random

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.errors import BadInput, UnknownName
from zoo.metrics.wer import (
    NORMALISATIONS,
    Errors,
    align,
    character_errors,
    count,
    count_pairs,
    normalised,
    plain,
    word_errors,
)

TEXTS = st.lists(st.sampled_from(["a", "b", "ab", "ü"]), max_size=9).map(" ".join)
SETS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4)


def same(ours, theirs, rate):
    assert (ours.hits, ours.substitutions, ours.deletions, ours.insertions) == (
        theirs.hits,
        theirs.substitutions,
        theirs.deletions,
        theirs.insertions,
    )
    assert ours.rate == pytest.approx(100 * rate)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(SETS)
def test_rates_and_counts_are_jiwers(pairs):
    references, hypotheses = (list(side) for side in zip(*pairs, strict=True))
    theirs = jiwer.process_words(references, hypotheses)
    same(word_errors(references, hypotheses), theirs, theirs.wer)
    theirs = jiwer.process_characters(references, hypotheses)
    same(character_errors(references, hypotheses), theirs, theirs.cer)


def recursive(a, b, known):
    """The distance by its definition."""
    if (len(a), len(b)) not in known:
        ways = []
        if a:
            ways.append(1 + recursive(a[1:], b, known))
        if b:
            ways.append(1 + recursive(a, b[1:], known))
        if a and b:
            ways.append((a[0] != b[0]) + recursive(a[1:], b[1:], known))
        known[len(a), len(b)] = min(ways, default=0)
    return known[len(a), len(b)]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(*[st.lists(st.integers(0, 2), max_size=10)] * 2)
def test_an_alignment_is_shortest_and_gives_both_sides_back(a, b):
    pairs = align(a, b)
    assert [x for x, _ in pairs if x is not None] == a
    assert [y for _, y in pairs if y is not None] == b
    assert (None, None) not in pairs
    errors = count_pairs(pairs)
    assert errors.total == recursive(a, b, {})
    assert errors.length == len(a)
    assert errors.hits + errors.substitutions + errors.insertions == len(b)


def test_long_texts_are_jiwers_too():
    draw = random.Random(0)
    words = [str(draw.randrange(50)) for _ in range(1000)]
    heard = [w if draw.random() < 0.8 else str(draw.randrange(50)) for w in words]
    heard = [w for w in heard for _ in range(draw.choice([0, 1, 1, 1, 1, 2]))]
    theirs = jiwer.process_words(" ".join(words), " ".join(heard))
    same(word_errors([" ".join(words)], [" ".join(heard)]), theirs, theirs.wer)


def test_a_set_is_the_sum_of_its_errors_over_the_sum_of_its_words():
    long, short = "one two three four five six seven eight nine", "ten"
    errors = word_errors([long, short], [long, "hen"])
    assert errors == Errors(hits=9, substitutions=1)
    assert errors.rate == 10  # the mean of the utterances' rates would be 50


def test_a_small_case():
    assert align(["the", "cat", "sat"], ["cat", "sat", "down"]) == [
        ("the", None),
        ("cat", "cat"),
        ("sat", "sat"),
        (None, "down"),
    ]
    assert count(["the", "cat", "sat"], ["the", "bat"]) == Errors(1, 1, 1, 0)


@pytest.mark.parametrize(
    ("references", "hypotheses", "percent"),
    [
        ([""], [""], 0),
        ([""], ["two words"], 200),
        (["", "a b"], ["x", "a b"], 50),
        (["a b"], [""], 100),
        ([], [], 0),
    ],
)
def test_empty_references(references, hypotheses, percent):
    errors = word_errors(references, hypotheses)
    assert errors.rate == percent
    if references:
        assert errors.rate == 100 * jiwer.wer(references, hypotheses)


def test_blanks_are_characters_unless_they_are_not():
    assert character_errors(["to day"], ["today"]) == Errors(5, 0, 1, 0)
    assert character_errors(["to day"], ["today"], blanks=False) == Errors(5)


def test_blanks_around_and_between_words_do_not_count():
    assert word_errors([" a  b\n"], ["a b"]) == Errors(2)
    assert character_errors(["a \t b"], ["a b"]) == Errors(3)


def test_a_normalisation_is_done_before_counting():
    references, hypotheses = ["It's Twenty-Five."], ["it’s twenty five"]
    assert word_errors(references, hypotheses, "lower, no punctuation").rate == 0
    assert character_errors(references, hypotheses, "lower, no punctuation").rate == 0
    assert word_errors(references, hypotheses, "lower") == Errors(0, 2, 0, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'Quoted' words'", "quoted words"),
        ("rock 'n' roll", "rock n roll"),
        ("ÉCOLE, e\u0301cole", "école école"),
        ("£5 + 3", "5 3"),
        ("...", ""),
    ],
)
def test_plain_text(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize("normal", NORMALISATIONS)
def test_what_is_normal_stays(normal):
    for text in ["don't stop", "", "seven nine"]:
        assert normalised(normalised(text, normal), normal) == normalised(text, normal) == text


def test_wrong_use_is_told():
    with pytest.raises(BadInput, match="2 references but 1 hypotheses"):
        word_errors(["a", "b"], ["a"])
    with pytest.raises(UnknownName, match="no normalisation 'lowr'; did you mean lower"):
        word_errors(["a"], ["a"], "lowr")
