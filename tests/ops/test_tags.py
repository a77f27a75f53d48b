"""Spans as conlleval finds them: against seqeval, and cases worked by hand."""

import random
from itertools import pairwise

import pytest

from zoo.ops.tags import Span, forbidden, iob2, mark, spans, tag_set


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O O", []),
        ("B-a I-a O", [("a", 0, 2)]),
        ("O I-a I-a", [("a", 1, 3)]),  # I- after O begins one
        ("B-a I-b", [("a", 0, 1), ("b", 1, 2)]),  # as does another type
        ("B-a B-a", [("a", 0, 1), ("a", 1, 2)]),
        ("I-a B-a", [("a", 0, 1), ("a", 1, 2)]),  # IOB: B- parts neighbours
        ("S-a B-a E-a E-a", [("a", 0, 1), ("a", 1, 3), ("a", 3, 4)]),
        ("B-a-b I-a-b", [("a-b", 0, 2)]),
        ("NOUN NOUN", [("NOUN", 0, 1), ("NOUN", 1, 2)]),  # plain tags: a span each
    ],
)
def test_cases(tags, found):
    assert spans(tags.split()) == [Span(*one) for one in found]


def test_it_agrees_with_seqeval_on_any_sequence():
    scheme = pytest.importorskip("seqeval.metrics.sequence_labeling")
    draw = random.Random(0)
    tags = ["O", *(f"{p}-{t}" for p in "BIES" for t in ("per", "loc-x"))]
    for _ in range(1000):
        chosen = draw.choices(tags, k=draw.randint(1, 9))
        theirs = [Span(t, a, b + 1) for t, a, b in scheme.get_entities(list(chosen))]
        assert spans(chosen) == theirs, chosen


def test_iob2_keeps_the_spans_of_any_sequence_and_leaves_its_own_alone():
    draw = random.Random(1)
    tags = ["O", "NOUN", *(f"{p}-{t}" for p in "BIES" for t in "xy")]
    for _ in range(500):
        chosen = draw.choices(tags, k=draw.randint(1, 9))
        new = iob2(chosen)
        assert spans(new) == spans(chosen)
        assert iob2(new) == new == mark(spans(new), len(new))
        table, order = forbidden(tag_set([new])), tag_set([new])
        numbers = [order.index(tag) for tag in new]
        steps = [table[-1][numbers[0]]]
        steps += [table[a][b] for a, b in pairwise(numbers)]
        assert not any(steps)


def test_what_is_forbidden_is_what_iob2_would_change():
    tags = ("O", "B-x", "I-x", "B-y", "I-y")
    table = forbidden(tags)
    for a, first in enumerate(tags):
        assert table[-1][a] == (iob2([first]) != [first])
        for b, second in enumerate(tags):
            pair = ["B-x", first, second] if first == "I-x" else [first, second]
            pair = ["B-y", first, second] if first == "I-y" else pair
            assert table[a][b] == (iob2(pair)[-1] != second)
