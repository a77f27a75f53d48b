"""Parsing the lines of an ARPA file, with an error for each fault.

The format is described in zoo/decoding/arpa.py.
Proof: tests/decoding/test_arpa.py.
"""

import math
import re
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

from zoo.decoding.ngram import HIGHEST, UNKNOWN
from zoo.errors import BadFile

PREFACE = 1000  # lines that may come before \data\
UNK = UNKNOWN.encode()
NEVER = -100.0  # log10 p of what is impossible, and of <unk> where a file has none
MINUS_INFINITY = (b"-inf", b"-infinity", b"-1.#inf")  # as printf writes it, also on Windows
OTHERS = {  # files of n-grams that are no ARPA files, by how they begin
    b"mmap lm http://kheafield.com/code": (
        "a binary file of KenLM (build_binary); give the ARPA file it was built from"
    ),
    b"SRILM_BINARY_NGRAM": "a binary file of SRILM; write it as ARPA: ngram -lm FILE -write-lm OUT",
    b"blmt": "a binary file of IRSTLM; write it as ARPA: compile-lm --text=yes FILE OUT",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it: zstd -d FILE",
}
ANNOUNCED = re.compile(rb"ngram(\d{1,2})=(\d{1,12})")


@dataclass
class Lines:
    """A file's lines that are not empty, counted."""

    path: Path
    file: IO[bytes]
    number: int = 0
    parts: list[bytes] = field(default_factory=list)  # the line's fields; none: the file has ended

    def next(self) -> list[bytes]:
        """The fields of the next line."""
        self.parts = []
        for line in self.file:
            self.number += 1
            self.parts = line.split()
            if self.parts:
                break
        return self.parts

    def refuse(self, why: str, line: int | None = None) -> NoReturn:
        """The error that names a line, this one by default."""
        raise BadFile(f"{self.path} line {line or self.number}: {why}")

    def expect(self, what: str) -> None:
        """Refuse a line that is not ``what``."""
        if self.parts != [what.encode()]:
            got = f"got {_shown(b' '.join(self.parts))}" if self.parts else "but the file ends"
            self.refuse(f"expected {what}, {got}")


@dataclass
class Section:
    """The n-grams of one order, as they stand in the file."""

    log_p: "array[float]" = field(default_factory=lambda: array("d"))  # base 10, as the weights
    weights: "array[float]" = field(default_factory=lambda: array("d"))  # NaN: there is none
    words: "array[int]" = field(default_factory=lambda: array("i"))  # ids, all in one row
    lines: "array[int]" = field(default_factory=lambda: array("q"))  # where each stands

    def add(self, log_p: float, words: list[int], weight: float, line: int) -> None:
        """Append an n-gram."""
        self.log_p.append(log_p)
        self.words.extend(words)
        self.weights.append(weight)
        self.lines.append(line)


def header(lines: Lines) -> list[int]:
    """How many n-grams of each order; the line after them is read."""
    _skip_preface(lines)
    announced: list[int] = []
    while lines.next() and lines.parts[0] == b"ngram":
        match = ANNOUNCED.fullmatch(b"".join(lines.parts))
        if not match or int(match[1]) != len(announced) + 1 or len(announced) == HIGHEST:
            expected = f"ngram {len(announced) + 1}=COUNT, of orders up to {HIGHEST}"
            lines.refuse(f"expected {expected}, got {_shown(b' '.join(lines.parts))}")
        announced.append(int(match[2]))
    if not announced:
        lines.refuse("expected ngram 1=COUNT after \\data\\")
    return announced


def _skip_preface(lines: Lines) -> None:
    r"""Read up to the line ``\data\``."""
    lines.next()
    for start, what in OTHERS.items():
        if b" ".join(lines.parts).startswith(start):
            raise BadFile(f"{lines.path} is {what}")
    while lines.parts and lines.parts[0].removeprefix(b"\xef\xbb\xbf") != b"\\data\\":
        if lines.number > PREFACE:
            break
        lines.next()
    if not lines.parts or lines.number > PREFACE:
        lines.refuse(f"no \\data\\ up to here; is {lines.path.name} an ARPA file?")


def section_of(lines: Lines, order: int, announced: list[int], index: dict[bytes, int]) -> Section:
    """The lines of one order; of order 1 the words are put into ``index``."""
    lines.expect(f"\\{order}-grams:")
    section, count = Section(), announced[order - 1]
    while lines.next() and not lines.parts[0].startswith(b"\\"):
        if len(section.lines) == count:
            lines.refuse(f"more {order}-grams than the {count} announced")
        log_p, words, weight = _fields(lines, order)
        if order < len(announced):
            weight = math.nan if weight is None else weight
        elif weight:
            lines.refuse(f"a back-off weight, {weight:g}, in the highest order")
        ids = [_new(lines, words[0], index)] if order == 1 else _known(lines, words, index)
        section.add(log_p, ids, weight or 0.0, lines.number)
    if len(section.lines) != count:
        lines.refuse(f"{count} {order}-grams were announced, here end {len(section.lines)}")
    return section


def _fields(lines: Lines, order: int) -> tuple[float, list[bytes], float | None]:
    """log10 p, words and weight of a line."""
    log_p, *rest = lines.parts
    if not order <= len(rest) <= order + 1:
        lines.refuse(
            f"expected log10 p, {order} words, weight; got {_shown(b' '.join(lines.parts))}"
        )
    value = _number(lines, log_p)
    if value > 0:
        lines.refuse(f"log10 p is {value:g}, a probability above 1")
    weight = _number(lines, rest[order]) if len(rest) > order else None
    return value, [UNK if word == b"<UNK>" else word for word in rest[:order]], weight


def _number(lines: Lines, text: bytes) -> float:
    if text.lower() in MINUS_INFINITY:
        return NEVER
    try:
        value = float(text)
    except ValueError:
        lines.refuse(f"{_shown(text)} is no number")
    if not math.isfinite(value):
        lines.refuse(f"{_shown(text)} is not finite")
    return value


def _new(lines: Lines, word: bytes, index: dict[bytes, int]) -> int:
    """The id of a new word."""
    if word in index:
        lines.refuse(f"the word {_shown(word)} a second time")
    if b"\0" in word:
        lines.refuse("a zero byte in a word")
    try:
        word.decode()
    except UnicodeDecodeError as error:
        lines.refuse(f"{_shown(word)} is not UTF-8 ({error.reason}); save the file as UTF-8")
    return index.setdefault(word, len(index))


def _known(lines: Lines, words: list[bytes], index: dict[bytes, int]) -> list[int]:
    try:
        return [index[word] for word in words]
    except KeyError as error:
        lines.refuse(f"the word {_shown(error.args[0])} is not among the 1-grams")


def _shown(text: bytes) -> str:
    return repr(text[:60].decode(errors="backslashreplace"))
