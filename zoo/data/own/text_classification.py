"""The user's sentences: a CSV with a line for each (zoo/data/own/csv_table.py).

Proof: tests/data/own/test_text_classification.py.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from zoo.data.own import LICENCE, csv_table
from zoo.data.own.csv_table import Row, classes_of, rows_to_test_on
from zoo.data.own.held_out import held_out
from zoo.data.splits import SPLITS
from zoo.data.text.sentences import LONGEST, SPECIAL, SentenceFrontEnd, Sentences, SentenceSplits
from zoo.data.text.tokenizers import sentence_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput

FORM = "sentences: a CSV of text,label"
SHARE = 10  # one of so many sentences goes to dev, and to test, where the table names none


def read_rows(path: Path) -> list[Row]:
    """The rows as they come.

    Raises:
        Missing, BadFile, BadInput: as ``csv_table.read_rows``; BadInput for a text of more
            than 10,000 words.
    """
    rows = []
    for row in csv_table.read_rows(path, "text"):
        count = len(sentence_words(row.content))
        if count > LONGEST:
            got = f"{count} words"
            raise BadInput(
                f"{path} line {row.line}: the text has {got}; expected at most {LONGEST}"
            )
        rows.append(row)
    return rows


def own_data(
    path: Path, base: tuple[str, ...] = SPECIAL, least: int = 1, most: int | None = None
) -> SentenceSplits:
    """A table as a set, divided into train, dev and test where it does not say how.

    Args:
        base: the words that come first in the vocabulary, whether they occur or not: those of the
            weights to go on from. After them come the training sentences' other words ...
        least: ... that occur so often,
        most: ... the most frequent ones, this many.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``classes_of``.
    """
    rows = read_rows(path)
    classes = classes_of(path, rows, "sentence")
    by_split = with_held_out(rows, classes)
    words = (word for row in by_split["train"] for word in sentence_words(row.content))
    vocabulary = Vocabulary.count(words, least=least, most=most, special=base)
    front_end = SentenceFrontEnd(vocabulary)
    parts = {name: encoded(part, classes, front_end) for name, part in by_split.items()}
    return SentenceSplits(path.stem, LICENCE, **parts, front_end=front_end, notices=())


def own_test(path: Path, classes: tuple[str, ...], front_end: SentenceFrontEnd) -> Sentences:
    """What to measure a network with these classes on: the test rows if there are some, or all.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``rows_to_test_on``.
    """
    rows = rows_to_test_on(path, read_rows(path), classes, "sentence")
    return encoded(rows, classes, front_end)


def encoded(
    rows: Sequence[Row], classes: tuple[str, ...], front_end: SentenceFrontEnd
) -> Sentences:
    """Some rows as sentences, in their order."""
    labels = [classes.index(row.label) for row in rows]
    return Sentences.encode([row.content for row in rows], labels, classes, front_end)


def with_held_out(rows: Sequence[Row], classes: tuple[str, ...]) -> dict[str, list[Row]]:
    """Train, dev and test; what the table lacks is set aside from train (``held_out``).

    Raises:
        BadInput: if the training sentences are too few for that.
    """
    parts = {name: [row for row in rows if row.split == name] for name in SPLITS}
    train = parts["train"]
    labels = torch.tensor([classes.index(row.label) for row in train])
    index = held_out(labels, [name for name in SPLITS if parts[name]])
    return parts | {name: [train[i] for i in chosen.tolist()] for name, chosen in index.items()}
