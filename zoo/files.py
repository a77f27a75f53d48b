"""Atomic writes, sha256 and folders. Proof: tests/test_files.py."""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from zoo import reading
from zoo.errors import BadInput, Busy, CannotWrite, ZooError

EVERY = 1 << 62  # bytes: of what is read in passing


def sha256(path: Path) -> str:
    """The sha256 of a file as 64 hex digits.

    Raises:
        Missing, BadFile: if there is none, or it is no regular file.
    """
    with reading.opened(path, "a file", reading.CORPUS) as file:
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
    except (OSError, ValueError) as error:
        is_file = isinstance(error, FileExistsError)
        reason = "there is a file of that name" if is_file else _reason(error)
        raise CannotWrite(f"cannot make the folder {path}: {reason}; choose another") from error
    return path


def destination(path: Path) -> Path:
    """Where the file of that name is or will be: at the end of its symbolic links.

    Ask before work whose result is written there; the work is lost otherwise.

    Raises:
        CannotWrite: if there is a folder, a named pipe, a socket or a device, or a file that may
            not be changed; if its folder does not exist or is read-only.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = 0
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error
    _refuse_kind(path, mode)
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        parent = target.parent if os.path.islink(path) else path.parent
        raise CannotWrite(f"cannot write {path}: there is no folder {parent}; choose another")
    for place, why in ((target.parent, "Permission denied"), (target, "it is read-only")):
        if os.path.exists(place) and not os.access(place, os.W_OK):
            raise CannotWrite(f"cannot write {path}: {why}; choose another")
    return target


def refuse_odd_kind(path: Path) -> None:
    """Refuse a name that is that of a folder, a named pipe, a socket or a device.

    Raises:
        CannotWrite: if it is.
    """
    if path.exists():
        with suppress(FileNotFoundError):  # removed since
            _refuse_kind(path, path.stat().st_mode)


def refuse_odd_entries(folder: Path) -> None:
    """Refuse a folder for output in which a name is that of a named pipe, a socket or a device.

    Raises:
        CannotWrite: with the first of them; if the folder cannot be read.
    """
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise _cannot_write(folder, error) from error
    for path in paths:
        if not path.is_dir() and path.exists():  # a link to nowhere is written through
            _refuse_kind(path, path.stat().st_mode)


def _refuse_kind(path: Path, mode: int) -> None:
    if mode and not stat.S_ISREG(mode):
        raise CannotWrite(f"cannot write {path}: it is {reading.kind_of(mode)}; choose another")


def _cannot_write(path: Path, error: Exception) -> CannotWrite:
    return CannotWrite(f"cannot write {path}: {_reason(error)}; free space or choose another")


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


@contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path``; it is renamed to ``path`` once it is complete.

    On success the bytes are on disk (fsync) before the rename, and the rename is on disk before
    this returns. On any error the temporary file is removed and ``path`` is unchanged. A symbolic
    link stays one, and what it points to is written. A file that is replaced passes its mode and
    owner on; of a file with several names (hard links) the others keep the old bytes, as copies
    and caches that are made of links rely on.

    Raises:
        CannotWrite: if the disk is full; as ``destination``.
    """
    target = destination(path)
    draft = target.with_name(f".{_short(target.name)}.{os.getpid()}.tmp")
    try:
        with suppress(FileNotFoundError):
            draft.unlink()  # of a killed process with the same number; "x" follows no link
        with draft.open("xb") as file:
            yield file
            file.flush()
            _inherit(file.fileno(), target)
            os.fsync(file.fileno())
        draft.replace(target)
        sync_folder(target.parent)
    except BaseException as error:
        with suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError) and not isinstance(error, ZooError):
            raise _cannot_write(path, error) from error
        raise


def _short(name: str) -> str:
    """A name to which something can be added."""
    return name if len(os.fsencode(name)) < 200 else hashlib.sha256(os.fsencode(name)).hexdigest()


def _inherit(handle: int, target: Path) -> None:
    """Give an open file the owner and the mode of the one at ``target``, as far as allowed."""
    with suppress(OSError):
        old = os.stat(target)
        with suppress(PermissionError):
            os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))


def take_lock(path: Path, busy: str) -> int:
    """Take the lock of a file, which is made if it is not there; close what is returned to free it.

    The lock is the kernel's (flock): it ends with the process that holds it, however that process
    ends, so a stale file blocks no process.

    Args:
        busy: what the message says another process is using: "runs/a is in use".

    Raises:
        Busy: if another process holds it.
        CannotWrite: if the folder is read-only.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}; choose another") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(handle, 32).decode().strip() or "unknown"
        os.close(handle)
        raise Busy(f"{busy} by process {owner}; wait for it, or use another") from None
    os.truncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Let no other process that asks here change a file meanwhile; beside it lies a lock file.

    Raises:
        Busy: if another process does.
        CannotWrite: as ``destination``.
    """
    target = destination(path)
    lock = target.with_name(f".{_short(target.name)}.lock")
    handle = take_lock(lock, f"{path} is being changed")
    while not _is_open_file(lock, handle):  # who held it has removed it since it was opened
        os.close(handle)
        handle = take_lock(lock, f"{path} is being changed")
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(handle)


def _is_open_file(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


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
