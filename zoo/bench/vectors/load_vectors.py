"""Time to read and write files of word vectors, the zoo's code and gensim's.

zoo/data/vectors/files.py and KeyedVectors.
Proof: tests/bench/common/test_gensim.py.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.bench.common.gensim import COLUMNS, Row, models, random_vectors, row
from zoo.data.vectors.vectors import Vectors
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile

ROUNDS = 3
HEAD = COLUMNS


def run(rounds: int, *, words: int = 100_000) -> list[Row]:
    """Time GloVe's text (6 digits), word2vec's binary, and writing text.

    Args:
        rounds: how often each side runs.
        words: number of vectors, of 100 dimensions.

    Raises:
        Missing: if gensim is not installed.
        BadFile: if the two sides do not read the same vectors.
    """
    peer, vectors = models().KeyedVectors, random_vectors({}, words)
    size = f"{words} x {vectors.dim}"
    theirs = peer(vectors.dim)
    theirs.add_vectors(list(vectors.words), vectors.matrix)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text, binary = folder / "glove.txt", folder / "v.bin"
        with text.open("w") as file:
            for word, numbers in zip(vectors.words, vectors.matrix, strict=True):
                file.write(word + " %.6f" * vectors.dim % tuple(numbers) + "\n")
        vectors.save(binary)
        load = peer.load_word2vec_format
        reading: dict[str, tuple[Path, Callable[[], Any]]] = {
            "load GloVe text": (text, lambda: load(str(text), no_header=True)),
            "load word2vec .bin": (binary, lambda: load(str(binary), binary=True)),
        }
        rows = [_read(what, rounds, *sides) for what, sides in reading.items()]
        times = interleaved(
            {
                "ours": lambda: lambda: vectors.save(folder / "a.txt"),
                "gensim": lambda: lambda: theirs.save_word2vec_format(str(folder / "b.txt")),
            },
            rounds,
        )
        rows.append(row("save word2vec .txt", times["ours"], times["gensim"]))
    return [replace(r, what=f"{r.what}, {size}") for r in rows]


def _read(what: str, rounds: int, path: Path, theirs: Callable[[], Any]) -> Row:
    """Time both sides reading the same file."""
    read: dict[str, Any] = {}

    def ours() -> Work:
        return lambda: read.update(ours=Vectors.load(path))

    times = interleaved(
        {"ours": ours, "gensim": lambda: lambda: read.update(theirs=theirs())}, rounds
    )
    one, other = read["ours"], read["theirs"]
    if list(one.words) != other.index_to_key or not np.array_equal(one.matrix, other.vectors):
        raise BadFile(f"{what}: the sides read different words or numbers")
    return row(what, times["ours"], times["gensim"])
