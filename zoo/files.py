"""Atomic writes, sha256 and folders."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from zoo import reading
from zoo.errors import BadInput, CannotWrite, ZooError

EVERY = 1 << 62  # bytes: a digest needs no memory


def sha256(path: Path) -> str:
    """The sha256 of a file as 64 hex digits.

    Raises:
        Missing, BadFile: if there is none, or it is no regular file.
    """
    with reading.opened(path, "a file", EVERY) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expand_home(path: str) -> Path:
    """A path with ``~`` and ``~name`` expanded.

    Raises:
        BadInput: if there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise BadInput(f"{path}: {error} Set ZOO_DATA or HOME to a folder") from error


def cache_folder(kind: str) -> Path:
    """``$XDG_CACHE_HOME/zoo/KIND``, else ``~/.cache/zoo/KIND``."""
    return expand_home(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "zoo" / kind


def make_folder(path: Path) -> Path:
    """Create ``path`` and its parents; returns ``path``.

    Raises:
        CannotWrite: if it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        is_file = isinstance(error, FileExistsError)
        reason = "there is a file of that name" if is_file else error.strerror
        raise CannotWrite(f"cannot make the folder {path}: {reason}; choose another") from error
    return path


@contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path``; it is renamed to ``path`` once it is complete.

    On success the bytes are on disk (fsync) before the rename, and the rename is on disk before
    this returns. On any error the temporary file is removed and ``path`` is unchanged.

    Raises:
        CannotWrite: if the disk is full or the folder read-only.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError) and not isinstance(error, ZooError):
            reason = error.strerror or error
            raise CannotWrite(f"cannot write {path}: {reason}; free space or choose another") from (
                error
            )
        raise


def write(path: Path, data: bytes | str) -> None:
    """Write a file atomically; text is encoded as UTF-8.

    Raises:
        CannotWrite: as ``atomic``.
    """
    with atomic(path) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder to disk (POSIX: a rename is durable only after this)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
