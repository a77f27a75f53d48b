"""Which column of a CoNLL file holds the words and which the tags: found out, checked, or asked.

The word comes first and the tag after it, as in every shared task; what else there is is known by
its content: numbers that count the words (CoNLL-U, GermEval), phrase chunks (CoNLL-2003), parts of
speech, lemmas. Of two columns of spans with the same types the first is taken: the outer ones of
GermEval. A file that can be understood in two ways, or where the columns look exchanged, is
refused; the user then names the columns. Proof: tests/data/text/test_conll_columns.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from zoo.errors import BadInput
from zoo.ops.tag_schemes import Mixed, Scheme, scheme_of, unknown_prefixes

Table = Sequence[Sequence[Sequence[str]]]  # sentences of rows of cells, as many in each
PHRASES = {  # types of chunks: of English (CoNLL-2000), of German (CoNLL-2003)
    *("NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP"),
    *("NC", "VC", "PC", "AC"),
}
UPOS = {  # of CoNLL-U
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN"),
    *("PUNCT", "SCONJ", "SYM", "VERB", "X", "_"),
}
CONLL_U, UPOS_COLUMN = 10, 3  # columns; where the universal part of speech is
GERMEVAL, OUTER = 4, 2  # columns; where the outer spans are, the inner ones behind them
REPEATED = 0.3  # share of words with letters that a column of lemmas repeats, at least


@dataclass(frozen=True)
class Asked:
    """What the user says of a file; columns count from 1."""

    word_column: int | None = None
    tag_column: int | None = None


@dataclass(frozen=True)
class Columns:
    """What a file was understood as; columns count from 0."""

    word: int
    tag: int
    scheme: Scheme | None  # None: every tag is O
    kind: str  # "CoNLL-U", "GermEval", or ""

    def as_asked(self) -> Asked:
        """The same columns, for another file of the same set."""
        return Asked(self.word + 1, self.tag + 1)


def columns_of(name: str, table: Table, asked: Asked, may_be_empty: bool = False) -> Columns:
    """The columns of words and of tags.

    Args:
        name: the file's, for messages.
        table: at least one sentence of at least one row.
        may_be_empty: accept tags that are all ``O``.

    Raises:
        BadInput: for columns that are not there, that look exchanged, or of which several might be
            meant; for tags that mark nothing, or follow no scheme.
    """
    return _Finder(name, table).columns(asked, may_be_empty)


class _Finder:
    def __init__(self, name: str, table: Table) -> None:
        self.name, self.width = name, len(table[0][0])
        self.by_sentence = [
            [[row[at] for row in rows] for rows in table] for at in range(self.width)
        ]
        self.flat = [[cell for cells in column for cell in cells] for column in self.by_sentence]
        self.different = [len({*column}) for column in self.flat]
        self.counting = [_counts(column) for column in self.by_sentence]
        self.schemes = [scheme_of(column) for column in self.by_sentence]
        self.spans = {  # types of the columns of spans
            at: {*scheme.types}
            for at, scheme in enumerate(self.schemes)
            if isinstance(scheme, Scheme) and scheme.form != "plain"
        }

    def columns(self, asked: Asked, may_be_empty: bool) -> Columns:
        for what, at in (("word_column", asked.word_column), ("tag_column", asked.tag_column)):
            if at is not None and not 1 <= at <= self.width:
                raise BadInput(f"{self.name} has {self.width} columns, got {what}={at}")
        if asked.word_column == asked.tag_column is not None:
            raise BadInput(f"word_column and tag_column are both {asked.tag_column}")
        kind = self._kind()
        word = self._word(asked)
        tag = self._tag(asked, word, kind)
        scheme = self.schemes[tag]
        if isinstance(scheme, Mixed):
            self._refuse(
                f"the tags of column {tag + 1} are of two kinds, {scheme.prefixed!r} and "
                f"{scheme.odd!r}", "write all of them in one scheme, such as B-PER I-PER O"
            )  # fmt: skip
        if not may_be_empty and (scheme is None or len({*self.flat[tag]}) == 1):
            self._refuse(
                f"all {len(self.flat[tag]):,} tags of column {tag + 1} are {self.flat[tag][0]!r}",
                "nothing can be learned from them" if asked.tag_column else self._ask(word, None),
            )
        if asked.word_column is None and asked.tag_column is None:
            self._check_order(word, tag, kind)
        return Columns(word, tag, scheme, kind)

    def _kind(self) -> str:
        if self.width == CONLL_U and self.counting[0] and {*self.flat[UPOS_COLUMN]} <= UPOS:
            return "CoNLL-U"
        marked = [at in self.spans or self.schemes[at] is None for at in range(self.width)]
        is_germeval = self.width == GERMEVAL and self.counting[0] and all(marked[OUTER:])
        return "GermEval" if is_germeval and not marked[1] else ""

    def _word(self, asked: Asked) -> int:
        if asked.word_column is not None:
            return asked.word_column - 1
        for at in range(self.width):
            if at + 1 != asked.tag_column and not self.counting[at]:
                return at
        self._refuse("every column counts", "expected words and their tags")

    def _tag(self, asked: Asked, word: int, kind: str) -> int:
        if asked.tag_column is not None:
            return asked.tag_column - 1
        others = [at for at in range(self.width) if at != word and not self.counting[at]]
        if not others:
            self._refuse("there are no tags beside the words", "expected WORD, tab or space, TAG")
        spans = [at for at in others if at in self.spans]
        if kind == "GermEval":
            return OUTER
        named = [at for at in spans if self.spans[at] != {""}] or spans
        names = [at for at in named if not self.spans[at] & PHRASES] or named[-1:]
        if len(names) > 1 and any(not self.spans[at] <= self.spans[names[0]] for at in names):
            self._refuse(f"columns {_listed(names)} all hold spans", self._ask(word, names[0]))
        if names:
            return names[0]
        mixed = [at for at in others if isinstance(self.schemes[at], Mixed)]
        if mixed:
            return mixed[-1]
        return UPOS_COLUMN if kind else others[-1]

    def _check_order(self, word: int, tag: int, kind: str) -> None:
        """Refuse columns that look exchanged, or like something else than words and tags."""
        exchange = self._ask(tag, word)
        richest = max(range(self.width), key=self._richness)
        if word in self.spans:
            self._refuse(f"column {word + 1} holds tags and stands before the words", exchange)
        if all(_is_number(cell) for cell in self.flat[word]):
            self._refuse(f"column {word + 1}, where the words should be, holds numbers only",
                         self._ask(richest, tag))  # fmt: skip
        if self.different[tag] > self.different[word]:
            advice = self._ask(richest, tag) if tag in self.spans else exchange
            self._refuse(
                f"column {tag + 1} has {self.different[tag]} different values and column "
                f"{word + 1} only {self.different[word]}: tags and words look exchanged", advice
            )  # fmt: skip
        enough = max(1.5 * self.different[word], self.different[word] + 4)
        if not kind and self._richness(richest) > enough:
            self._refuse(
                f"column {richest + 1} looks more like words than column {word + 1}",
                self._ask(richest, tag if tag != richest else None),
            )
        if tag not in self.spans:
            self._check_labels(word, tag)

    def _richness(self, at: int) -> int:
        """Different values of a column that may be one of words."""
        odd = sum(_is_number(cell) or "=" in cell for cell in self.flat[at])
        return 0 if self.counting[at] or 2 * odd > len(self.flat[at]) else self.different[at]

    def _check_labels(self, word: int, tag: int) -> None:
        if odd := unknown_prefixes(self.flat[tag]):
            self._refuse(
                f"the tags of column {tag + 1}, such as {odd[0]!r} and {odd[1]!r}, seem to mark "
                "spans, but in no known scheme", "expected B-PER I-PER O, or E- S-, L- U-, M- E- W-"
            )  # fmt: skip
        pairs = zip(self.flat[word], self.flat[tag], strict=True)
        pairs_with_letters = [(a, b) for a, b in pairs if any(c.isalpha() for c in a)]
        same = sum(a.lower() == b.lower() for a, b in pairs_with_letters)
        again = [at for at in range(word + 1, self.width) if at not in (word, tag)]
        if same > REPEATED * len(pairs_with_letters):
            other = again[-1] if again else None
            self._refuse(f"column {tag + 1} repeats the words of column {word + 1}: lemmas?",
                         self._ask(word, other))  # fmt: skip
        if all(_is_number(cell) for cell in self.flat[tag]):
            self._refuse(f"column {tag + 1} holds numbers ({self.flat[tag][0]}), no names of tags",
                         self._ask(word, again[-1] if again else None))  # fmt: skip
        if self.different[tag] > 1 and "_" in self.flat[tag]:
            self._refuse(f"some words have no tag in column {tag + 1} but '_'",
                         self._ask(word, again[-1] if again else None))  # fmt: skip

    def _ask(self, word: int | None, tag: int | None) -> str:
        columns = (("word_column", word), ("tag_column", tag))
        fields = " ".join(f"{name}={'N' if at is None else at + 1}" for name, at in columns)
        return f"put the word first and its tag last, or say which they are: {fields}"

    def _refuse(self, what: str, advice: str) -> NoReturn:
        example = [column[0] for column in self.flat][:CONLL_U]
        shown = " | ".join(cell[:20] for cell in example)
        raise BadInput(f"{self.name}: {what} (its first word's line: {shown}); {advice}")


def _counts(column: Sequence[Sequence[str]]) -> bool:
    """Whether the cells of every sentence count its words: 1, 2, 3 or 0, 1, 2, or on and on."""
    if not any(len(cells) > 1 for cells in column):
        return False
    for cells in column:
        if not all(cell.isdecimal() and len(cell) < 10 for cell in cells):
            return False
        first = int(cells[0])
        if any(int(cell) != first + at for at, cell in enumerate(cells)):
            return False
    return True


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _listed(columns: Sequence[int]) -> str:
    return " and ".join(str(at + 1) for at in columns)
