"""Which scheme a column of tags follows, and the same spans in IOB2.

    IOB1     I- throughout; B- only where a span follows another of its type at once
    IOB2     the first word of a span has B-, the others I-
    BIOES    as IOB2, but the last word has E- and a span of one word S-
    BILOU    the same with L- (last) and U- (unit)
    BMEWO    the same with M- (middle), E- and W- (whole); BMES writes S- for W-
    plain    labels without a prefix: with ``O`` among them neighbours with the same label are one
             span; without it (parts of speech) each word has a label of its own

Prefix and type are parted by ``-``, ``_``, ``:`` or ``.``; the prefix may be lower-case, or stand
behind the type (``PER-B``). Source of the names: Ratinov & Roth 2009, sec. 3.1 (BILOU); Sekine et
al. 1998 (BMEWO: start, middle, end, whole). Proof: tests/ops/test_tag_schemes.py.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from zoo.ops.tags import OUTSIDE, iob2

Form = Literal["before", "behind", "bare", "plain"]
Cells = Sequence[Sequence[str]]  # of each sentence
SAME_AS = {"L": "E", "U": "S", "W": "S", "M": "I"}  # in BIOES
LETTERS = (frozenset("BI"), frozenset("BIES"), frozenset("BILU"), frozenset("BMEW"),
           frozenset("BMES"), frozenset("BIEW"))  # fmt: skip
FORMS: dict[Form, re.Pattern[str]] = {
    "before": re.compile(r"(?P<letter>[BIESLUMWbieslumw])[-_:.](?P<type>.+)"),
    "behind": re.compile(r"(?P<type>.+)[-_:.](?P<letter>[BIESLUMW])"),
    "bare": re.compile(r"(?P<letter>[BIESLUMW])(?P<type>)"),
}
NOTHING = ("O", "o", "0", "_", "-", "*", "OTHER", "NONE")  # what files write for no span


@dataclass(frozen=True)
class Scheme:
    """How a column writes its spans."""

    name: str
    form: Form
    outside: str | None  # what stands for no span; None: each word has a label
    types: tuple[str, ...]  # of the spans, sorted

    def iob2(self, tags: Sequence[str]) -> list[str]:
        """The tags of a sentence in IOB2.

        >>> scheme_of([["U-PER", "O", "B-LOC", "L-LOC"]]).iob2(["B-LOC", "L-LOC", "U-LOC"])
        ['B-LOC', 'I-LOC', 'B-LOC']
        """
        return iob2([self.bioes(tag) for tag in tags])

    def bioes(self, tag: str) -> str:
        """A tag with the letters of BIOES; a plain label is one of I- or of S-."""
        if tag == self.outside:
            return OUTSIDE
        if self.form == "plain":
            return f"I-{tag}" if self.outside else f"S-{tag}"
        letter, kind = _parted(self.form, tag)
        return f"{SAME_AS.get(letter, letter)}-{kind}"


@dataclass(frozen=True)
class Mixed:
    """Most tags have a prefix, some have not: no scheme can be told."""

    prefixed: str  # an example of each
    odd: str


def scheme_of(sentences: Cells) -> Scheme | Mixed | None:
    """The scheme of a column; None where it marks nothing: there is no tag but ``O``.

    >>> scheme_of([["B-PER", "I-PER", "O"], ["B-LOC", "B-LOC"]]).name
    'IOB2'
    >>> scheme_of([["I-PER", "I-PER", "O"], ["I-LOC", "B-LOC"]]).name
    'IOB1'
    >>> scheme_of([["DET", "NOUN"]]).name, scheme_of([["O", "O"]])
    ('plain labels', None)
    """
    counts = Counter(tag for tags in sentences for tag in tags)
    for form, pattern in FORMS.items():
        matching = [tag for tag in counts if pattern.fullmatch(tag)]
        letters = {_parted(form, tag)[0] for tag in matching}
        others = [tag for tag in counts if tag not in matching]
        if not matching or not letters & {*"BISUW"}:
            continue
        if form == "bare" and not {"B", "I"} <= letters:
            continue  # single letters are labels too
        if len(others) > 1 or not {*others} <= {*NOTHING}:
            odd = [tag for tag in others if tag not in NOTHING] or others[-1:]
            if form == "before" and len(matching) >= len(odd) and letters & {*"BI"}:
                return Mixed(matching[0], odd[0])
            continue
        if not any(letters <= known for known in LETTERS):
            return Mixed(matching[0], _of_another_scheme(form, matching))
        outside = others[0] if others else OUTSIDE
        types = tuple(sorted({_parted(form, tag)[1] for tag in matching}))
        return Scheme(_name(form, letters, outside, sentences), form, outside, types)
    labels = tuple(sorted(tag for tag in counts if tag != OUTSIDE))
    if not labels or (len(labels) == 1 and labels[0] in NOTHING):
        return None
    return Scheme("plain labels", "plain", OUTSIDE if OUTSIDE in counts else None, labels)


def unknown_prefixes(tags: Iterable[str]) -> tuple[str, str] | None:
    """Two labels that say the beginning and the inside of spans in a way that is not known.

    Brackets as of CoNLL-2012, letters without a separator, prefixes of other words.

    >>> unknown_prefixes(["begin-PER", "in-PER", "O"]), unknown_prefixes(["BLOC", "ILOC", "O"])
    (('begin-PER', 'in-PER'), ('BLOC', 'ILOC'))
    >>> unknown_prefixes(["(PER*", "*)", "*"]), unknown_prefixes(["PER", "LOC-GPE", "O"])
    (('(PER*', '*)'), None)
    """
    labels = dict.fromkeys(tags)
    brackets = [label for label in labels if "*" in label and {*label} & {*"()"}]
    if brackets:
        return brackets[0], brackets[-1]
    if OUTSIDE not in labels:
        return None
    for pattern in (r"(\w+)[-_:.](.+)", r"([BIESLUMW])(\w+)"):
        found = [re.fullmatch(pattern, label) for label in labels if label != OUTSIDE]
        by_type: dict[str, list[str]] = {}
        for match in found:
            if match:
                by_type.setdefault(match[2], []).append(match[0])
        if found and all(found) and all(len(same) > 1 for same in by_type.values()):
            first, second, *_ = next(iter(by_type.values()))
            return first, second
    return None


def broken(sentences: Iterable[Sequence[str]], scheme: Scheme) -> int:
    """How many tags break the scheme's rules: a span begins in its middle, or does not end.

    >>> tags = [["B-x", "I-x", "E-x"], ["I-x", "E-x"], ["B-x", "O"]]
    >>> broken(tags, scheme_of(tags))
    2
    """
    if scheme.form == "plain" or scheme.name == "IOB1":
        return 0
    ends = scheme.name != "IOB2"
    count = 0
    for tags in sentences:
        before = OUTSIDE
        for tag in [*map(scheme.bioes, tags), OUTSIDE]:
            inside = tag[0] in "IE"
            goes_on = before[0] in "BI" and before[2:] == tag[2:]
            count += (inside and not goes_on) or (
                ends and before[0] in "BI" and not (inside and goes_on)
            )
            before = tag
    return count


def _parted(form: Form, tag: str) -> tuple[str, str]:
    match = FORMS[form].fullmatch(tag)
    if match is None:
        return "", tag  # a tag of a later file
    return match["letter"].upper(), match["type"]


def _of_another_scheme(form: Form, tags: Sequence[str]) -> str:
    """A tag whose letter the first tag's scheme has not."""
    letters = {_parted(form, tag)[0] for tag in tags}
    rare = "LUMW" if letters & {*"ES"} else "MW"
    return next((tag for tag in tags if _parted(form, tag)[0] in rare), tags[-1])


def _name(form: Form, letters: set[str], outside: str, sentences: Cells) -> str:
    if letters & {*"LU"}:
        return "BILOU"
    if "W" in letters:
        return "BMEWO"
    if letters & {*"ES"}:
        return "BMES" if "M" in letters else "BIOES"
    return "IOB2" if _begin_with_b(form, outside, sentences) else "IOB1"


def _begin_with_b(form: Form, outside: str, sentences: Cells) -> bool:
    """Whether more spans begin with B- than with I- where no span of their type goes before."""
    with_b = with_i = 0
    for tags in sentences:
        before = ("", "")
        for tag in tags:
            letter, kind = ("", "") if tag == outside else _parted(form, tag)
            if letter and (not before[0] or before[1] != kind):
                with_b += letter == "B"
                with_i += letter == "I"
            before = (letter, kind)
    return with_b >= with_i
