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

from zoo.data.splits import divide
from zoo.data.text.tagged import Sentences, TagFrontEnd, Tagged, TaggedSplits, classes_of
from zoo.errors import BadFile, BadInput, Missing
from zoo.ops.tags import iob2

SPLITS = ("train", "dev", "test")
ENDINGS = (".conll", ".txt", ".tsv", ".iob2", ".bio")


def splits(
    name: str, licence: str, parts: dict[str, list[Tagged]], front_end: TagFrontEnd
) -> TaggedSplits:
    """Sentences of train, dev and test as a set whose classes are the tags of all three."""
    classes = classes_of(*parts.values())
    whole = {split: Sentences(tuple(items), classes) for split, items in parts.items()}
    return TaggedSplits(name, licence, **whole, front_end=front_end)


def own_conll(path: Path, front_end: TagFrontEnd | None = None) -> TaggedSplits:
    """A user's file, a tenth each set aside for dev and test; or a folder that holds three.

    Args:
        path: a file, or a folder with ``train``, ``dev`` and ``test`` (.conll, .txt, .tsv, .iob2 or
            .bio; the latter two are set aside if they are not there).
        front_end: of weights to go on from; by default counted on train.

    Raises:
        Missing, BadFile, BadInput: as ``read_conll``; BadInput for fewer than ten sentences.
    """
    parts = own_parts(path)
    front_end = front_end or TagFrontEnd.count(parts["train"])
    return splits(path.stem, "the user's own", parts, front_end)


def own_parts(path: Path) -> dict[str, list[Tagged]]:
    """Train, dev and test of a file or a folder, as ``own_conll`` has them."""
    found = {split: _split_file(path, split) for split in SPLITS} if path.is_dir() else {}
    if path.is_dir() and not found["train"]:
        raise Missing(f"no train file in {path}; expected train{', train'.join(ENDINGS)}")
    parts = {split: read_conll(file) for split, file in found.items() if file}
    parts = parts or {"train": read_conll(path)}
    wanted = {split: 0 for split in SPLITS if split not in parts}
    whole = parts["train"]
    if wanted:
        if len(whole) < 10:
            raise BadInput(f"{path} has {len(whole)} sentences to train with; expected 10 or more")
        index = divide(len(whole), {"train": 0, **{k: len(whole) // 10 for k in wanted}})
        parts |= {k: [whole[i] for i in sorted(v.tolist())] for k, v in index.items()}
    return {split: parts[split] for split in SPLITS}


def _split_file(folder: Path, split: str) -> Path | None:
    names = (folder / f"{split}{ending}" for ending in ENDINGS)
    return next((path for path in names if path.is_file()), None)


def read_conll(path: Path) -> list[Tagged]:
    """The sentences of a file, their tags in IOB2.

    Raises:
        Missing: if there is no such file.
        BadFile: if a line is not UTF-8.
        BadInput: if a line has no word or no tag, or if there is no sentence.
    """
    found: list[Tagged] = []
    words: list[str] = []
    tags: list[str] = []
    for cells in _lines(path):
        if cells:
            words.append(cells[0])
            tags.append(cells[-1])
        elif words:
            found.append(_sentence(words, tags))
            words, tags = [], []
    if not found:
        raise BadInput(f"{path} has no sentences; expected a word and its tag on each line")
    return found


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
