"""Spans of words and the tags that mark them: IOB, IOB2, BIOES, or plain ones.

``B-person I-person O`` marks the words 0 and 1 as one person. Which words belong together is
decided as the conlleval script of the CoNLL-2000 shared task does (Tjong Kim Sang &
Buchholz 2000), which gives every sequence a meaning: an ``I-`` after ``O`` or after another type
begins a span. Proof: tests/ops/test_tags.py.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OUTSIDE = "O"
PREFIXES = ("B", "I", "E", "S")


class Span(NamedTuple):
    """The words ``start`` to ``end`` (that one not included) of a sentence."""

    type: str
    start: int
    end: int


def parse(tag: str) -> tuple[str, str]:
    """A tag's prefix (B, I, E, S or O) and type; any other tag is a span of one word.

    >>> parse("I-creative-work"), parse("O"), parse("NOUN"), parse("B")
    (('I', 'creative-work'), ('O', ''), ('S', 'NOUN'), ('B', ''))
    """
    prefix, _, kind = tag.partition("-")
    if tag == OUTSIDE:
        return OUTSIDE, ""
    return (prefix, kind) if prefix in PREFIXES else ("S", tag)


def spans(tags: Sequence[str]) -> list[Span]:
    """The spans of one sentence, as conlleval finds them.

    >>> spans(["I-per", "I-per", "I-loc", "O", "B-loc", "B-loc"])
    [Span(type='per', start=0, end=2), Span(type='loc', start=2, end=3), Span(type='loc', start=4, \
end=5), Span(type='loc', start=5, end=6)]
    """
    result: list[Span] = []
    is_open = False  # whether the last span may go on
    for at, tag in enumerate(tags):
        prefix, kind = parse(tag)
        if prefix == OUTSIDE:
            is_open = False
            continue
        if is_open and prefix in ("I", "E") and result[-1].type == kind:
            result[-1] = result[-1]._replace(end=at + 1)
        else:
            result.append(Span(kind, at, at + 1))
        is_open = prefix in ("B", "I")
    return result


def iob2(tags: Sequence[str]) -> list[str]:
    """The same spans in IOB2, where each begins with ``B-`` and goes on with ``I-``.

    >>> iob2(["I-per", "I-per", "O", "S-loc", "NOUN"])
    ['B-per', 'I-per', 'O', 'B-loc', 'B-NOUN']
    """
    return mark(spans(tags), len(tags))


def mark(spans: Iterable[Span], length: int) -> list[str]:
    """Spans that do not overlap to the IOB2 tags of ``length`` words."""
    tags = [OUTSIDE] * length
    for kind, start, end in spans:
        tags[start:end] = [f"B-{kind}"] + [f"I-{kind}"] * (end - start - 1)
    return tags


def tag_set(sentences: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The different tags: ``O`` first, then by type, ``B-`` before ``I-``.

    >>> tag_set([["I-loc", "O"], ["B-per", "B-loc"]])
    ('O', 'B-loc', 'I-loc', 'B-per')
    """
    different = {tag for tags in sentences for tag in tags}
    return tuple(sorted(different, key=lambda tag: (tag != OUTSIDE, parse(tag)[1], tag)))


def forbidden(tags: Sequence[str]) -> list[list[bool]]:
    """Which tag cannot follow which in IOB2: (K + 1, K), row the earlier one.

    The last row is the beginning of a sentence. ``I-x`` follows ``B-x`` and ``I-x`` only.

    >>> forbidden(["O", "B-x", "I-x"])
    [[False, False, True], [False, False, False], [False, False, False], [False, False, True]]
    """
    into = [parse(tag)[1] if parse(tag)[0] == "I" else None for tag in tags]
    inside = [parse(tag)[1] if parse(tag)[0] in ("B", "I") else None for tag in tags]
    return [[to is not None and to != of for to in into] for of in [*inside, None]]
