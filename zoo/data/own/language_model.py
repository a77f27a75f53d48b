"""The user's text: any UTF-8 file, packed or not, by characters or by words.

The first 85 % trains, 5 % is dev, the last tenth is the test; or a folder has a file for each of
them. The text is read in blocks, and its token ids are in a temporary file: memory does not grow
with it. Proof: tests/data/own/test_language_model.py; `zoo bench corpus_memory`.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from zoo.data.own import LICENCE
from zoo.data.own.split_names import split_files
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

FORM = "plain text: a UTF-8 file, gzip or not, or a folder with train, dev and test"
ENDINGS = (".txt", ".text", ".tokens", ".raw", ".txt.gz", ".txt.bz2", ".txt.xz")
MOST = 30_000  # words of a vocabulary
LEAST = 2  # times that a word must occur; the others teach what an unknown word is like


def own_data(
    path: Path, level: str, vocabulary: Vocabulary | None = None, *, grow: bool = True
) -> TextSplits:
    """The file in three parts, or three files, and the vocabulary.

    Args:
        vocabulary: the one to go on from; None begins a new one.
        grow: whether what is new joins the vocabulary, after what is known.

    Raises:
        Missing, BadFile, BadInput: as ``texts_at``; BadInput also if it is too short for three
            parts, or has what the vocabulary lacks.
    """
    known, texts = vocabulary, texts_at(path)
    divided, first = len(texts) > 1, texts[0]
    places = (0, 0) if divided else cut_places(first.find, first.length, level=level)
    if vocabulary is None or grow:
        end = first.length if divided else places[0]
        vocabulary = _vocabulary(texts, end, level, known)
    front_end = TextFrontEnd(level, vocabulary)
    if divided:
        ids = [encode(text.blocks(), level, vocabulary) for text in texts]
    else:
        ids = _parts(first, places, front_end)
    made = () if divided else SPLITS[1:]
    splits = splits_of(path.name, LICENCE, ids, front_end)
    return replace(splits, notices=_notices(splits, known, made))


def files_of(folder: Path) -> list[TextFile]:
    """The texts of train, dev and test in a folder.

    Raises:
        BadInput: if one is not there, or as ``split_files``.
    """
    files = split_files(folder, ENDINGS)
    if lacking := [name for name in SPLITS if name not in files]:
        raise BadInput(
            f"{folder} has no text for {' and '.join(lacking)}; expected a text file, or a folder "
            f"with train{ENDINGS[0]}, dev{ENDINGS[0]} and test{ENDINGS[0]}"
        )
    return [TextFile(files[name]) for name in SPLITS]


def _notices(splits: TextSplits, known: Vocabulary | None, made: Sequence[str]) -> tuple[str, ...]:
    sizes = {name: len(part) for name, part in splits.parts().items()}
    words = f"{splits.level} with a vocabulary of {len(splits.vocabulary):,}"
    total = f"{sum(sizes.values()):,} {words}"
    read = what_was_read(total, sizes, made, how="from the end")
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


def _vocabulary(
    texts: list[TextFile], end: int, level: str, known: Vocabulary | None
) -> Vocabulary:
    """The characters of all texts, or the frequent words of the first, which trains to ``end``."""
    if level == "characters":
        vocabulary = Vocabulary(sorted({c for text in texts for c in text.characters()}))
    else:
        vocabulary = frequent_words(texts[0].blocks(0, end), least=LEAST, most=MOST)
    if known is None:
        return vocabulary
    return Vocabulary([*known.words, *(word for word in vocabulary.words if word not in known)])


def texts_at(path: Path) -> list[TextFile]:
    """The file at ``path``, or those of a folder; refuses what is no text.

    Raises:
        Missing, BadFile, BadInput: as ``TextFile`` and ``files_of``.
    """
    texts = files_of(path) if path.is_dir() else [TextFile(path)]
    for text in texts:
        _ = text.length
    return texts


def to_measure(
    texts: list[TextFile], name: str, level: str, vocabulary: Vocabulary
) -> tuple[TextSplits, TextSplits | None]:
    """A whole text to measure a network on, and its parts, as ``own_data`` has them.

    Args:
        texts: as of ``texts_at``.

    Returns:
        the whole, as train, dev and test alike; the parts, None if it is too short for them.

    Raises:
        BadInput: if it has what the vocabulary lacks, or fewer than two tokens.
    """
    front_end = TextFrontEnd(level, vocabulary)
    ids = [encode(text.blocks(), level, vocabulary) for text in texts]
    whole = ids[0] if len(ids) == 1 else torch.cat(ids)
    splits = splits_of(name, LICENCE, [whole] * 3, front_end)
    if len(ids) > 1:
        return splits, splits_of(name, LICENCE, ids, front_end)
    [text] = texts
    places = cut_places(text.find, text.length, level=level)
    try:
        return splits, splits_of(name, LICENCE, _parts(text, places, front_end), front_end)
    except BadInput:
        return splits, None
