"""The user's sentences: a CSV with a line for each (zoo/data/own/csv_table.py).

Proof: tests/data/own/test_text_classification.py.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch

from zoo.data.own import LICENCE, Needed
from zoo.data.own.csv_table import Columns, Row, Table, classes_of, read_table, stated_rows
from zoo.data.own.held_out import held_out
from zoo.data.own.told import counted, few, in_train_too, unknown_share, what_was_read
from zoo.data.splits import SPLITS
from zoo.data.text.sentences import LONGEST, SPECIAL, SentenceFrontEnd, Sentences, SentenceSplits
from zoo.data.text.tokenizers import sentence_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput

FORM = "texts: a CSV of text,label"
TEXTS = Columns(
    ("text", "sentence", "texts", "sentences", "content", "review", "comment", "message", "tweet",
     "document", "body", "phrase"),
    "texts",
)  # fmt: skip


def read_rows(path: Path, *, skip_bad: bool = False) -> Table:
    """The rows as they come.

    Raises:
        Missing, BadFile, BadInput: as ``read_table``; BadInput for texts of more than 10,000
            words.
    """
    return read_table(path, TEXTS, skip_bad=skip_bad, check=_refuse_long)


def _refuse_long(row: Row) -> None:
    count = len(sentence_words(row.content))
    if count > LONGEST:
        raise BadInput(f"line {row.line}: the text has {count} words; expected at most {LONGEST}")


def own_data(
    path: Path,
    base: tuple[str, ...] = SPECIAL,
    least: int = 1,
    most: int | None = None,
    *,
    skip_bad: bool = False,
) -> SentenceSplits:
    """A table as a set, divided into train, dev and test where it does not say how.

    Args:
        base: the words that come first in the vocabulary, whether they occur or not: those of the
            weights to go on from. After them come the training sentences' other words ...
        least: ... that occur so often,
        most: ... the most frequent ones, this many.
        skip_bad: leave out rows that cannot be used, and list them.

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``classes_of``.
    """
    table = read_rows(path, skip_bad=skip_bad)
    classes = classes_of(path, table.rows, TEXTS.kind)
    by_split = with_held_out(table.rows, classes)
    words = [word for row in by_split["train"] for word in sentence_words(row.content)]
    vocabulary = Vocabulary.count(words, least=least, most=most, special=base)
    front_end = SentenceFrontEnd(vocabulary)
    parts = {name: encoded(part, classes, front_end) for name, part in by_split.items()}
    given = {row.split for row in table.rows}
    made = [name for name in SPLITS if name not in given]
    read = what_was_read(kinds_of(table.rows), {k: len(parts[k]) for k in SPLITS}, made)
    digests = {name: part.digests() for name, part in parts.items()}
    notices = (read, *table.notices, *in_train_too(digests))
    if base != SPECIAL:
        new, unknown = len(vocabulary) - len(base), unknown_share(words, vocabulary)
        notices += (
            "texts are read as the weights read them, as words in lower case: "
            f"{counted(new, 'words')} of yours join their {len(base):,}, {unknown}",
        )
    return SentenceSplits(
        path.stem, LICENCE, **parts, front_end=front_end, notices=notices, only=""
    )


def kinds_of(rows: Sequence[Row]) -> str:
    """How many texts there are of each class: "5 texts in 2 classes (bad 2, good 3)"."""
    counts = Counter(row.label for row in rows)
    each = few([f"{label} {n:,}" for label, n in sorted(counts.items())])
    return f"{counted(len(rows), 'texts')} in {counted(len(counts), 'classes')} ({each})"


def to_measure(
    path: Path, classes: tuple[str, ...], needed: Needed, *, skip_bad: bool = False
) -> tuple[dict[str, list[Row]], tuple[str, ...]]:
    """What to measure a network with these classes on, by the table's parts; and the notes.

    Args:
        needed: which of the parts to give; a table that names none has one, "".

    Raises:
        Missing, BadFile, BadInput: as ``read_rows`` and ``stated_rows``.
    """
    table = read_rows(path, skip_bad=skip_bad)
    return stated_rows(table, classes, TEXTS.kind, needed), table.notices


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
