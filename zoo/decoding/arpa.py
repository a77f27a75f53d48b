r"""ARPA files of n-gram models: written for every tool that reads them, read with every check.

    \data\                          how many n-grams of each order
    ngram 1=5
    ngram 2=7
                                    then, order by order, a line for each n-gram:
    \1-grams:                       log10 p, words, log10 of the back-off weight
    -0.8    the     -0.3
    \2-grams:
    -0.4    the cat
    \end\

Format: Doug Paul's, as in Stolcke's ngram-format(5) (SRILM) and in KenLM, lm/read_arpa.cc. Tabs and
blanks separate fields; lines before ``\data\`` and empty ones are skipped; gzip is known by its
first bytes. A weight may be left out where no longer n-gram begins so (SRILM), and is 0 there.
Without <unk> an unknown word has log10 p = -100 (KenLM's default); <UNK> is read as <unk>. A number
``-inf`` is -100 too: that of <s>, which is never predicted (SRILM writes -99), and others.

Refused with the line: other numbers of n-grams than announced, an order left out, an n-gram that
stands twice, whose words are no 1-grams or whose first n - 1 words are no n-gram, a weight that is
missing where it is used, a log-probability that is above 0 or no finite number, bytes that are not
UTF-8, a file that ends early. Also what KenLM refuses: no <s>, no </s>.
Proof: tests/decoding/test_arpa.py (KenLM).
"""

import gzip
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo import files, reading
from zoo.decoding.arpa_lines import NEVER, Lines, Section, header, section_of
from zoo.decoding.ngram import END, START, UNKNOWN, Level, NGram, Rows

LN10 = math.log(10)
BLOCK = 100_000  # n-grams that are written at once


def read(path: str | Path) -> NGram:
    """The model of a file.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is damaged; see the top of the file.
    """
    path = Path(path)
    with reading.unpacked(path, "an ARPA file, plain or packed", reading.CORPUS) as file:
        return _read(Lines(path, file))


def _read(lines: Lines) -> NGram:
    announced = header(lines)
    index: dict[bytes, int] = {}
    levels: list[Level] = []
    before: Rows = np.empty(0, np.int64)
    for order in range(1, len(announced) + 1):
        section = section_of(lines, order, announced, index)
        if order == 1:
            _complete(lines, section, index)
        level, stands = _sorted(lines, section, levels, len(index))
        if levels:
            _check_weights(lines, levels[-1], before, level.keys // len(index), stands)
        levels.append(level)
        before = stands
    lines.expect("\\end\\")
    for level in levels:
        np.nan_to_num(level.backoff, copy=False)
    return NGram((word.decode() for word in index), [level for level in levels if len(level)])


def _complete(lines: Lines, section: Section, index: dict[bytes, int]) -> None:
    """Add <unk> if the file has none; the other marks must be there."""
    for mark in (START, END):
        if mark.encode() not in index:
            lines.refuse(f"no {mark} among the 1-grams; was the model made of whole sentences?")
    if UNKNOWN.encode() not in index:
        index[UNKNOWN.encode()] = len(index)
        section.add(NEVER, [index[UNKNOWN.encode()]], math.nan, lines.number)


def _sorted(lines: Lines, section: Section, levels: list[Level], size: int) -> tuple[Level, Rows]:
    """The n-grams by key, and where each stands; a weight that is missing stays NaN."""
    order = len(levels) + 1
    words = np.array(section.words, np.int64).reshape(-1, order)
    stands = np.array(section.lines)
    rows = np.zeros(len(words), np.int64)  # of no word, of the first, of the first two, ...
    for level, column in zip([*levels, None], words.T, strict=True):
        keys = rows * size + column
        rows = level.rows(keys) if level is not None else rows
        if (rows < 0).any():
            lines.refuse(
                f"a {order}-gram whose first {order - 1} words are no n-gram", stands[rows.argmin()]
            )
    by_key = np.argsort(keys, kind="stable")
    keys, stands = keys[by_key], stands[by_key]
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if len(twice):
        lines.refuse(f"the n-gram of line {stands[twice[0]]} again", stands[twice[0] + 1])
    numbers = (LN10 * np.array(column)[by_key] for column in (section.log_p, section.weights))
    return Level(keys, *numbers), stands


def _check_weights(
    lines: Lines, below: Level, stand_below: Rows, contexts: Rows, stands: Rows
) -> None:
    """Refuse an n-gram without a weight that a longer one begins with."""
    bare = np.flatnonzero(np.isnan(below.backoff[contexts]))
    if len(bare):
        where = stand_below[contexts[bare[0]]]
        lines.refuse(f"no back-off weight, but line {stands[bare[0]]} begins so", where)


def write(path: str | Path, model: NGram) -> None:
    """Write a model, with 7 digits; packed if it is a .gz. KenLM reads order 2 and more.

    Raises:
        CannotWrite: if the disk is full or the folder read-only.
    """
    path = Path(path)
    with files.atomic(path) as raw:
        file: Any = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else raw
        counts = (f"ngram {n}={len(level)}\n" for n, level in enumerate(model.levels, 1))
        file.write(f"\\data\\\n{''.join(counts)}".encode())
        for order in range(1, model.order + 1):
            file.write(f"\n\\{order}-grams:\n".encode())
            for lines in _lines(model, order):
                file.write(lines.encode())
        file.write(b"\n\\end\\\n")
        if file is not raw:
            file.close()


def _lines(model: NGram, order: int) -> Iterator[str]:
    """The lines of one order, many at once."""
    level, size = model.levels[order - 1], len(model.words)
    for start in range(0, len(level), BLOCK):
        rows, columns = np.arange(start, min(start + BLOCK, len(level))), []
        for shorter in model.levels[order - 1 :: -1]:  # the last word first
            columns.append([model.words[number] for number in shorter.keys[rows] % size])
            rows = shorter.keys[rows] // size
        block = slice(start, start + BLOCK)
        log_p = [f"{value + 0:.7g}" for value in level.log_p[block] / LN10]
        words = map(" ".join, zip(*columns[::-1], strict=True))
        fields = [log_p, words]
        if order < model.order:
            fields.append([f"{value + 0:.7g}" for value in level.backoff[block] / LN10])
        yield "".join("\t".join(parts) + "\n" for parts in zip(*fields, strict=True))
