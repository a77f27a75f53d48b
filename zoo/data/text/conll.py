"""CoNLL files: a word a line, its tag in the last column.

    Paul    B-person        columns with tabs between them, or with spaces
    visited O
    Paris   B-location
                            a blank line ends the sentence

As in the shared task of 2003: columns between the first and the last are skipped, and so are
lines that begin with ``-DOCSTART-``. Line ends of any kind; a byte-order mark is no part of the
first word. Tags become IOB2 (zoo/ops/tags.py), whatever scheme the file has.
Proof: tests/data/text/test_conll.py.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from zoo.data.text.tagged import Tagged
from zoo.errors import BadFile, BadInput, Missing
from zoo.ops.tags import iob2


def read_conll(path: Path) -> list[Tagged]:
    """The sentences of a file, their tags in IOB2.

    Raises:
        Missing: if there is no such file.
        BadFile: if a line is not UTF-8.
        BadInput: if a line has no word or no tag, or if there is no sentence.
    """
    sentences: list[Tagged] = []
    words: list[str] = []
    tags: list[str] = []
    for cells in _lines(path):
        if cells:
            words.append(cells[0])
            tags.append(cells[-1])
        elif words:
            sentences.append(_sentence(words, tags))
            words, tags = [], []
    if not sentences:
        raise BadInput(f"{path} has no sentences; expected a word and its tag on each line")
    return sentences


def _sentence(words: Sequence[str], tags: Sequence[str]) -> Tagged:
    return Tagged(tuple(words), tuple(iob2(tags)))


def _lines(path: Path) -> Iterator[list[str]]:
    """The cells of each line; none for a blank one, for ``-DOCSTART-`` and after the last."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Missing(f"no file {path}; expected a word and its tag on each line") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}") from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")):
        yield _cells(line, f"{path} line {number + 1}")
    yield []


def _cells(line: bytes, where: str) -> list[str]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise BadFile(f"{where} is not UTF-8 text; save the file in UTF-8") from error
    if not text.strip() or text.startswith("-DOCSTART-"):
        return []
    cells = [cell.strip() for cell in text.split("\t")] if "\t" in text else text.split()
    if len(cells) < 2 or not cells[0] or not cells[-1]:
        got = repr(text.strip()[:40])
        raise BadInput(f"{where} has no tag or no word: {got}; expected WORD, tab or space, TAG")
    return cells
