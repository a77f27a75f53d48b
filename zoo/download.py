"""Download a file once: verified, resumable, and moved into place only when complete."""

import fcntl
import http.client
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from tqdm import tqdm

from zoo import files, reading
from zoo.download_limits import LARGEST, Pace, holder, opener, tell_waiting
from zoo.errors import BadFile, CannotWrite, Missing, ZooError

CHUNK = 1 << 20
TIMEOUT = 20.0  # seconds without a byte
TRIES = 3
DIGITS = 64  # of a complete sha256
_ALLOWED: ContextVar[bool] = ContextVar("_ALLOWED", default=True)


@contextmanager
def no_downloads() -> Iterator[None]:
    """Inside, ``fetch`` only gives what is there already: for what is worth no download."""
    token = _ALLOWED.set(False)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def fetch(
    url: str, path: Path, sha256: str, *, size: int | None = None, most: int | None = None
) -> Path:
    """Download ``url`` to ``path``, unless the file is there already; returns ``path``.

    Bytes received before a connection broke are kept in a ``.part`` file and completed later. When
    several processes request the same file, one downloads and the others wait.

    Some publishers state only a prefix of the sha256. The first download is then accepted if its
    digest has that prefix: 8 digits detect damage, but not a forgery, which takes about 2**32
    attempts; https protects against that. The full sha256 is recorded beside the file
    (``.sha256``), and every later call requires it.

    Args:
        sha256: 64 hex digits, or the first 8 or more; the file appears at ``path`` only if they
            match.
        size: expected number of bytes; a longer response is refused while it arrives.
        most: maximum number of bytes where the size is not known exactly.

    Raises:
        Missing: if the address cannot be reached; the message names the path for the file.
        BadFile: if the bytes received are not those expected.
        CannotWrite: if the folder is read-only or the disk full.
        ValueError: if ``sha256`` is not 8 to 64 hex digits.
    """
    if not re.fullmatch(r"[0-9a-f]{8,64}", sha256):
        raise ValueError(f"sha256 must be 8 to 64 hex digits, got {sha256!r}")
    if not _ALLOWED.get() and not path.exists():
        raise Missing(f"{path} is not there, and is not downloaded now")
    files.make_folder(path.parent)
    with exclusive(path):
        if path.exists():
            full = files.sha256(path)
            if not full.startswith(expected := expected_digest(path, sha256)):
                raise BadFile(
                    f"{path} is damaged (its sha256 is not {expected[:12]}...); remove it"
                )
            with suppress(CannotWrite):  # a read-only cache that holds the file is good enough
                _record_digest(path, sha256, full)
            return path
        part = path.with_name(f".{path.name}.{sha256[:12]}.part")
        reason = _receive_with_retries(url, part, size, most)
        if reason is not None:
            label = "sha256" if len(sha256) == DIGITS else "sha256 beginning with"
            raise Missing(
                f"cannot download {url}: {reason}; without a network, put that file at {path} "
                f"({label} {sha256})"
            )
        full = files.sha256(part)
        if not full.startswith(sha256):
            part.unlink()
            raise BadFile(
                f"{url} gave other bytes than expected (sha256 {sha256[:12]}...); removed"
            )
        digest_file(path).unlink(missing_ok=True)  # of a file that was removed since
        _record_digest(path, sha256, full)
        part.replace(path)
        files.sync_folder(path.parent)
    return path


def digest_file(path: Path) -> Path:
    """Where the full sha256 of a file is recorded if only its prefix was published."""
    return path.with_name(f"{path.name}.sha256")


def expected_digest(path: Path, sha256: str) -> str:
    """The required prefix of the sha256 of ``path``: all 64 digits once they are recorded.

    Raises:
        BadFile: if the recorded digest is damaged.
    """
    recorded = digest_file(path)
    if len(sha256) == DIGITS or not recorded.is_file():
        return sha256
    full = reading.read_bytes(recorded, "a sha256", reading.SMALL).decode(errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", full) or not full.startswith(sha256):
        raise BadFile(f"{recorded} is damaged (no sha256 that begins with {sha256}); remove it")
    return full


def _record_digest(path: Path, sha256: str, full: str) -> None:
    if len(sha256) < DIGITS and not digest_file(path).exists():
        files.write(digest_file(path), full + "\n")


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Lock ``path`` for one process at a time; the kernel releases the lock if the process dies."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        handle = _locked(lock)
    except CannotWrite:
        raise
    except OSError as error:
        if path.exists():  # a read-only cache that holds the file is good enough
            yield
            return
        raise CannotWrite(
            f"cannot write {lock}: {error.strerror}; choose another folder"
        ) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def _locked(lock: Path) -> int:
    """A file descriptor that holds the lock, of the file now at ``lock``, not of a removed one."""
    files.refuse_odd_kind(lock)
    told = False
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                name = lock.name.removeprefix(".").removesuffix(".lock")
                tell_waiting(name, os.pread(handle, 64, 0).decode(errors="replace").strip())
                told = True
            fcntl.flock(handle, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), lock.stat()):
                os.ftruncate(handle, 0)
                os.pwrite(handle, holder().encode(), 0)
                return handle
        os.close(handle)


class _Redirect(urllib.request.HTTPRedirectHandler):
    """Follow redirects to http and https only, and never from https to http."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        safe = ("https:",) if req.full_url.lower().startswith("https:") else ("https:", "http:")
        if not newurl.lower().startswith(safe):
            fp.close()
            raise BadFile(f"{req.full_url} redirects to {newurl}, which is not {safe[0]}; refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _receive_with_retries(url: str, part: Path, size: int | None, most: int | None) -> object:
    """Complete ``part`` in up to TRIES attempts; the reason of the last failure, or None."""
    reason: object = None
    pace = Pace()
    for attempt in range(TRIES):
        if attempt:
            time.sleep(0.5 * 2**attempt)
        reason, again = _try(url, part, size, most, pace)
        if reason is None or not again:
            return reason
        if not pace.left:
            return pace.too_long()
    return reason


def _try(
    url: str, part: Path, size: int | None, most: int | None, pace: Pace
) -> tuple[object, bool]:
    """The reason of a failure, or None, and whether to try again."""
    try:
        _receive(url, part, size, most, pace)
        return None, False
    except ZooError:
        raise
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and part.exists():  # nothing is missing, or all is wrong
            return None, False
        return f"HTTP {error.code} {error.reason}", error.code >= 500
    except (OSError, ValueError, http.client.HTTPException) as error:
        return getattr(error, "reason", error), True


def _receive(url: str, part: Path, size: int | None, most: int | None, pace: Pace) -> None:
    """Append the missing bytes of ``url`` to ``part``."""
    if not url.startswith(("https://", "http://")):
        raise BadFile(f"{url}: only https and http addresses are downloaded")
    limit = (most or LARGEST) if size is None else size
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "zoo"})
    if have:
        if size is not None and have >= size:
            return
        request.add_header("Range", f"bytes={have}-")
    with answer(request, pace) as response:
        if response.status != 206:  # the server starts from the beginning
            have = 0
        length = response.headers.get("Content-Length")
        pace.begin()
        due = have + int(length) if length and length.isdecimal() else size
        with tqdm(
            total=due, initial=have, unit="B", unit_scale=True, desc=part.name.split(".")[1],
            disable=not sys.stderr.isatty(),
        ) as bar, _appending(part, have) as file:  # fmt: skip
            while chunk := response.read1(CHUNK):  # what has arrived: a stall loses none of it
                have += len(chunk)
                if have > limit:
                    part.unlink()
                    raise BadFile(f"{url} gives more than the {limit} bytes expected; refused")
                _write(file, chunk, part)
                pace.received(len(chunk))
                bar.update(len(chunk))
    if due is not None and have < due:
        raise ConnectionError(f"the connection ended after {have} of {due} bytes")


def answer(request: urllib.request.Request, pace: Pace) -> Any:
    """The response, once its header is there; from https never to http.

    Raises:
        BadFile: for a redirection to what is neither http nor https, or from https to http.
        OSError, ValueError, HTTPException: for an address that cannot be reached, or is too slow.
    """
    made: list[http.client.HTTPConnection] = []
    response = None
    try:
        with pace.watching(made):
            seconds = min(TIMEOUT, pace.left or TIMEOUT)
            response = opener(made, _Redirect).open(request, timeout=seconds)
        return response
    except BaseException:
        if response is not None:
            response.close()
        raise


@contextmanager
def _appending(part: Path, have: int) -> Iterator[Any]:
    files.destination(part)
    try:
        file = part.open("ab" if have else "wb", buffering=0)  # close() has nothing left to fail on
    except OSError as error:
        raise CannotWrite(f"cannot write {part}: {error.strerror}") from error
    with file:
        yield file


def _write(file: Any, chunk: bytes, part: Path) -> None:
    try:
        left = memoryview(chunk)
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise CannotWrite(f"cannot write {part}: {error.strerror}; free some space") from error
