"""Fetch a file once: verified, resumable, moved into place only when every byte is right."""

import fcntl
import http.client
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from zoo import files
from zoo.errors import BadFile, CannotWrite, Missing, ZooError

CHUNK = 1 << 20
TIMEOUT = 20.0  # seconds without a byte
TRIES = 3


def fetch(url: str, path: Path, sha256: str, *, size: int | None = None) -> Path:
    """Download ``url`` to ``path``; nothing to do if the right bytes are there already.

    What a broken connection left is kept in a ``.part`` file and completed later. Several
    processes may ask for the same file: one downloads, the others wait.

    Args:
        sha256: 64 hex digits; the file appears at ``path`` only if it matches.
        size: bytes to expect; more are refused while they arrive.

    Raises:
        Missing: if the address cannot be reached; the message says where to put the file.
        BadFile: if other bytes come than were expected.
        CannotWrite: if the folder is read-only or the disk full.
    """
    files.make_folder(path.parent)
    with alone(path):
        if path.exists():
            if files.sha256(path) == sha256:
                return path
            raise BadFile(f"{path} is damaged (its sha256 is not {sha256[:12]}...); remove it")
        part = path.with_name(f".{path.name}.{sha256[:12]}.part")
        reason = _receive_patiently(url, part, size)
        if reason is not None:
            raise Missing(
                f"cannot download {url}: {reason}; without a network, put that file at {path} "
                f"(sha256 {sha256})"
            )
        if files.sha256(part) != sha256:
            part.unlink()
            raise BadFile(
                f"{url} gave other bytes than expected (sha256 {sha256[:12]}...); removed"
            )
        part.replace(path)
        files.sync_folder(path.parent)
    return path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time work on ``path`` (the kernel's lock: it ends with its holder)."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        handle = _locked(lock)
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
    """A handle that holds the lock: of the file that has the name now, not of one removed since."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), lock.stat()):
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


def _receive_patiently(url: str, part: Path, size: int | None) -> object:
    """Complete ``part``, in several tries if need be; what went wrong in the last, or None."""
    reason: object = None
    for attempt in range(TRIES):
        if attempt:
            time.sleep(0.5 * 2**attempt)
        try:
            _receive(url, part, size)
            return None
        except ZooError:
            raise
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"HTTP {error.code} {error.reason}"
            if error.code == 416 and part.exists():  # nothing is missing, or all is wrong
                return None
            if error.code < 500:
                break
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
    return reason


def _receive(url: str, part: Path, size: int | None) -> None:
    """Add the missing bytes of ``url`` to ``part``."""
    if not url.startswith(("https://", "http://")):
        raise BadFile(f"{url}: only https and http addresses are downloaded")
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "zoo"})
    if have:
        if size is not None and have >= size:
            return
        request.add_header("Range", f"bytes={have}-")
    opener = urllib.request.build_opener(_Redirect)
    with opener.open(request, timeout=TIMEOUT) as answer:
        if answer.status != 206:  # the server starts from the beginning
            have = 0
        length = answer.headers.get("Content-Length")
        due = have + int(length) if length and length.isdigit() else size
        with tqdm(
            total=due, initial=have, unit="B", unit_scale=True, desc=part.name.split(".")[1],
            disable=not sys.stderr.isatty(),
        ) as bar, _appending(part, have) as file:  # fmt: skip
            while chunk := answer.read1(CHUNK):  # what has come: a stall loses none of it
                have += len(chunk)
                if size is not None and have > size:
                    part.unlink()
                    raise BadFile(f"{url} gives more than the {size} bytes expected; refused")
                _write(file, chunk, part)
                bar.update(len(chunk))
    if due is not None and have < due:
        raise ConnectionError(f"the connection ended after {have} of {due} bytes")


@contextmanager
def _appending(part: Path, have: int) -> Iterator[Any]:
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
