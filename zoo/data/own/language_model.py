"""The user's text: any UTF-8 file, packed or not, by characters or by words.

The first 85 % trains, 5 % is dev, the last tenth is the test. The text is read in blocks, and its
token ids are in a temporary file: memory does not grow with it. Proof:
tests/data/own/test_language_model.py; `zoo bench corpus_memory`.
"""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from torch import Tensor

from zoo.data.own import LICENCE
from zoo.data.own.told import what_was_read
from zoo.data.splits import SPLITS
from zoo.data.text.text_file import TextFile, encode
from zoo.data.text.token_stream import (
    TextFrontEnd,
    TextSplits,
    cut_places,
    frequent_words,
    splits_of,
)
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput

FORM = "plain text: a UTF-8 file, gzip or not"
MOST = 30_000  # words of a vocabulary
LEAST = 2  # times that a word must occur; the others teach what an unknown word is like


def own_data(
    path: Path, level: str, vocabulary: Vocabulary | None = None, *, grow: bool = True
) -> TextSplits:
    """The file in three parts, and its vocabulary.

    Args:
        vocabulary: the one to go on from; None begins a new one.
        grow: whether what is new joins the vocabulary, after what is known.

    Raises:
        Missing, BadFile: as ``TextFile``.
        BadInput: if it is too short for three parts, or has what the vocabulary lacks.
    """
    text, known = TextFile(path), vocabulary
    places = cut_places(text.find, text.length, level=level)
    if vocabulary is None or grow:
        vocabulary = _vocabulary(text, places[0], level, vocabulary)
    front_end = TextFrontEnd(level, vocabulary)
    splits = splits_of(path.name, LICENCE, _parts(text, places, front_end), front_end)
    return replace(splits, notices=_notices(splits, known))


def _notices(splits: TextSplits, known: Vocabulary | None) -> tuple[str, ...]:
    sizes = {name: len(part) for name, part in splits.parts().items()}
    words = f"{splits.level} with a vocabulary of {len(splits.vocabulary):,}"
    total = f"{sum(sizes.values()):,} {words}"
    read = what_was_read(total, sizes, SPLITS[1:], how="from the end")
    if known is None:
        return (read,)
    new = len(splits.vocabulary) - len(known)
    theirs = f"{new:,} {splits.level} of yours join their {len(known):,}"
    return read, f"the text is read as the weights read theirs, by {splits.level}: {theirs}"


def _parts(text: TextFile, places: tuple[int, int], front_end: TextFrontEnd) -> list[Tensor]:
    """The token ids of train, dev and test."""
    edges, vocabulary = [*pairwise((0, *places, text.length))], front_end.vocabulary
    if front_end.level == "characters":  # ids are where their characters are
        whole = encode(text.blocks(), front_end.level, vocabulary)
        return [whole[start:end] for start, end in edges]
    return [encode(text.blocks(*edge), front_end.level, vocabulary) for edge in edges]


def _vocabulary(text: TextFile, end: int, level: str, known: Vocabulary | None) -> Vocabulary:
    """The characters of the whole text, or the frequent words of its training part."""
    if level == "characters":
        vocabulary = Vocabulary(text.characters())
    else:
        vocabulary = frequent_words(text.blocks(0, end), least=LEAST, most=MOST)
    if known is None:
        return vocabulary
    return Vocabulary([*known.words, *(word for word in vocabulary.words if word not in known)])


def to_measure(
    text: TextFile, level: str, vocabulary: Vocabulary
) -> tuple[TextSplits, TextSplits | None]:
    """A whole text to measure a network on, and its parts, as ``own_data`` cuts them.

    Returns:
        the whole, as train, dev and test alike; the parts, None if it is too short for them.

    Raises:
        BadInput: if it has what the vocabulary lacks, or fewer than two tokens.
    """
    front_end, name = TextFrontEnd(level, vocabulary), text.path.name
    whole = encode(text.blocks(), level, vocabulary)
    splits = splits_of(name, LICENCE, [whole] * 3, front_end)
    places = cut_places(text.find, text.length, level=level)
    try:
        return splits, splits_of(name, LICENCE, _parts(text, places, front_end), front_end)
    except BadInput:
        return splits, None
