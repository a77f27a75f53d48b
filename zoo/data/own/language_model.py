"""The user's text: any UTF-8 file, gzip or not, by characters or by words.

The first 85 % trains, 5 % is dev, the last tenth is the test. Proof:
tests/data/own/test_language_model.py.
"""

from pathlib import Path

from zoo.data.own import LICENCE
from zoo.data.text.token_stream import (
    TextFrontEnd,
    TextSplits,
    cut,
    read_text,
    text_splits,
    vocabulary_of,
)
from zoo.data.text.vocabulary import Vocabulary

FORM = "plain text: a UTF-8 file, gzip or not"
MOST = 30_000  # words of a vocabulary
LEAST = 2  # times that a word must occur; the others teach what an unknown word is like


def own_vocabulary(path: Path, level: str, known: Vocabulary | None = None) -> Vocabulary:
    """What the file is made of: its characters, or the frequent words of its training part.

    Args:
        known: the vocabulary to go on from; what is new comes after it.

    Raises:
        Missing, BadFile: as ``read_text``.
    """
    text = read_text(path)
    if level == "characters":
        found = vocabulary_of(text, level)
    else:
        found = vocabulary_of(cut(text, level=level)[0], level, least=LEAST, most=MOST)
    if known is None:
        return found
    return Vocabulary([*known.words, *(word for word in found.words if word not in known)])


def own_data(path: Path, level: str, vocabulary: Vocabulary) -> TextSplits:
    """The file in three parts.

    Raises:
        BadInput: if it is too short for three parts, or has what the vocabulary lacks.
    """
    parts = cut(read_text(path), level=level)
    return text_splits(path.name, LICENCE, parts, TextFrontEnd(level, vocabulary))


def own_test(path: Path, level: str, vocabulary: Vocabulary) -> TextSplits:
    """All of the file, to measure a network on (as train, dev and test alike)."""
    text = read_text(path)
    front_end = TextFrontEnd(level, vocabulary)
    return text_splits(path.name, LICENCE, (text, text, text), front_end)
