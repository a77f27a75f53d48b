"""CoNLL files: a word a line, its tag in a later column.

    Paul    B-person        columns with tabs between them, or with spaces
    visited O
    Paris   B-location
                            a blank line ends the sentence

As in the shared tasks: lines that begin with ``-DOCSTART-`` are skipped, and so are comments
(``#``) before a sentence, and the ranges (``3-4``) and empty words (``5.1``) of CoNLL-U. Every line
has as many columns; which hold the words and the tags is found out and checked
(zoo/data/text/conll_columns.py). Line ends of any kind; a byte-order mark is no part of the first
word. Tags become IOB2, whatever scheme the file has (zoo/ops/tag_schemes.py).
Proof: tests/data/text/test_conll.py.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

from zoo import reading
from zoo.data.text.conll_columns import Asked, Columns, columns_of
from zoo.data.text.tagged import Tagged
from zoo.errors import BadFile, BadInput
from zoo.ops.tag_schemes import broken

HEADER = {  # words of a first line that names its columns
    *("id", "index", "word", "words", "token", "tokens", "form", "text", "lemma", "pos", "chunk"),
    *("tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "entity", "iob", "bio"),
}
MOST_COLUMNS = 100
RANGE = re.compile(r"\d+[-.]\d+")  # the id of a multiword token or an empty word of CoNLL-U
COMMENT = re.compile(r"#\s*[\w.]+\s*=")  # "# sent_id = 3", however many columns it seems to have


@dataclass(frozen=True)
class Conll:
    """A file's sentences, their tags in IOB2, and in a line what it was understood as."""

    sentences: list[Tagged]
    columns: Columns
    note: str


class _Row(NamedTuple):
    cells: list[str]
    line: int


@dataclass
class _Lines:
    """The rows of each sentence, and how many lines were left out."""

    sentences: list[list[_Row]] = field(default_factory=list)
    separator: str = "spaces"
    left_out: Counter[str] = field(default_factory=Counter)


def read_conll(path: Path, asked: Asked | None = None, *, may_be_empty: bool = False) -> Conll:
    """The sentences of a file.

    Args:
        asked: columns that the user names.
        may_be_empty: accept a file without any span: the dev or test part of others.

    Raises:
        Missing: if there is no such file.
        BadFile: if a line is not UTF-8.
        BadInput: if a line has another number of columns, if there is no sentence, or as
            ``columns_of``.
    """
    lines = _read(path)
    table = [[row.cells for row in rows] for rows in lines.sentences]
    columns = columns_of(str(path), table, asked or Asked(), may_be_empty)
    for row in (row for rows in lines.sentences for row in rows):
        if not row.cells[columns.word] or not row.cells[columns.tag]:
            _refuse_line(path, row)
    words = [tuple(row[columns.word] for row in rows) for rows in table]
    tags = [[row[columns.tag] for row in rows] for rows in table]
    scheme = columns.scheme
    iob2 = [scheme.iob2(each) for each in tags] if scheme else [["O"] * len(w) for w in words]
    sentences = [Tagged(w, tuple(t)) for w, t in zip(words, iob2, strict=True)]
    return Conll(sentences, columns, _note(path, lines, columns, tags))


def _note(path: Path, lines: _Lines, columns: Columns, tags: list[list[str]]) -> str:
    """What was understood, in a line."""
    width = len(lines.sentences[0][0].cells)
    kind = f"{columns.kind}, " if columns.kind else ""
    count = sum(map(len, tags))
    text = (
        f"{path.name}: {len(tags):,} sentences, {count:,} words; {kind}{width} columns with "
        f"{lines.separator} between them: words in column {columns.word + 1}, tags in column "
        f"{columns.tag + 1}"
    )
    scheme = columns.scheme
    if scheme is None:
        return f"{text}; no word has a tag but O"
    shown = ", ".join(scheme.types[:8]) + (", ..." if len(scheme.types) > 8 else "")
    shown = shown or "spans without a type"
    one = " (neighbours with the same label are one span)" if scheme.outside else " (one a word)"
    text += f", {scheme.name}{one if scheme.form == 'plain' else ''} of {shown}"
    if scheme.outside not in (None, "O"):
        text += f"; {scheme.outside!r} marks no span"
    if odd := broken(tags, scheme):
        text += f"; {odd:,} tags do not follow {scheme.name}: each such span begins where it stands"
    if lines.left_out:
        parts = [f"{number:,} {what}" for what, number in sorted(lines.left_out.items())]
        text += f"; left out: {', '.join(parts)}"
    return text


def _read(path: Path) -> _Lines:
    texts = list(_decoded(path))
    full = _full(texts)
    if not full:
        raise BadInput(f"{path} has no sentences; expected a word and its tag on each line")
    found = _Lines()
    if 2 * sum("\t" in text.strip() for text in full) > len(full):
        found.separator = "tabs"
    width = _usual_width(path, full, found.separator)
    empty = _empty_at_the_end(full, width) if found.separator == "tabs" else 0
    if width - empty < 2:
        where = f"{path} line {texts.index(full[0]) + 1} has no tag or no word, like most lines"
        got, commas = repr(full[0].strip()[:40]), {*full[0]} & {*",;"}
        instead = " instead of commas" if commas else ""
        raise BadInput(f"{where}: {got}; expected WORD, tab or space{instead}, TAG")
    rows: list[_Row] = []
    for number, text in enumerate([*texts, ""], 1):
        row = _Row(_cells(text, found.separator), number)
        if not rows and not found.sentences and {c.lower() for c in row.cells} <= HEADER:
            found.left_out["header"] += 1
        elif _ends_sentence(text):
            found.sentences += [rows] if rows else []
            rows = []
        elif not rows and text[0] == "#" and (COMMENT.match(text) or len(row.cells) != width):
            found.left_out["comments"] += 1
        else:
            rows.append(_checked(path, row, width)._replace(cells=row.cells[: width - empty]))
    return _without_ranges(path, found)


def _ends_sentence(text: str) -> bool:
    return not text.strip() or text.startswith("-DOCSTART-")


def _decoded(path: Path) -> Iterator[str]:
    with reading.unpacked(path, "a word and its tag on each line", reading.TEXT) as file:
        data = file.read()
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            where = f"{path} line {number}"
            raise BadFile(f"{where} is not UTF-8 text; save the file in UTF-8") from error


def _full(texts: list[str]) -> list[str]:
    """The lines that tell how many columns there are: no blank ones and no comments."""
    begins = True
    rows, hashes = [], []  # "#" may be a word that begins a sentence
    for text in texts:
        if _ends_sentence(text):
            begins = True
        elif begins and text[0] == "#":
            hashes.append(text)
        else:
            begins = False
            rows.append(text)
    return rows or [text for text in hashes if not COMMENT.match(text)]


def _cells(text: str, separator: str) -> list[str]:
    if separator == "tabs":
        return [cell.strip() for cell in text.rstrip("\n").split("\t")]
    return re.split(r"[ \t]+", text.strip(" \t"))


def _usual_width(path: Path, full: list[str], separator: str) -> int:
    """How many columns most lines have."""
    [(width, _)] = Counter(len(_cells(text, separator)) for text in full).most_common(1)
    if width > MOST_COLUMNS:
        raise BadInput(
            f"{path} has {width:,} columns; expected a word and its tag on each line, with at most "
            f"{MOST_COLUMNS} columns"
        )
    return width


def _empty_at_the_end(full: list[str], width: int) -> int:
    """Columns at the end that are empty on every line: a tab behind each tag."""
    rows = [cells for text in full if len(cells := _cells(text, "tabs")) == width]
    columns = list(zip(*rows, strict=True))[::-1]
    return next((n for n, column in enumerate(columns) if any(column)), width)


def _checked(path: Path, row: _Row, width: int) -> _Row:
    """Refuse a line with another number of columns than most, or without a word or a tag."""
    if len(row.cells) == 1 or not row.cells[0] or not any(row.cells[1:]):
        _refuse_line(path, row)
    if len(row.cells) != width:
        got = f"{len(row.cells)} columns, {' '.join(row.cells)[:40]!r}"
        raise BadInput(f"{path} line {row.line} has {got}; most lines have {width}")
    return row


def _refuse_line(path: Path, row: _Row) -> NoReturn:
    got = repr(" ".join(row.cells).strip()[:40])
    where = f"{path} line {row.line}"
    raise BadInput(f"{where} has no tag or no word: {got}; expected WORD, tab or space, TAG")


def _without_ranges(path: Path, found: _Lines) -> _Lines:
    """Leave out the lines of CoNLL-U whose id is that of no word."""
    ids = [row.cells[0] for rows in found.sentences for row in rows]
    if not any(map(RANGE.fullmatch, ids)) or not all(map(re.compile(r"[\d.-]+").fullmatch, ids)):
        return found
    kept = []
    for rows in found.sentences:
        words = [row for row in rows if not RANGE.fullmatch(row.cells[0])]
        found.left_out["ranges or empty words"] += len(rows) - len(words)
        if words:
            kept.append(words)
    if not kept:
        raise BadInput(f"{path} has no sentences; expected a word and its tag on each line")
    found.sentences = kept
    return found
