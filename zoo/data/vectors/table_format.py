"""Word vectors in safetensors: ``vectors`` (V, D), ``words``, packed, and perhaps ``counts`` (V,).

The weights file of a run is one too: its only table is taken. Proof:
tests/data/vectors/test_files.py.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo import files, reading
from zoo.data.text.vocabulary import Vocabulary
from zoo.data.vectors.rows import Found
from zoo.data.vectors.search import blocks
from zoo.errors import BadFile, BadInput

Matrix = NDArray[np.float32]


def read(path: Path, limit: int | None = None, *, mmap: bool = False) -> Found:
    """Words, vectors and counts.

    Args:
        limit: the first so many.
        mmap: leave the matrix in the file; its numbers are not looked at.

    Raises:
        BadFile: if it is damaged, holds something else, or a number that is not finite.
        BadInput: for ``mmap`` of half precision.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            names = [*file.keys()]
            shapes = {name: file.get_slice(name).get_shape() for name in names}
            types = {name: file.get_slice(name).get_dtype() for name in names}
            tables = [n for n in names if len(shapes[n]) == 2 and types[n][0] in "FB"]
            table = "vectors" if "vectors" in names else tables[0] if len(tables) == 1 else ""
            if "words" not in names or table not in tables:
                raise BadFile(f"{path} needs the tensors 'vectors' (V, D) and 'words', packed")
            words = Vocabulary.unpack(file.get_tensor("words")).words
            if len(words) != shapes[table][0]:
                raise BadFile(f"{path} has {len(words)} words but {shapes[table][0]} vectors")
            counts = None
            if shapes.get("counts") == [len(words)] and types["counts"] == "I64":
                counts = file.get_tensor("counts").numpy()[:limit]
            if mmap:
                matrix = _mapped(path, table, types[table])[:limit]
            else:
                matrix = file.get_slice(table)[:limit].float().numpy()
                _check(path, words, matrix)
    except (SafetensorError, ValueError, OSError) as error:
        if isinstance(error, BadFile | BadInput):
            raise
        raise BadFile(f"{path} is no safetensors file that can be read: {error}") from error
    return Found(words[:limit], matrix, counts)


def _mapped(path: Path, name: str, kind: str) -> Matrix:
    """A tensor where it lies in the file, read only."""
    if kind != "F32":
        raise BadInput(f"{path} holds {kind} numbers, which cannot be mapped; save it without half")
    with reading.opened(path, "a safetensors file", reading.CORPUS) as file:
        length = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(length))[name]
    start, shape = 8 + length + about["data_offsets"][0], tuple(about["shape"])
    return np.asarray(np.memmap(path, "<f4", "r", start, shape))


def _check(path: Path, words: tuple[str, ...], matrix: Matrix) -> None:
    for rows in blocks(matrix):
        bad = ~np.isfinite(matrix[rows]).all(1)
        if bad.any():
            word = words[rows.start + int(bad.argmax())]
            raise BadFile(f"{path}: the vector of {word!r} is not finite")


def write(
    path: Path, words: Iterable[str], matrix: Matrix, counts: NDArray[Any] | None, half: bool
) -> None:
    """Write a file that ``read`` reads.

    Raises:
        BadInput: for numbers too large for ``half`` precision.
        CannotWrite: if the disk is full or the folder read-only.
    """
    import torch
    from safetensors.torch import save

    table = torch.from_numpy(matrix if matrix.flags.writeable else matrix.copy())
    if half and not torch.isfinite(table.half()).all():
        raise BadInput("some numbers are too large for half precision; write single")
    tensors = {"vectors": table.half() if half else table, "words": Vocabulary(words).pack()}
    if counts is not None:
        tensors["counts"] = torch.from_numpy(np.array(counts, np.int64))
    files.write(path, save(tensors))
