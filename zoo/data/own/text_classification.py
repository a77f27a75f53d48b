"""Sentences of your own: a CSV with a line for each.

    text,label,split                        the third column may be left out
    "A gorgeous, witty film",good,train     commas stand in quotes, as in any CSV
    Too long by half,bad,test

UTF-8, with or without a byte-order mark, lines ended as anywhere. A line that cannot be used is
named. Proof: tests/data/own/test_text_classification.py.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo.data.own.picture_folder import ALSO_DEV
from zoo.data.own.picture_table import SPLITS
from zoo.data.splits import stratified
from zoo.data.text.sentences import LONGEST, SPECIAL, Sentences, SentenceSplits
from zoo.data.text.tokenizers import sentence_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, Missing

HEADERS = (["text", "label"], ["text", "label", "split"])
LARGEST = 1_000_000  # characters of a text
SHARE = 10  # one of so many sentences goes to dev, and to test, where the table names none
LICENCE = "the user's own"


@dataclass(frozen=True)
class Row:
    """One sentence of the table."""

    text: str
    label: str
    split: str  # "train" where the table has no such column
    line: int


def read_rows(path: Path) -> list[Row]:
    """The rows as they come.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is not UTF-8, or no CSV.
        BadInput: for another header, or a line without words, without a label or of no split.
    """
    return [_row(path, line, cells) for line, cells in _cells(path)]


def read_table(path: Path) -> list[Row]:
    """The rows of a table to train on.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows``; BadInput if there are fewer than two classes,
            or one that no training sentence has.
    """
    rows = read_rows(path)
    classes = {row.label for row in rows if row.split == "train"}
    for row in rows:
        if row.label not in classes:
            raise BadInput(f"{path} line {row.line}: no training sentence has label {row.label!r}")
    if len(classes) < 2:
        found = f"one class only, {classes.pop()!r}" if classes else "no sentences to train with"
        raise BadInput(f"{path} has {found}; expected two classes or more")
    return rows


def own_sentences(
    path: Path, base: tuple[str, ...] = SPECIAL, least: int = 1, most: int | None = None
) -> SentenceSplits:
    """A table as a set, divided into train, dev and test where it does not say how.

    Args:
        base: the words that come first in the vocabulary, whether they occur or not: those of the
            weights to go on from. After them come the training sentences' other words ...
        least: ... that occur so often,
        most: ... the most frequent ones, this many.

    Raises:
        Missing, BadFile, BadInput: as ``read_table``.
    """
    rows = read_table(path)
    classes = tuple(sorted({row.label for row in rows}))
    parts = with_held_out(rows, classes)
    words = (word for row in parts["train"] for word in sentence_words(row.text))
    vocabulary = Vocabulary.count(words, least=least, most=most, special=base)
    made = {name: encoded(mine, classes, vocabulary) for name, mine in parts.items()}
    return SentenceSplits(path.stem, LICENCE, **made, vocabulary=vocabulary)


def encoded(rows: list[Row], classes: tuple[str, ...], vocabulary: Vocabulary) -> Sentences:
    """Some rows as sentences, in their order."""
    labels = [classes.index(row.label) for row in rows]
    return Sentences.encode([row.text for row in rows], labels, classes, vocabulary)


def rows_to_test_on(path: Path, classes: tuple[str, ...]) -> list[Row]:
    """What to measure a network with these classes on: the test rows if there are some, or all.

    Raises:
        Missing, BadFile: as ``read_rows``.
        BadInput: so too; for a label that is not among ``classes``, and for an empty table.
    """
    rows = read_rows(path)
    rows = [row for row in rows if row.split == "test"] or rows
    if not rows:
        raise BadInput(f"{path} has no sentences to test on")
    for row in rows:
        if row.label not in classes:
            known = ", ".join(classes[:6]) + (", ..." if len(classes) > 6 else "")
            raise BadInput(f"{path} line {row.line}: label {row.label!r}; expected {known}")
    return rows


def with_held_out(rows: list[Row], classes: tuple[str, ...]) -> dict[str, list[Row]]:
    """Train, dev and test; a tenth of train, class by class, for each that the table lacks.

    Raises:
        BadInput: if the training sentences are too few for that.
    """
    parts = {name: [row for row in rows if row.split == name] for name in SPLITS}
    train, missing = parts["train"], [name for name in SPLITS if not parts[name]]
    if missing:
        size = max(len(train) // SHARE, 1)
        labels = torch.tensor([classes.index(row.label) for row in train])
        index = stratified(labels, {"train": len(classes), **dict.fromkeys(missing, size)})
        parts |= {name: [train[i] for i in chosen.tolist()] for name, chosen in index.items()}
    return parts


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not empty, after the header."""
    if not path.is_file():
        raise Missing(f"no file {path}; expected a CSV with the header text,label")
    try:
        csv.field_size_limit(LARGEST)
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 text; save it as a CSV in UTF-8") from error
    except (csv.Error, OSError) as error:
        raise BadFile(f"{path} line {reader.line_num} is not CSV: {error}") from error
    lines = [(line, cells) for line, cells in lines if any(cells)]
    header = lines[0][1] if lines else []
    if [name.lower() for name in header] not in HEADERS:
        got = repr(",".join(header)[:60])
        raise BadInput(f"{path}: expected the header text,label or text,label,split, got {got}")
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise BadInput(
                f"{path} line {line}: {len(cells)} cells, expected {len(header)}; a text with "
                'commas stands in quotes: "..."'
            )
        yield line, cells


def _row(path: Path, line: int, cells: list[str]) -> Row:
    text, label, split = (*cells, "train")[:3]
    if not 1 <= len(sentence_words(text)) <= LONGEST:
        got = f"{len(sentence_words(text))} words"
        raise BadInput(f"{path} line {line}: the text has {got}; expected 1 to {LONGEST}")
    if not label:
        raise BadInput(f"{path} line {line}: the label is empty")
    split = "dev" if split in ALSO_DEV else split
    if split not in SPLITS:
        raise BadInput(f"{path} line {line}: split must be train, dev or test, got {split!r}")
    return Row(text, label, split, line)
