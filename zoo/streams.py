"""Streams that a user gives by a descriptor: ``-``, ``/dev/stdin``, ``<(...)``; read once, kept.

All bytes of a stream go into a temporary file without a name, and each reading in this process
begins at its start. Proof: tests/test_reading.py.
"""

import atexit
import io
import os
import re
import tempfile
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol, runtime_checkable

from zoo.errors import BadFile, BadInput, CannotWrite

CHUNK = 1 << 20  # bytes
STREAM = re.compile(r"-|/dev/stdin|(?:/dev/fd|/proc/self/fd)/(\d{1,9})")
_streams: dict[tuple[int, int], IO[bytes] | BadFile] = {}  # (device, inode) -> what was read


def descriptor(path: str | Path) -> int | None:
    """The descriptor that a path names, None for all other paths."""
    match = STREAM.fullmatch(str(path))
    return int(match[1] or 0) if match else None


def folder_of(path: Path) -> Path:
    """Where relative paths in a file start: in its folder, those in a stream in the current one.

    >>> folder_of(Path("a/b.csv")).name, folder_of(Path("/dev/stdin")) == Path()
    ('a', True)
    """
    return Path() if descriptor(path) is not None else path.parent


def held(number: int, path: str | Path, what: str, most: int) -> "Held":
    """A reader of all bytes of the stream with a descriptor, from their beginning.

    Raises:
        BadFile: for more than ``most`` bytes, then and at each later reading.
        CannotWrite: if there is no room for them.
    """
    status = os.fstat(number)
    key = status.st_dev, status.st_ino
    if key not in _streams:
        try:
            _streams[key] = _copied(number, path, what, most)
        except BadFile as error:  # what is left in the pipe is not the stream
            _streams[key] = error
    copy = _streams[key]
    if isinstance(copy, BadFile):
        raise copy
    return Held(copy)


def _copied(number: int, path: str | Path, what: str, most: int) -> IO[bytes]:
    copy: IO[bytes] = tempfile.TemporaryFile(prefix="zoo-stream-")  # noqa: SIM115 - is kept
    atexit.register(copy.close)
    try:
        while chunk := os.read(number, CHUNK):
            if copy.tell() + len(chunk) > most:
                copy.close()
                too_large(path, f"goes on beyond {most:,} bytes", what, most)
            try:
                copy.write(chunk)
                copy.flush()
            except OSError as error:
                raise CannotWrite(
                    f"cannot write to {tempfile.gettempdir()}: {error.strerror}; set TMPDIR"
                ) from error
    except CannotWrite:
        raise
    except OSError as error:
        raise BadFile(f"cannot read {path}: {error.strerror}; expected {what}") from error
    return copy


class Held(io.RawIOBase):
    """A reader of a temporary file with a place of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        self._number, self._at = file.fileno(), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = os.pread(self._number, len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = (0, self._at, os.fstat(self._number).st_size)[whence]
        if start + offset < 0:
            raise OSError("a place before the start")
        self._at = start + offset
        return self._at


def too_large(path: str | Path, how: str, what: str, most: int) -> NoReturn:
    """The error for a file or a stream of more than ``most`` bytes."""
    raise BadFile(
        f"{path} {how}; of {what} at most {most:,} are read: use a smaller one, or set "
        "ZOO_MAX_BYTES if it is meant"
    )


@runtime_checkable
class Readable(Protocol):
    """An open file, or what behaves like one."""

    def read(self, size: int, /) -> Any:
        """At most ``size`` bytes."""


def content(file: Readable, what: str, most: int) -> bytes:
    """The bytes of an open file, from where it stands to its end; its owner closes it.

    Args:
        what: is expected, for messages: "an image".
        most: bytes.

    Raises:
        BadFile: if it cannot be read, or has more bytes.
        BadInput: if it is open for text.
    """
    try:
        data = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise BadFile(f"the open file cannot be read: {error}; expected {what}") from error
    if not isinstance(data, bytes):
        got = type(data).__name__
        raise BadInput(f"{what} needs a file that is open for bytes (mode rb), got {got}")
    if len(data) > most:
        raise BadFile(f"the open file has more than {most:,} bytes; {what} has fewer")
    return data
