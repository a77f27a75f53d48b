"""Addresses: the bytes that a server gives, or one line; never too much, too slow or unsafe."""

import time

import pytest

from tests.data import server as http
from tests.data.server import serving
from zoo import download_limits
from zoo.errors import BadFile, Missing
from zoo.predictors.inputs import address
from zoo.predictors.inputs.address import received

DATA = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


def fails(url, most=10**6):
    with pytest.raises((BadFile, Missing)) as caught:
        received(url, "an image", most)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_bytes_are_those_of_the_server():
    with serving(http.whole(DATA)) as served:
        assert received(served.url + "a.png", "an image", len(DATA)) == DATA
    assert len(served.asked) == 1


def test_more_than_is_allowed_is_refused():
    with serving(http.whole(DATA)) as served:
        assert "gives more than 100 bytes; expected an image" in fails(served.url, 100)


def test_a_server_that_says_no():
    def gone(request):
        request.head(404)

    with serving(gone) as served:
        assert fails(served.url).endswith("HTTP 404 Not Found")
    assert "cannot read" in fails(served.url)  # it is gone altogether
    assert "cannot read http://[" in fails("http://[/")
    assert "expected an image" in fails("http://nobody.invalid/")


def test_a_connection_that_breaks_is_told():
    def half(request):
        request.head(200, Content_Length=len(DATA))
        request.body(DATA[: len(DATA) // 2])

    with serving(half) as served:
        assert "the connection ended after 5,120 of 10,240 bytes" in fails(served.url)


@pytest.mark.parametrize(
    "begin",
    [lambda request: request.head(200), lambda request: request.body(b"HTTP/1.0 200 OK\r\nX: ")],
    ids=["body", "header"],
)
def test_a_server_that_drips_is_left(begin, monkeypatch):
    monkeypatch.setattr(download_limits, "WINDOW", 0.2)

    def drip(request):
        begin(request)
        while not request.over.wait(0.02):
            request.body(b"x")

    start = time.monotonic()
    with serving(drip) as served:
        assert "is too slow: less than 1000 bytes a second" in fails(served.url)
    assert time.monotonic() - start < 5


def test_a_server_that_never_ends_is_left(monkeypatch):
    monkeypatch.setattr(address, "PATIENCE", 0.2)

    def stream(request):
        request.head(200)
        while not request.over.wait(0.01):
            request.body(bytes(1000))

    with serving(stream) as served:
        assert "is too slow: not complete after 0.2 s" in fails(served.url, most=10**9)


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_a_redirection_to_something_else_is_refused(to):
    def moved(request):
        request.head(302, Location=to, Content_Length=0)

    with serving(moved) as served:
        said = fails(served.url)
    assert "refused" in said or "is not allowed" in said


def test_a_redirection_to_the_same_kind_is_followed():
    def moved(request):
        request.head(302, Location="/b.png", Content_Length=0)

    with serving(moved, http.whole(DATA)) as served:
        assert received(served.url, "an image", 10**6) == DATA
