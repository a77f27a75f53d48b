"""Reading what a user names: regular files, at most so many bytes, unpacked ones counted.

A folder, a named pipe, a socket and a device are refused by name before they are opened: that could
wait for ever. A stream that the user gives by its descriptor (``-``, ``/dev/stdin``, ``<(...)``) is
read once into a temporary file, and each later reading in this process sees the same bytes.
gzip, bzip2, xz and a zip of one file are known by their first bytes, whatever the name. Every limit
is raised by ``$ZOO_MAX_BYTES``. Proof: tests/test_reading.py.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from zoo import streams
from zoo.errors import BadFile, BadInput, Missing
from zoo.streams import CHUNK, too_large

if TYPE_CHECKING:
    from zipfile import ZipFile

MiB = 1 << 20
SMALL = 16 * MiB  # most bytes of a card, a mark, a list of classes
TEXT = 256 * MiB  # of a text or table that is held in memory
PICTURE = 512 * MiB  # 64 million pixels of 16 bits, uncompressed
SOUND = 4096 * MiB  # of a sound file; a wav can have no more
DATA = 1024 * MiB  # of an archive of a published set
WEIGHTS = 8192 * MiB
PIPE = 1024 * MiB  # of a stream, which is copied to a temporary file
CORPUS = 65536 * MiB  # of a text, of word vectors, of n-grams that are read in passing
RATIO = 200  # a file that unpacks to more than so many times its size is a bomb,
FREE = 64 * MiB  # beyond so many bytes
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode), "a device"),
)


def is_file(path: str | Path) -> bool:
    """Whether there is something that ``opened`` opens."""
    try:
        return _status(path, "").st_size >= 0
    except (Missing, BadFile):
        return False


def check(path: str | Path, what: str) -> None:
    """Refuse what ``opened`` would, without opening it.

    Raises:
        Missing, BadFile: as ``opened``.
    """
    _status(path, what)


@contextmanager
def opened(path: str | Path, what: str, most: int) -> Iterator["io.BufferedReader[Any]"]:
    """A file as it stands; it can seek, even where it was a stream.

    Args:
        what: is expected, for messages: "a card".
        most: bytes.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is no regular file, cannot be read, or has more bytes; that is also raised
            when they are read.
    """
    most = _limit(most)
    with _raw(path, what, most) as raw:
        if (size := raw.seek(0, os.SEEK_END)) > most:
            too_large(path, f"has {size:,} bytes", what, most)
        raw.seek(0)
        with io.BufferedReader(_Limited(raw, path, what, most), CHUNK // 8) as file:
            yield file


@contextmanager
def unpacked(path: str | Path, what: str, most: int) -> Iterator["io.BufferedReader[Any]"]:
    """As ``opened``; of a gzip, bzip2, xz or zip file the content, whose bytes are counted.

    Raises:
        Missing, BadFile: as ``opened``; also for a damaged archive, one of more files or none, and
            one that unpacks to 200 times its size.
    """
    with opened(path, what, most) as file:
        kind = packing(file.read(10))
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if not kind:
            yield file
            return
        most = min(_limit(most), max(RATIO * size, FREE))
        inner = _unpacker(kind, file, path)
        with io.BufferedReader(_Limited(inner, path, what, most, kind), CHUNK // 8) as content:
            yield content


@contextmanager
def zip_archive(path: str | Path, what: str, most: int) -> Iterator["ZipFile"]:
    """A zip, whose files have at most ``most`` bytes together, packed or unpacked.

    Raises:
        Missing, BadFile: as ``opened``; also for what is no zip.
    """
    from zipfile import BadZipFile, ZipFile

    with opened(path, what, most) as file:
        try:
            archive = ZipFile(file)
        except (BadZipFile, ValueError, NotImplementedError) as error:
            raise BadFile(f"{path} is damaged: {error}; get it again") from error
        with archive:
            size = sum(one.file_size for one in archive.infolist())
            if size > _limit(most):
                too_large(path, f"unpacks to {size:,} bytes", what, most)
            yield archive


def packing(head: bytes) -> str:
    """How a file is packed, by its first 10 bytes: "gzip", "bzip2", "xz", "zip" or ""."""
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    return {b"\xfd7zXZ\0": "xz", b"PK\3\4": "zip", b"PK\5\6": "zip"}.get(
        head[:6] if head[:1] == b"\xfd" else head[:4], ""
    )


def read_bytes(path: str | Path, what: str, most: int) -> bytes:
    """All bytes of a file as it stands.

    Raises:
        Missing, BadFile: as ``opened``.
    """
    with opened(path, what, most) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        return file.read(size + 1)


def read_text(path: str | Path, what: str, most: int = TEXT) -> str:
    """The text of a UTF-8 file, plain or packed, without a byte-order mark.

    Raises:
        Missing, BadFile: as ``unpacked``; also for bytes that are not UTF-8, or are zero.
    """
    with unpacked(path, what, most) as file:
        data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadFile(
            f"{path} is not UTF-8: byte {data[error.start]:#04x} at offset {error.start}, line "
            f"{line}; save it as UTF-8"
        ) from error
    if (at := data.find(b"\0")) >= 0:
        line = data[:at].count(b"\n") + 1
        raise BadFile(f"{path} is not text: byte 0x00 at offset {at}, line {line}")
    return text


def _limit(most: int) -> int:
    text = os.environ.get("ZOO_MAX_BYTES", "")
    if text and not text.isdecimal():
        raise BadInput(f"ZOO_MAX_BYTES must be a number of bytes, got {text[:40]!r}")
    return max(most, int(text or 0))


def _status(path: str | Path, what: str) -> os.stat_result:
    """The status of a regular file, or of any stream but a folder."""
    number = streams.descriptor(path)
    try:
        status = os.stat(path) if number is None else os.fstat(number)
    except (OSError, ValueError) as error:
        raise _cannot_read(path, what, error) from error
    if stat.S_ISDIR(status.st_mode) or (number is None and not stat.S_ISREG(status.st_mode)):
        raise BadFile(f"{path} is {kind_of(status.st_mode)}; expected {what}")
    return status


def kind_of(mode: int) -> str:
    """What a file of this mode is: "a folder", "a named pipe", "a socket", "a device", "a file"."""
    return next((kind for is_kind, kind in KINDS if is_kind(mode)), "a file")


def _cannot_read(path: str | Path, what: str, error: Exception) -> Missing | BadFile:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Missing(f"there is no file {path}; expected {what}")
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    return BadFile(f"cannot read {str(path)[:200]}: {reason}; expected {what}")


@contextmanager
def _raw(path: str | Path, what: str, most: int) -> Iterator[Any]:
    """The file without buffer or limit."""
    status, number = _status(path, what), streams.descriptor(path)
    if number is not None and (str(path) == "-" or not stat.S_ISREG(status.st_mode)):
        yield streams.held(number, path, what, min(most, _limit(PIPE)))
        return
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_read(path, what, error) from error
    with io.FileIO(handle) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):  # exchanged since it was looked at
            raise BadFile(f"{path} is no regular file; expected {what}")
        yield file


class _Limited(io.RawIOBase):
    """A file of which so many bytes can be read; damage of an archive becomes a ``BadFile``."""

    def __init__(self, inner: Any, path: object, what: str, most: int, kind: str = "") -> None:
        self._inner, self._path, self._what = inner, str(path), what
        self._most, self._kind = most, kind

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            count = self._inner.readinto(buffer)
        except BadFile:
            raise
        except Exception as error:  # each way of packing has errors of its own
            if self._kind:
                raise BadFile(
                    f"{self._path} is a damaged {self._kind} file: {error}; get it again"
                ) from error
            raise _cannot_read(self._path, self._what, error) from error
        if count is None:  # /proc/kmsg and its like would block
            raise BadFile(f"{self._path} has nothing to read now; expected {self._what}")
        if self._inner.tell() > self._most:
            how = f"{'unpacks to' if self._kind else 'has'} more than {self._most:,} bytes"
            too_large(self._path, how, self._what, self._most)
        return int(count)

    def readall(self) -> bytes:
        parts = []
        while part := self.read(CHUNK):
            parts.append(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._inner.seek(offset, whence))

    def tell(self) -> int:
        return int(self._inner.tell())


def _unpacker(kind: str, file: IO[bytes], path: str | Path) -> Any:
    if kind == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=file)
    if kind == "bzip2":
        import bz2

        return bz2.BZ2File(file)
    if kind == "xz":
        import lzma

        return lzma.LZMAFile(file)
    import zipfile

    try:
        archive = zipfile.ZipFile(file)
        names = [
            one
            for one in archive.infolist()
            if not one.is_dir() and not one.filename.startswith("__MACOSX/")  # Finder's own
        ]
        if len(names) != 1:
            raise BadFile(f"{path} is a zip of {len(names)} files; unpack it and name one")
        return archive.open(names[0])
    except BadFile:
        raise
    except Exception as error:  # encrypted, of another method, damaged
        raise BadFile(f"{path} is a zip that cannot be read: {error}; unpack it") from error
