"""How often each word of some vectors occurs in their text: NAME.vocab.txt beside a run's card.

A word and its number on each line, as word2vec.c writes it (-save-vocab) and gensim reads it
(fvocab). Proof: tests/predictors/test_word_vectors.py.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo import files, reading
from zoo.errors import BadFile


def file_name(name: str) -> str:
    """Of the counts of a run, beside the card of that name."""
    return f"{name}.vocab.txt"


def write(path: Path, words: Sequence[str], counts: Mapping[str, int]) -> None:
    """Write the counts of words, in their order.

    Raises:
        CannotWrite: if the disk is full or the folder read-only.
    """
    files.write(path, "".join(f"{word} {counts[word]}\n" for word in words))


def read(path: Path, words: Sequence[str]) -> NDArray[Any] | None:
    """The counts (V,) of ``words``, which the file has in this order; None without such a file.

    Raises:
        BadFile: if it is damaged, or of other words.
    """
    if not reading.is_file(path):
        return None
    lines = reading.read_text(path, "the counts of words").split("\n")[:-1]
    parts = [line.rpartition(" ") for line in lines]
    if [word for word, _, _ in parts] != list(words):
        raise BadFile(f"{path} is not of the words of the weights beside it; remove it")
    try:
        return np.array([int(count) for _, _, count in parts], np.int64)
    except ValueError as error:
        raise BadFile(f"{path} holds a count that is no number: {error}; remove it") from error
