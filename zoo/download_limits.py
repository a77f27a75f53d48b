"""How slow a download may be, and how long it may take: a server that dribbles is left.

``$ZOO_DOWNLOAD_SECONDS`` sets the longest time of a download, all tries together, and
``$ZOO_DOWNLOAD_RATE`` the lowest rate in bytes a second. Proof: tests/test_download.py.
"""

import http.client
import os
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from zoo.errors import BadInput, note

SECONDS = 4 * 3600.0  # of a download
RATE = 1000.0  # bytes a second, lowest
WINDOW = 20.0  # seconds over which the rate is measured
LARGEST = 16 << 30  # bytes, where nothing is known


def setting(name: str, default: float) -> float:
    """A number above 0 from the environment.

    Raises:
        BadInput: for anything else.
    """
    text = os.environ.get(name, "")
    try:
        value = float(text or default)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise BadInput(f"{name} must be a number above 0, got {text[:40]!r}")
    return value


class TooSlow(OSError):
    """A server that sends too little, or a download that takes too long."""


class Pace:
    """The time that a download has left, and the rate at which it comes.

    Args:
        seconds: in which all of it must be there, unless the environment says otherwise.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = setting("ZOO_DOWNLOAD_SECONDS", seconds)
        self.rate = setting("ZOO_DOWNLOAD_RATE", RATE)
        self._end = time.monotonic() + self.seconds
        self._began, self._bytes = time.monotonic(), 0

    @property
    def left(self) -> float:
        """Seconds that are left, 0 when there are none."""
        return max(self._end - time.monotonic(), 0.0)

    def begin(self) -> None:
        """A new connection: its rate is measured from here."""
        self._began, self._bytes = time.monotonic(), 0

    def received(self, count: int) -> None:
        """Note bytes that have arrived.

        Raises:
            TooSlow: if the time is over, or too few have come in the last WINDOW seconds.
        """
        if not self.left:
            raise self.too_long()
        self._bytes += count
        now = time.monotonic()
        if now - self._began >= WINDOW:
            if self._bytes < self.rate * (now - self._began):
                raise self.too_slow()
            self.begin()

    def too_long(self) -> TooSlow:
        """The error when the time is over."""
        return TooSlow(f"not complete after {self.seconds:g} s (ZOO_DOWNLOAD_SECONDS)")

    def too_slow(self) -> TooSlow:
        """The error for a rate that is too low."""
        seconds = f"for {WINDOW:g} s (ZOO_DOWNLOAD_RATE)"
        return TooSlow(f"less than {self.rate:g} bytes a second {seconds}")

    @contextmanager
    def watching(self, connections: list[http.client.HTTPConnection]) -> Iterator[None]:
        """Cut the connections when an answer does not begin in WINDOW seconds, header and all.

        A header that comes a byte at a time never meets the timeout of a socket.

        Raises:
            TooSlow: if they were cut.
        """
        cut = threading.Event()

        def cut_off() -> None:
            cut.set()
            for connection in connections:
                with suppress(OSError, AttributeError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(min(self.left, 3 * WINDOW), cut_off)
        timer.daemon = True
        timer.start()
        try:
            yield
            if cut.is_set():  # what had come of the header may pass for all of it
                raise ConnectionError("cut off")
        except (OSError, http.client.HTTPException, ValueError) as error:
            if cut.is_set():
                raise (self.too_slow() if self.left else self.too_long()) from error
            raise
        finally:
            timer.cancel()


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, made: list[http.client.HTTPConnection]) -> None:
        super().__init__()
        self._made = made

    def http_open(self, req: Any) -> Any:
        return self.do_open(_noting(http.client.HTTPConnection, self._made), req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, made: list[http.client.HTTPConnection]) -> None:
        super().__init__()
        self._made = made

    def https_open(self, req: Any) -> Any:
        return self.do_open(_noting(http.client.HTTPSConnection, self._made), req)


def _noting(kind: Any, made: list[http.client.HTTPConnection]) -> Any:
    def connection(host: str, timeout: Any = None) -> http.client.HTTPConnection:
        made.append(kind(host, timeout=timeout))
        return made[-1]

    return connection


def opener(made: list[http.client.HTTPConnection], *handlers: Any) -> urllib.request.OpenerDirector:
    """An opener of addresses that notes its connections in ``made``."""
    return urllib.request.build_opener(_Plain(made), _Secure(made), *handlers)


def tell_waiting(name: str, holder: str) -> None:
    """One line for a person whose process waits for another one.

    Args:
        holder: what that one wrote into its lock: process and time.
    """
    process, _, since = holder.partition(" ")
    who = f"process {process}" if process.isdecimal() else "another process"
    with suppress(ValueError, OverflowError):
        who += f", for {max(time.time() - float(since), 0):.0f} s now," if since else ""
    note(f"waiting for {name}, which {who} is getting")


def holder() -> str:
    """What a process writes into a lock that it holds."""
    return f"{os.getpid()} {time.time():.0f}"
