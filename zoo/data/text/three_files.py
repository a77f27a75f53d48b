"""Train, dev and test text in three files, whose published hashes are checked on each reading.

Proof: tests/data/text/test_three_files.py.
"""

import hashlib
from pathlib import Path

from zoo import reading
from zoo.data.text.token_stream import (
    TextFrontEnd,
    TextSplits,
    read_text,
    text_splits,
    vocabulary_of,
)
from zoo.errors import BadFile


def splits_by_words(
    folder: Path, hashes: dict[str, str], kind: str, name: str, licence: str
) -> TextSplits:
    """Train, dev and test from three files in this order; the vocabulary is train's.

    Args:
        hashes: name of a file to its hash.
        kind: of hash: "md5" or "sha1".

    Raises:
        BadFile: for a file with other bytes.
    """
    for file, expected in hashes.items():
        data = reading.read_bytes(folder / file, f"a text of {name}", reading.TEXT)
        digest = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
        if digest != expected:
            raise BadFile(
                f"{folder / file} is not that of {name}: its {kind} is {digest[:12]}..., expected "
                f"{expected[:12]}...; remove it"
            )
    train, dev, test = (read_text(folder / file) for file in hashes)
    front_end = TextFrontEnd("words", vocabulary_of(train, "words"))
    return text_splits(name, licence, (train, dev, test), front_end)


def lacking(folder: Path, hashes: dict[str, str]) -> list[str]:
    """The files that are not there."""
    return [name for name in hashes if not (folder / name).is_file()]
