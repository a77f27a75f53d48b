"""Right bytes, or an error that says what to do: servers that fail in every way we know of."""

import gc
import hashlib
import io
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.request import Request

import pytest

from tests.data import server as http
from tests.data.child import in_child, public_folder
from tests.data.server import serving
from zoo import download, download_limits
from zoo.download import exclusive, fetch
from zoo.errors import BadFile, BadInput, CannotWrite, Missing, ZooError

DATA = random.Random(0).randbytes(200_000)
SHA = hashlib.sha256(DATA).hexdigest()
FLIPPED = bytes([DATA[0] ^ 1]) + DATA[1:]
PART = f".a.bin.{SHA[:12]}.part"


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """No proxy and no waiting; what would have been waited for, in seconds."""
    monkeypatch.setenv("no_proxy", "*")
    seconds = []
    monkeypatch.setattr(download, "time", SimpleNamespace(sleep=seconds.append))
    return seconds


def names(folder):
    return sorted(os.listdir(folder))


@contextmanager
def refused(path, error, match):
    """The error, and nothing at the path nor beside it."""
    with pytest.raises(error, match=match) as caught:
        yield caught
    assert names(path.parent) == []


# the right bytes


def test_right_bytes_and_nothing_beside_them(tmp_path, waits):
    path = tmp_path / "new" / "folder" / "a.bin"
    with serving(http.whole(DATA)) as server:
        assert fetch(server.url + "a.bin", path, SHA, size=len(DATA)) == path
    assert path.read_bytes() == DATA
    assert names(path.parent) == ["a.bin"]
    assert [request.path for request in server.asked] == ["/a.bin"]
    assert waits == []


@pytest.mark.parametrize("answer", [http.without_length, http.chunked, http.from_the_start])
@pytest.mark.parametrize("size", [None, len(DATA)])
def test_right_bytes_however_they_are_sent(tmp_path, answer, size):
    with serving(answer(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA, size=size)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert len(server.asked) == 1


def test_empty_file(tmp_path):
    with serving(http.whole(b"")) as server:
        fetch(server.url, tmp_path / "a.bin", hashlib.sha256(b"").hexdigest())
    assert (tmp_path / "a.bin").read_bytes() == b""


def test_right_file_is_not_fetched_again(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)
    with serving(http.whole(b"other")) as server:
        assert fetch(server.url, path, SHA) == path
    assert server.asked == []
    assert names(tmp_path) == ["a.bin"]


def test_damaged_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(FLIPPED)
    with (
        serving(http.whole(DATA)) as server,
        pytest.raises(BadFile, match=r"is damaged.*remove it"),
    ):
        fetch(server.url, path, SHA)
    assert server.asked == []
    assert path.read_bytes() == FLIPPED


def test_redirect_is_followed_with_the_range(tmp_path):
    (tmp_path / PART).write_bytes(DATA[:70])
    with serving(http.whole(DATA)) as there, serving(http.redirect(there.url)) as here:
        fetch(here.url, tmp_path / "a.bin", SHA)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert there.ranges == ["bytes=70-"]


# only the beginning of the sha256 is known


def test_the_whole_sha256_is_noted_on_arrival(tmp_path):
    path = tmp_path / "a.bin"
    with serving(http.whole(DATA)) as server:
        for _ in range(2):
            assert fetch(server.url, path, SHA[:8], most=len(DATA)) == path
    assert len(server.asked) == 1
    assert names(tmp_path) == ["a.bin", "a.bin.sha256"]
    assert (tmp_path / "a.bin.sha256").read_text() == f"{SHA}\n"


def test_a_whole_sha256_needs_no_note(tmp_path):
    with serving(http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("sha256", ["", SHA[:7], SHA[:8].upper(), "x" * 64, SHA + "0"])
def test_too_little_to_tell_anything(tmp_path, sha256):
    with pytest.raises(ValueError, match="8 to 64 hex digits"):
        fetch("http://127.0.0.1:9/", tmp_path / "new" / "a.bin", sha256)
    assert names(tmp_path) == []


def test_what_is_there_but_not_as_noted(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)
    (tmp_path / "a.bin.sha256").write_text(SHA[:-1] + ("0" if SHA[-1] != "0" else "1"))
    with pytest.raises(BadFile, match=r"is damaged.*remove it"):
        fetch("http://127.0.0.1:9/", path, SHA[:8])
    assert path.read_bytes() == DATA
    fetch("http://127.0.0.1:9/", path, SHA)  # who knows the whole needs no note


def test_the_beginning_must_match(tmp_path):
    wrong = "0" * 8 if not SHA.startswith("0") else "1" * 8
    with (
        serving(http.whole(DATA)) as server,
        refused(tmp_path / "a", BadFile, f"other bytes than expected .sha256 {wrong}"),
    ):
        fetch(server.url, tmp_path / "a", wrong)


def test_more_than_the_most(tmp_path):
    with (
        serving(http.whole(DATA)) as server,
        refused(tmp_path / "a", BadFile, f"more than the {len(DATA) - 1} bytes"),
    ):
        fetch(server.url, tmp_path / "a", SHA[:8], most=len(DATA) - 1)


# other bytes


@pytest.mark.parametrize("data", [b"<html>sign in</html>", FLIPPED, DATA[:-1], DATA + b"x", b""])
def test_other_bytes_are_refused(tmp_path, data):
    with (
        serving(http.whole(data)) as server,
        refused(tmp_path / "a", BadFile, f"other bytes than expected .sha256 {SHA[:12]}"),
    ):
        fetch(server.url, tmp_path / "a", SHA)


def test_same_size_corruption_is_refused(tmp_path):
    with serving(http.whole(FLIPPED)) as server, refused(tmp_path / "a", BadFile, server.url):
        fetch(server.url, tmp_path / "a", SHA, size=len(DATA))


def test_cut_short_without_a_length_is_refused(tmp_path):
    with (
        serving(http.without_length(DATA[:1000])) as server,
        refused(tmp_path / "a", BadFile, "other bytes"),
    ):
        fetch(server.url, tmp_path / "a", SHA)


def test_more_bytes_than_expected_are_refused_as_they_come(tmp_path):
    with (
        serving(http.endless) as server,
        refused(tmp_path / "a", BadFile, "gives more than the 200000 bytes expected; refused"),
    ):
        fetch(server.url, tmp_path / "a", SHA, size=len(DATA))
    assert len(server.asked) == 1


# a connection that breaks


def test_half_is_completed_by_range(tmp_path, waits):
    with serving(http.half(DATA), http.half(DATA), http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert server.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert names(tmp_path) == ["a.bin"]
    assert waits == [1, 2]


def test_what_came_is_kept_for_the_next_call(tmp_path):
    path = tmp_path / "a.bin"
    with serving(http.half(DATA)) as server, pytest.raises(Missing, match="175000 of 200000 bytes"):
        fetch(server.url, path, SHA)
    assert names(tmp_path) == [PART]
    assert (tmp_path / PART).read_bytes() == DATA[:175_000]
    with serving(http.whole(DATA)) as server:
        fetch(server.url, path, SHA)
    assert server.ranges == ["bytes=175000-"]
    assert path.read_bytes() == DATA
    assert names(tmp_path) == ["a.bin"]


def test_server_that_ignores_the_range(tmp_path):
    with serving(http.half(DATA), http.from_the_start(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert server.ranges == [None, "bytes=100000-"]
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_broken_chunks_are_completed(tmp_path):
    with serving(http.chunked(DATA, cut=True), http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert server.ranges == [None, "bytes=100000-"]
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_stalled_server_is_left_and_its_bytes_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 1.0)  # a busy machine must not stall by itself
    start = time.monotonic()
    with serving(http.stalled(DATA, 1234), http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
        assert time.monotonic() - start < 20
    assert server.ranges == [None, "bytes=1234-"]
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_server_that_only_stalls(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.1)
    with (
        serving(http.stalled(DATA, 0)) as server,
        pytest.raises(Missing, match="timed out; without a network, put that file at"),
    ):
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert len(server.asked) == 3
    assert "a.bin" not in names(tmp_path)


@pytest.mark.parametrize("size", [None, len(DATA)])
def test_part_that_was_whole_already(tmp_path, size):
    (tmp_path / PART).write_bytes(DATA)  # killed between the last byte and the rename
    with serving(http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA, size=size)
    assert server.ranges == ([] if size else ["bytes=200000-"])
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("part", [FLIPPED, DATA + b"more", FLIPPED[:500]])
@pytest.mark.parametrize("size", [None, len(DATA)])
def test_part_that_is_wrong_is_refused_once(tmp_path, part, size):
    (tmp_path / PART).write_bytes(part)
    with serving(http.whole(DATA)) as server:
        with refused(tmp_path / "a.bin", BadFile, "other bytes than expected"):
            fetch(server.url, tmp_path / "a.bin", SHA, size=size)
        fetch(server.url, tmp_path / "a.bin", SHA, size=size)
    assert (tmp_path / "a.bin").read_bytes() == DATA


# a server that says no


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_no_is_taken_for_an_answer(tmp_path, waits, code):
    path = tmp_path / "a.bin"
    with serving(http.status(code)) as server, refused(path, Missing, f"HTTP {code} "):
        fetch(server.url, path, SHA)
    assert len(server.asked) == 1
    assert waits == []


def test_error_of_the_server_is_tried_again(tmp_path, waits):
    with serving(http.status(500), http.status(503), http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert len(server.asked) == 3
    assert waits == [1, 2]


def test_error_of_the_server_that_stays(tmp_path):
    with serving(http.status(500)) as server, refused(tmp_path / "a", Missing, "HTTP 500"):
        fetch(server.url, tmp_path / "a", SHA)
    assert len(server.asked) == 3


def test_connection_refused_says_what_to_do(tmp_path, waits):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/a.bin"
    path = tmp_path / "a.bin"
    with refused(path, Missing, "Connection refused") as caught:
        fetch(url, path, SHA)
    assert f"cannot download {url}" in str(caught.value)
    assert f"put that file at {path} (sha256 {SHA})" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert waits == [1, 2]


def test_name_that_no_one_knows(tmp_path):
    with refused(tmp_path / "a", Missing, "cannot download http://none.invalid/a: "):
        fetch("http://none.invalid/a", tmp_path / "a", SHA)


def test_answer_that_is_no_http(tmp_path):
    def nonsense(request):
        request.body(b"220 smtp ready\r\n")

    with serving(nonsense) as server, refused(tmp_path / "a", Missing, "cannot download"):
        fetch(server.url, tmp_path / "a", SHA)


# redirects and other schemes


def test_redirect_loop_ends(tmp_path):
    with serving(http.redirect("/again")) as server, refused(tmp_path / "a", Missing, "HTTP 302"):
        fetch(server.url, tmp_path / "a", SHA)
    assert len(server.asked) < 20


def test_redirect_to_a_file_is_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(DATA)  # the very bytes: only where they come from is wrong
    path = tmp_path / "here" / "a"
    with serving(http.redirect(secret.as_uri())) as server, refused(path, ZooError, "file://"):
        fetch(server.url, path, SHA)


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/a", "data:text/plain,a", "//"])
def test_odd_redirect_is_refused(tmp_path, to):
    with serving(http.redirect(to)) as server, refused(tmp_path / "a", ZooError, "127.0.0.1"):
        fetch(server.url, tmp_path / "a", SHA)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_malformed_redirect_is_refused(tmp_path):
    with serving(http.redirect("http://[::1")) as server, refused(tmp_path / "a", Missing, "IPv6"):
        fetch(server.url, tmp_path / "a", SHA)
    gc.collect()  # urllib forgets to close that connection: say so here, not in the next test


def test_redirect_never_leaves_https():
    answer = io.BytesIO()

    def redirected(old, new):
        return download._Redirect().redirect_request(Request(old), answer, 302, "Found", {}, new)

    for new in ("http://a/x", "HTTP://a/x", "ftp://a/x", "file:///etc/passwd"):
        with pytest.raises(BadFile, match=f"https://a/x redirects to {new}, which is not https"):
            redirected("https://a/x", new)
    with pytest.raises(BadFile, match="refused"):
        redirected("http://a/x", "ftp://a/x")
    assert answer.closed
    assert redirected("https://a/x", "https://b/x").full_url == "https://b/x"
    assert redirected("http://a/x", "https://b/x").full_url == "https://b/x"
    assert redirected("http://a/x", "http://b/x").full_url == "http://b/x"


def test_file_address_is_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(DATA)
    path = tmp_path / "here" / "a"
    with refused(path, BadFile, "only https and http addresses are downloaded"):
        fetch(secret.as_uri(), path, SHA)


@pytest.mark.parametrize("url", ["http://", "http://a b/", "http://127.0.0.1:port/", "http://ä/\n"])
def test_address_that_is_none(tmp_path, url):
    with refused(tmp_path / "a", ZooError, "cannot download http://"):
        fetch(url, tmp_path / "a", SHA)


# disks and folders


@pytest.mark.parametrize("answer", [http.whole, http.chunked])  # in large pieces, in small ones
def test_disk_that_is_full(tmp_path, answer):
    path = tmp_path / "a.bin"
    with serving(answer(DATA)) as server:
        said = in_child(lambda: fetch(server.url, path, SHA), disk=50_000)
    assert said.startswith("CannotWrite: cannot write ")
    assert "File too large; free some space" in said
    assert len(server.asked) == 1  # trying again would not help
    assert not path.exists()


def test_read_only_folder():
    with public_folder() as folder, serving(http.whole(DATA)) as server:
        folder.chmod(0o555)
        said = in_child(lambda: fetch(server.url, folder / "a", SHA), nobody=True)
        assert said.startswith("CannotWrite: cannot write ")
        assert "Permission denied; choose another folder" in said
        assert names(folder) == []
        assert server.asked == []


def test_read_only_folder_that_holds_the_file():
    with public_folder() as folder, serving(http.whole(DATA)) as server:
        (folder / "a").write_bytes(DATA)
        (folder / "b").write_bytes(FLIPPED)
        folder.chmod(0o555)
        said = in_child(lambda: fetch(server.url, folder / "a", SHA), nobody=True)
        assert said == str(folder / "a")
        said = in_child(lambda: fetch(server.url, folder / "b", SHA), nobody=True)
        assert said.startswith("BadFile: ")
        assert server.asked == []


def test_folder_whose_name_is_taken(tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(CannotWrite, match="there is a file of that name"):
        fetch("http://127.0.0.1:9/", tmp_path / "a" / "b", SHA)


# several at once

FETCH = """
import sys
from pathlib import Path
from zoo.download import fetch
fetch(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
"""


def process(url, path):
    return subprocess.Popen([sys.executable, "-c", FETCH, url, str(path), SHA])


def test_many_processes_download_once(tmp_path):
    path = tmp_path / "a.bin"

    def slow(request):
        time.sleep(0.3)
        http.whole(DATA)(request)

    with serving(slow) as server:
        several = [process(server.url, path) for _ in range(6)]
        assert [one.wait(120) for one in several] == [0] * 6
    assert len(server.asked) == 1
    assert path.read_bytes() == DATA
    assert names(tmp_path) == ["a.bin"]


def test_one_that_is_killed_leaves_its_bytes_to_the_next(tmp_path):
    path = tmp_path / "a.bin"
    with serving(http.stalled(DATA, 50_000), http.whole(DATA)) as server:
        first = process(server.url, path)
        wait_for(lambda: (tmp_path / PART).exists() and (tmp_path / PART).stat().st_size == 50_000)
        second = process(server.url, path)
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.5)  # it waits for the first
        first.kill()
        assert first.wait(10) != 0
        assert second.wait(60) == 0
    assert server.ranges == [None, "bytes=50000-"]
    assert path.read_bytes() == DATA
    assert names(tmp_path) == ["a.bin"]


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_lock_of_a_dead_process_holds_no_one_up(tmp_path):
    (tmp_path / ".a.bin.lock").touch()
    with serving(http.whole(DATA)) as server:
        fetch(server.url, tmp_path / "a.bin", SHA)
    assert names(tmp_path) == ["a.bin"]


def test_exclusive_excludes_other_threads(tmp_path):
    inside, crowd, rounds = [], [], []

    def work(me):
        for _ in range(40):
            with exclusive(tmp_path / "a"):
                inside.append(me)
                time.sleep(0.0005)
                crowd.extend(inside[1:])
                inside.remove(me)
                rounds.append(me)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crowd == []
    assert len(rounds) == 240
    assert names(tmp_path) == []


# ---- slow servers, and those who wait -----------------------------------------------------------


def dribble(data, seconds):
    """A byte at a time, which no timeout of a socket ever notices."""

    def answer(request):
        request.head(200, Content_Length=len(data))
        for at in range(len(data)):
            if request.over.wait(seconds):
                return
            request.body(data[at : at + 1])

    return answer


def slow_header(request):
    """Header lines that never end."""
    request.handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not request.over.wait(0.02):
        request.handler.wfile.write(b"X-More: 1\r\n")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(download_limits, "WINDOW", 0.15)


def test_a_server_that_dribbles_is_left(tmp_path, quick):
    with serving(dribble(DATA, 0.01)) as server:
        began = time.monotonic()
        with pytest.raises(Missing, match=r"less than 1000 bytes a second.*ZOO_DOWNLOAD_RATE"):
            fetch(server.url, tmp_path / "a.bin", SHA)
    assert time.monotonic() - began < 5
    assert len(server.asked) == download.TRIES
    assert (tmp_path / PART).stat().st_size > 0  # kept for a better day


def test_the_lowest_rate_is_set_by_the_environment(tmp_path, quick, monkeypatch):
    monkeypatch.setenv("ZOO_DOWNLOAD_RATE", "5")
    few = DATA[:40]
    with serving(dribble(few, 0.01)) as server:
        fetch(server.url, tmp_path / "a.bin", hashlib.sha256(few).hexdigest())
    assert (tmp_path / "a.bin").read_bytes() == few


def test_a_download_ends_after_its_longest_time(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DOWNLOAD_SECONDS", "0.3")
    with serving(dribble(DATA, 0.01)) as server:
        began = time.monotonic()
        with pytest.raises(Missing, match=r"not complete after 0.3 s \(ZOO_DOWNLOAD_SECONDS\)"):
            fetch(server.url, tmp_path / "a.bin", SHA)
    assert time.monotonic() - began < 5
    assert len(server.asked) == 1


def test_a_header_that_never_ends_is_cut_off(tmp_path, quick):
    with serving(slow_header) as server:
        began = time.monotonic()
        with pytest.raises(Missing, match="less than 1000 bytes a second"):
            fetch(server.url, tmp_path / "a.bin", SHA)
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
def test_a_limit_that_is_none_is_refused(tmp_path, value, monkeypatch):
    monkeypatch.setenv("ZOO_DOWNLOAD_SECONDS", value)
    with refused(tmp_path / "a.bin", BadInput, "ZOO_DOWNLOAD_SECONDS must be a number above 0"):
        fetch("http://127.0.0.1:1/", tmp_path / "a.bin", SHA)


def test_who_waits_is_told_once_for_whom_and_since_when(tmp_path, capsys):
    path = tmp_path / "a.bin"
    with serving(http.whole(DATA)) as server:
        with exclusive(path):
            (tmp_path / ".a.bin.lock").write_text(f"4711 {time.time() - 90:.0f}")
            waiting = threading.Thread(target=fetch, args=(server.url, path, SHA))
            waiting.start()
            time.sleep(0.3)
            assert not path.exists()
        waiting.join(10)
    assert path.read_bytes() == DATA
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"note: waiting for a.bin, which process 4711, for 9\d s now, is getting\n", said
    )


@pytest.mark.parametrize("held", ["", "who", "1 x", "\xff\x1b[31m", "1 " + "9" * 60])
def test_an_odd_lock_is_waited_for_too(held, tmp_path, capsys):
    with exclusive(tmp_path / "a"):
        (tmp_path / ".a.lock").write_text(held)
        waiting = threading.Thread(target=lambda: exclusive(tmp_path / "a").__enter__())
        waiting.start()
        time.sleep(0.1)
    waiting.join(10)
    assert "note: waiting for a, which " in capsys.readouterr().err


def test_a_lock_that_is_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / ".a.bin.lock")
    with pytest.raises(CannotWrite, match="it is a named pipe"):
        fetch("http://127.0.0.1:1/", tmp_path / "a.bin", SHA)
