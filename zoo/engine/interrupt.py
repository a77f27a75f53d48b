"""Ctrl-C and SIGTERM as a request to stop, read between steps."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Request:
    """``number`` is 0 until a signal has come, then its number; later signals change nothing."""

    number = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.number = self.number or number


@contextmanager
def requests(request: Request | None = None) -> Iterator[Request]:
    """Record SIGINT and SIGTERM instead of ending; the old handlers are restored at the end.

    Python lets only the main thread listen for signals; in any other thread nothing is collected.
    """
    request = request or Request()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {n: signal.signal(n, request) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
