"""Every scheme written and read again gives the spans that were drawn."""

import random

import pytest

from zoo.ops.tag_schemes import Mixed, Scheme, broken, scheme_of
from zoo.ops.tags import Span, mark

LETTERS = {"IOB2": "BIIB", "BIOES": "BIES", "BILOU": "BILU", "BMEWO": "BMEW", "BMES": "BMES"}


def drawn(draw):
    spans, at = [], draw.randint(0, 2)
    while at < 12:
        end = at + draw.randint(1, 4)
        spans.append(Span(draw.choice(["x", "y-z"]), at, end))
        at = end + draw.randint(0, 2)
    return spans


def written(spans, first, inside, last, single):
    tags = ["O"] * max(span.end for span in spans)
    for kind, start, end in spans:
        letters = first + inside * (end - start - 2) + last if end - start > 1 else single
        tags[start:end] = [f"{letter}-{kind}" for letter in letters]
    return tags


@pytest.mark.parametrize("name", LETTERS)
def test_there_and_back(name):
    draw = random.Random(0)
    sets = [drawn(draw) for _ in range(50)]
    tags = [written(spans, *LETTERS[name]) for spans in sets]
    scheme = scheme_of(tags)
    assert isinstance(scheme, Scheme)
    assert (scheme.name, scheme.types) == (name, ("x", "y-z"))
    assert broken(tags, scheme) == 0
    for spans, each in zip(sets, tags, strict=True):
        assert scheme.iob2(each) == mark(spans, len(each))


def test_iob1():
    draw = random.Random(1)
    for _ in range(100):
        spans, tags = drawn(draw), ["O"] * 20
        for before, span in zip([None, *spans], spans, strict=False):
            meets = before and before.end == span.start and before.type == span.type
            letters = ["B" if meets else "I"] + ["I"] * (span.end - span.start - 1)
            tags[span.start : span.end] = [f"{letter}-{span.type}" for letter in letters]
        scheme = scheme_of([tags])
        assert isinstance(scheme, Scheme)
        assert scheme.name == "IOB1"
        assert scheme.iob2(tags) == mark(spans, 20)


def test_tags_of_two_schemes_are_none():
    assert scheme_of([["B-x", "L-x", "E-x"]]) == Mixed("B-x", "L-x")
    assert scheme_of([["B-x", "I-x", "y"]]) == Mixed("B-x", "y")
    assert scheme_of([["B-x", "O", "0"]]) == Mixed("B-x", "0")


def test_bare_letters_are_spans_of_one_type_and_other_letters_labels():
    scheme = scheme_of([["B", "I", "O", "B"]])
    assert isinstance(scheme, Scheme)
    assert (scheme.name, scheme.form) == ("IOB2", "bare")
    plain = scheme_of([["S", "V", "O"], ["S", "E"]])
    assert isinstance(plain, Scheme)
    assert plain.form == "plain"
