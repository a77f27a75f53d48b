"""Lists that word vectors are tested with: analogies, rated pairs, lists of words.

Published ones: zoo/datasets/google_analogies.py, wordsim353.py and debiaswe.py; a user's files have
the same forms. Proof: tests/data/text/test_word_tests.py.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from zoo import files, reading
from zoo.data.examples import Examples
from zoo.data.root import data_folder
from zoo.errors import BadFile, Missing

Question = tuple[str, str, str, str]
Sections = dict[str, list[Question]]
Pair = tuple[str, str, float]
Item = TypeVar("Item")
RATINGS = ("rating", "score", "mean", "similarity", "simlex999", "simverb", "relatedness")
SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", None: "spaces"}


@dataclass(frozen=True)
class WordTest(Generic[Item]):
    """A published list, in the sections that it comes in."""

    name: str
    licence: str
    sections: dict[str, list[Item]]
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none

    def parts(self) -> Mapping[str, Sequence[Item]]:
        """Name to section; nothing is trained on any of them."""
        return self.sections

    def digest(self) -> str:
        """A sha256 of all of it."""
        return hashlib.sha256(repr(self.sections).encode()).hexdigest()

    def examples(self) -> Examples:
        """None: nothing is trained on them."""
        return {}

    def about(self) -> dict[str, object]:
        """How many questions, pairs or words there are in all."""
        return {"in all": sum(map(len, self.sections.values()))}


def place(name: str, sha256: str, source: str) -> Path:
    """Where ``$ZOO_DATA/word_vectors`` holds a published file, the right bytes.

    Raises:
        Missing: if it is not there.
        BadFile: if it is another one.
    """
    path = data_folder() / "word_vectors" / name
    if not path.is_file():
        raise Missing(f"no {path}; put {name} of {source} there")
    if files.sha256(path) != sha256:
        raise BadFile(f"{path} is not the published file (its sha256 differs); get it again")
    return path


def read_analogies(path: Path) -> Sections:
    """Section -> questions (a, b, c, d): a is to b as c is to d.

    Raises:
        Missing: if the file is not there.
        BadFile: for a line that is no question.
    """
    sections: Sections = {}
    for number, line in _lines(path):
        words = line.split()
        if words[0] == ":":
            section = sections.setdefault(" ".join(words[1:]), [])
        elif len(words) == 4 and sections:
            a, b, c, d = words
            section.append((a, b, c, d))
        else:
            raise BadFile(f"{path} line {number}: expected ': section' or 4 words, got {line!r}")
    if not sections:
        raise BadFile(f"{path} holds no questions")
    return sections


def read_rated_pairs(path: Path) -> list[Pair]:
    """(word, word, how alike people find them).

    The words come first. Between the columns are tabs, semicolons, commas or spaces; lines that
    begin with ``#`` are left out. The rating is the only column of numbers, or the one that the
    header names: "rating", "score", "mean", "similarity", and the like.

    Raises:
        Missing: if the file is not there.
        BadFile: for a line that is no pair and number; if several columns hold numbers.
    """
    lines = [(number, line) for number, line in _lines(path) if not line.startswith("#")]
    if not lines:
        raise BadFile(f"{path} holds no pairs")
    separator = next((s for s in "\t;," if s in lines[0][1]), None)
    rows = [(number, [c.strip() for c in line.split(separator)]) for number, line in lines]
    header = [] if any(map(_is_number, rows[0][1])) or len(rows) == 1 else rows[0][1]
    rows = rows[1:] if header else rows
    rating = _rating_column(path, header, [cells for _, cells in rows])
    pairs = []
    for (number, cells), (_, line) in zip(rows, lines[bool(header) :], strict=True):
        if len(cells) <= rating or not _is_number(cells[rating]) or any(map(_is_number, cells[:2])):
            raise BadFile(
                f"{path} line {number}: expected word, word, number in column {rating + 1} (with "
                f"{SEPARATORS[separator]} between), got {line!r}"
            )
        pairs.append((cells[0], cells[1], float(cells[rating])))
    return pairs


def _rating_column(path: Path, header: list[str], rows: list[list[str]]) -> int:
    """Where the rating is, from 0: at 2, unless there are more columns."""
    named = [at for at, name in enumerate(header) if any(w in name.lower() for w in RATINGS)]
    if named:
        return named[0]
    width = max((len(cells) for cells in rows), default=3)
    of_numbers = [
        at
        for at in range(2, width)
        if all(len(cells) > at and _is_number(cells[at]) for cells in rows)
    ]
    if len(of_numbers) > 1:
        columns = ", ".join(str(at + 1) for at in of_numbers)
        raise BadFile(f"{path}: columns {columns} hold numbers; expected one, the rating (or a "
                      'header that names it, such as "word1 word2 rating")')  # fmt: skip
    return of_numbers[0] if of_numbers else 2


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def read_word_pairs(path: Path) -> list[tuple[str, str]]:
    """JSON: a list of pairs of words.

    Raises:
        BadFile: if it is anything else.
    """
    items = _json(path)
    if not all(isinstance(p, list) and len(p) == 2 and all(_is_word(w) for w in p) for p in items):
        raise BadFile(f'{path}: expected pairs of words, [["she", "he"], ...]')
    return [(first, second) for first, second in items]


def read_words(path: Path) -> list[str]:
    """JSON: a list of words, or of lists that begin with one (professions.json).

    Raises:
        BadFile: if it is anything else.
    """
    words = [item[0] if isinstance(item, list) and item else item for item in _json(path)]
    if not all(_is_word(word) for word in words):
        raise BadFile(f'{path}: expected words, ["nurse", ...]')
    return words


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _json(path: Path) -> list[Any]:
    try:
        items = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} is not JSON: {error}") from error
    if not isinstance(items, list) or not items:
        raise BadFile(f"{path}: expected a list that is not empty")
    return items


def _lines(path: Path) -> list[tuple[int, str]]:
    numbered = enumerate(_text(path).splitlines(), 1)
    return [(number, line) for number, line in numbered if line.strip()]


def _text(path: Path) -> str:
    return reading.read_text(path, "a list of words")
