"""An HTTP server on this machine that misbehaves as told: one answer for each request."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

Answer = Callable[["Request"], None]


@dataclass
class Request:
    """One request, and how to answer it."""

    path: str
    range: str | None
    handler: BaseHTTPRequestHandler
    over: threading.Event  # the test is at its end

    @property
    def start(self) -> int:
        """The first byte asked for."""
        return int(self.range.removeprefix("bytes=").removesuffix("-")) if self.range else 0

    def head(self, status: int, **headers: object) -> None:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), str(value))
        self.handler.end_headers()

    def body(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()


@dataclass
class Served:
    """A running server: its address, and what it was asked for."""

    url: str
    asked: list[Request] = field(default_factory=list)

    @property
    def ranges(self) -> list[str | None]:
        return [request.range for request in self.asked]


@contextmanager
def serving(*answers: Answer) -> Iterator[Served]:
    """Give the answers in turn; the last one again and again."""
    over, number = threading.Event(), count()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            request = Request(self.path, self.headers.get("Range"), self, over)
            served.asked.append(request)
            with suppress(ConnectionError):  # the client may have had enough
                answers[min(next(number), len(answers) - 1)](request)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Served(f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield served
        finally:
            over.set()
            server.shutdown()
            thread.join()


def whole(data: bytes) -> Answer:
    """All that is asked for, as a good server does."""

    def answer(request: Request) -> None:
        rest = data[request.start :]
        if request.range and not rest:
            request.head(416, Content_Length=0)
            return
        request.head(206 if request.range else 200, Content_Length=len(rest))
        request.body(rest)

    return answer


def from_the_start(data: bytes) -> Answer:
    """All of it, whatever part is asked for."""

    def answer(request: Request) -> None:
        request.head(200, Content_Length=len(data))
        request.body(data)

    return answer


def half(data: bytes) -> Answer:
    """Half of what is asked for; then the line goes dead."""

    def answer(request: Request) -> None:
        rest = data[request.start :]
        request.head(206 if request.range else 200, Content_Length=len(rest))
        request.body(rest[: len(rest) // 2])

    return answer


def stalled(data: bytes, after: int) -> Answer:
    """The first bytes; then silence, on an open line."""

    def answer(request: Request) -> None:
        request.head(200, Content_Length=len(data))
        request.body(data[:after])
        request.over.wait(20)

    return answer


def without_length(data: bytes) -> Answer:
    """The bytes, and the end of the connection as the only end mark."""

    def answer(request: Request) -> None:
        request.head(200)
        request.body(data)

    return answer


def chunked(data: bytes, *, cut: bool = False) -> Answer:
    """HTTP/1.1 chunks; ``cut`` leaves out the last ones."""

    def answer(request: Request) -> None:
        request.handler.protocol_version = "HTTP/1.1"
        request.handler.close_connection = True
        request.head(200, Transfer_Encoding="chunked")
        pieces = [data[i : i + 5000] for i in range(0, len(data), 5000)]
        for piece in pieces[: len(pieces) // 2] if cut else pieces:
            request.body(b"%x\r\n%s\r\n" % (len(piece), piece))
        if not cut:
            request.body(b"0\r\n\r\n")

    return answer


def endless(request: Request) -> None:
    """Zeros until the other side hangs up."""
    request.head(200)
    while not request.over.is_set():
        request.body(bytes(100_000))


def status(code: int) -> Answer:
    """Nothing but a status."""
    return lambda request: request.head(code, Content_Length=0)


def redirect(to: str) -> Answer:
    """Somewhere else."""
    return lambda request: request.head(302, Location=to, Content_Length=0)


def files(contents: dict[str, bytes]) -> Answer:
    """Several files by name; 404 for others."""

    def answer(request: Request) -> None:
        name = request.path.lstrip("/")
        (whole(contents[name]) if name in contents else status(404))(request)

    return answer
