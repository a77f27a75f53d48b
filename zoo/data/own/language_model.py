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
from zoo.errors import BadInput

FORM = "plain text: a UTF-8 file, gzip or not"
MOST = 30_000  # words of a vocabulary
LEAST = 2  # times that a word must occur; the others teach what an unknown word is like


def own_data(
    path: Path, level: str, vocabulary: Vocabulary | None = None, *, grow: bool = True
) -> TextSplits:
    """The file in three parts, and its vocabulary; the file is read once.

    Args:
        vocabulary: the one to go on from; None begins a new one.
        grow: whether what is new joins the vocabulary, after what is known.

    Raises:
        Missing, BadFile: as ``read_text``.
        BadInput: if it is too short for three parts, or has what the vocabulary lacks.
    """
    text = read_text(path)
    parts = cut(text, level=level)
    if vocabulary is None or grow:
        vocabulary = _vocabulary(text, parts[0], level, vocabulary)
    return text_splits(path.name, LICENCE, parts, TextFrontEnd(level, vocabulary))


def _vocabulary(text: str, train: str, level: str, known: Vocabulary | None) -> Vocabulary:
    """The characters of the whole text, or the frequent words of its training part."""
    if level == "characters":
        vocabulary = vocabulary_of(text, level)
    else:
        vocabulary = vocabulary_of(train, level, least=LEAST, most=MOST)
    if known is None:
        return vocabulary
    return Vocabulary([*known.words, *(word for word in vocabulary.words if word not in known)])


def to_measure(
    text: str, name: str, level: str, vocabulary: Vocabulary
) -> tuple[TextSplits, TextSplits | None]:
    """A whole text to measure a network on, and its parts, as ``own_data`` cuts them.

    Returns:
        the whole, as train, dev and test alike; the parts, None if it is too short for them.

    Raises:
        BadInput: if it has what the vocabulary lacks, or fewer than two tokens.
    """
    front_end = TextFrontEnd(level, vocabulary)
    whole = text_splits(name, LICENCE, (text, text, text), front_end)
    try:
        return whole, text_splits(name, LICENCE, cut(text, level=level), front_end)
    except BadInput:
        return whole, None
