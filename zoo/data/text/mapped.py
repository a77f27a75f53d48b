"""Arrays in temporary files: written in pieces, then mapped, so that they need no memory.

Proof: tests/data/text/test_corpus.py, tests/data/text/test_text_file.py.
"""

import tempfile
from contextlib import AbstractContextManager
from typing import IO, Any

import numpy as np

from zoo.errors import CannotWrite


def temporary() -> AbstractContextManager[IO[bytes]]:
    """An unnamed file in the folder for temporary files: freed when nothing maps it.

    Raises:
        CannotWrite: if there is no such folder, or it is read-only.
    """
    try:
        return tempfile.TemporaryFile(prefix="zoo-")
    except OSError as error:
        raise CannotWrite(f"no temporary file: {error.strerror}; set TMPDIR to a folder") from error


def append(values: Any, file: IO[bytes]) -> None:
    """Write an array behind what the file holds.

    Raises:
        CannotWrite: if the disk is full.
    """
    try:
        file.write(values)
        file.flush()
    except OSError as error:
        raise CannotWrite(
            f"cannot write to {tempfile.gettempdir()}: {error.strerror}; set TMPDIR to a folder "
            "with more space"
        ) from error


def mapped(file: IO[bytes], dtype: Any) -> np.ndarray[Any, Any]:
    """The file as an array; its pages are read when needed and never written back."""
    if not file.tell():
        return np.empty(0, dtype)
    return np.asarray(np.memmap(file, dtype=dtype, mode="c"))
