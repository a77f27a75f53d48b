"""Readers take regular files of a size that is allowed, and never wait or fill the memory."""

import bz2
import gzip
import lzma
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from zoo import cards, files, reading, streams
from zoo.data.audio.manifest import read_manifest
from zoo.data.audio.read import read as read_sound
from zoo.data.image.read import read as read_image
from zoo.data.own.csv_table import read_table
from zoo.data.own.text_classification import TEXTS
from zoo.data.text.conll import read_conll
from zoo.data.text.corpus import Corpus
from zoo.data.text.token_stream import read_text
from zoo.data.text.word_tests import read_words
from zoo.data.vectors import files as vector_files
from zoo.decoding import arpa
from zoo.engine import log
from zoo.errors import BadFile, BadInput, Missing
from zoo.pretrained.verify import checked_bytes

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
READERS = {
    "bytes": lambda path: reading.read_bytes(path, "a file", 1000),
    "text": read_text,
    "table": lambda path: read_table(path, TEXTS),
    "manifest": read_manifest,
    "tags": read_conll,
    "card": cards.read,
    "log": log.read,
    "corpus": lambda path: Corpus(path).counts,
    "vectors": vector_files.read,
    "n-grams": arpa.read,
    "weights": lambda path: checked_bytes(path, "0" * 64),
    "sound": read_sound,
    "image": read_image,
    "words": read_words,
    "digest": files.sha256,
}


def zipped(path, **contents):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def everything(path, most=1000):
    with reading.unpacked(path, "a text", most) as file:
        return file.read()


# ---- what is no file ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", READERS)
def test_a_named_pipe_is_refused_without_waiting(name, tmp_path):
    """Opening it would wait for a writer for ever."""
    os.mkfifo(path := tmp_path / "pipe")
    with pytest.raises(BadFile, match="is a named pipe; expected"):
        READERS[name](path)


@pytest.mark.parametrize("name", READERS)
def test_devices_links_to_them_and_sockets_are_refused(name, tmp_path):
    (link := tmp_path / "link").symlink_to("/dev/zero")
    for path in (Path("/dev/zero"), Path("/dev/random"), link):
        with pytest.raises(BadFile, match="is a device; expected"):
            READERS[name](path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(BadFile, match="is a socket; expected"):
            READERS[name](tmp_path / "socket")


@pytest.mark.parametrize("name", READERS)
def test_none_a_folder_and_impossible_names_are_one_line(name, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    odd = [tmp_path / "loop", tmp_path / ("n" * 300), tmp_path / "a\0b"]
    for path in (tmp_path / "none", tmp_path / "none" / "x", *odd):
        with pytest.raises((Missing, BadFile)) as caught:
            READERS[name](path)
        assert "\n" not in str(caught.value)
    if name != "corpus":  # which may be a folder of texts
        with pytest.raises(BadFile, match="is a folder; expected"):
            READERS[name](tmp_path)


def test_the_check_without_opening_refuses_the_same(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("x")
    assert reading.check(tmp_path / "file", "a text") is None
    assert reading.is_file(tmp_path / "file")
    for name, error in {"pipe": BadFile, "none": Missing, "a\0b": BadFile}.items():
        assert not reading.is_file(tmp_path / name)
        with pytest.raises(error, match="expected a text"):
            reading.check(tmp_path / name, "a text")


# ---- sizes --------------------------------------------------------------------------------------


def test_a_file_of_as_many_bytes_is_read_and_one_more_is_not(tmp_path):
    (path := tmp_path / "a.txt").write_bytes(b"x" * 1000)
    assert everything(path) == reading.read_bytes(path, "a text", 1000) == b"x" * 1000
    with pytest.raises(BadFile, match=r"has 1,000 bytes; of a text at most 999 are read"):
        everything(path, 999)


def test_the_limit_can_be_raised_by_the_environment(tmp_path, monkeypatch):
    (path := tmp_path / "a.txt").write_bytes(b"x" * 1000)
    monkeypatch.setenv("ZOO_MAX_BYTES", "1000")
    assert everything(path, 10) == b"x" * 1000
    monkeypatch.setenv("ZOO_MAX_BYTES", "much")
    with pytest.raises(BadInput, match="ZOO_MAX_BYTES must be a number of bytes, got 'much'"):
        everything(path, 10)


def test_a_sparse_file_of_a_terabyte_is_refused_by_its_size(tmp_path):
    path = tmp_path / "huge"
    path.touch()
    os.truncate(path, 1 << 40)
    for name in set(READERS) - {"log"}:  # zeros end a log
        with pytest.raises(BadFile, match="has 1,099,511,627,776 bytes|cut short or altered"):
            READERS[name](path)


def test_a_file_that_grows_while_it_is_read_is_cut_off(tmp_path):
    (path := tmp_path / "a").write_bytes(b"x" * 10)
    with reading.opened(path, "a text", 1 << 18) as file, path.open("ab") as more:
        more.write(b"y" * (1 << 20))
        more.flush()
        with pytest.raises(BadFile, match="has more than 262,144 bytes"):
            file.read()


# ---- packed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PACK)
def test_packed_text_is_unpacked_whatever_its_name(kind, tmp_path):
    (path := tmp_path / "a.txt").write_bytes(PACK[kind](b"hello"))
    assert everything(path) == b"hello"
    assert read_text(path) == "hello"


def test_a_zip_of_one_file_is_unpacked_and_others_are_refused(tmp_path):
    assert everything(zipped(tmp_path / "one.zip", a=b"hello")) == b"hello"
    finder = zipped(tmp_path / "mac.zip", **{"a": b"hello", "__MACOSX/._a": b"of Finder"})
    assert everything(finder) == b"hello"
    for count, names in {2: {"a": b"x", "b": b"y"}, 0: {}}.items():
        path = zipped(tmp_path / f"{count}.zip", **names)
        with pytest.raises(BadFile, match=f"is a zip of {count} files; unpack it and name one"):
            everything(path)


@pytest.mark.parametrize("kind", [*PACK, "zip"])
def test_unpacked_bytes_are_counted(kind, tmp_path):
    path = tmp_path / "bomb"
    if kind == "zip":
        zipped(path, a=b"x" * 5000)
    else:
        path.write_bytes(PACK[kind](b"x" * 5000))
    with pytest.raises(BadFile, match="unpacks to more than 1,000 bytes; of a text"):
        everything(path)


@pytest.mark.parametrize("kind", PACK)
def test_a_bomb_is_refused_by_its_ratio_long_before_the_limit(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "FREE", 100_000)
    path = tmp_path / "bomb.txt"
    path.write_bytes(PACK[kind](b"a " * 400_000))
    with pytest.raises(BadFile, match=r"unpacks to more than 1\d\d,\d\d\d bytes"):
        Corpus(path).counts  # noqa: B018 - reads


@pytest.mark.parametrize("kind", [*PACK, "zip"])
def test_damaged_archives_are_one_line(kind, tmp_path):
    path = tmp_path / "a"
    data = b"".join(i.to_bytes(4, "little") for i in range(100))
    whole = zipped(path, a=data).read_bytes() if kind == "zip" else PACK[kind](data)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadFile, match=f"damaged {kind} file|is a zip that cannot be read") as said:
        everything(path)
    assert "\n" not in str(said.value)


def test_archives_of_data_sets_are_measured_before_a_member_is_read(tmp_path):
    path = zipped(tmp_path / "set.zip", a=b"x" * 600, b=b"y" * 600)
    with reading.zip_archive(path, "a set", 1200) as archive:
        assert archive.read("a") == b"x" * 600
    refused = pytest.raises(BadFile, match="unpacks to 1,200 bytes; of a set at most 1,199")
    with refused, reading.zip_archive(path, "a set", 1199):
        pass


def test_zero_bytes_are_no_text(tmp_path):
    (path := tmp_path / "a.txt").write_bytes(b"one\ntwo\0")
    with pytest.raises(BadFile, match=r"line 2: byte 7 is 0x00"):
        read_text(path)
    with pytest.raises(BadFile, match=r"a.txt line 2: byte 7 is 0x00; is it text\?"):
        list(Corpus(path).sentences())


# ---- streams ------------------------------------------------------------------------------------


def pipe_of(data):
    """The path of a pipe that gives ``data``."""
    out, into = os.pipe()
    os.write(into, data)
    os.close(into)
    return Path(f"/dev/fd/{out}")


def test_a_pipe_of_the_user_is_read_whole_and_as_often_as_needed():
    path = pipe_of(b"one two\nthree\n")
    assert reading.is_file(path)
    assert read_text(path) == "one two\nthree\n"
    assert dict(Corpus(path).counts) == {"one": 1, "two": 1, "three": 1}
    assert len(files.sha256(path)) == 64


def test_a_packed_pipe_and_a_table_from_a_pipe():
    assert everything(pipe_of(gzip.compress(b"hello"))) == b"hello"
    [row] = read_table(pipe_of(b"text,label\nfine,good\n"), TEXTS).rows
    assert (row.content, row.label) == ("fine", "good")


def test_a_pipe_with_too_much_is_refused_at_each_reading():
    path = pipe_of(b"x" * 5000)
    for _ in range(2):
        with pytest.raises(BadFile, match=r"goes on beyond 1,000 bytes"):
            everything(path)


def test_readers_of_one_pipe_have_places_of_their_own():
    path = pipe_of(b"abcdef")
    with reading.opened(path, "x", 10) as one, reading.opened(path, "x", 10) as other:
        assert (one.read(2), other.read(3), one.read(2)) == (b"ab", b"abc", b"cd")
        assert (one.seek(-1, os.SEEK_END), one.read()) == (5, b"f")


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_by_all_its_names(name):
    code = "import sys; from zoo import reading; print(reading.read_text(sys.argv[1], 'a', 9))"
    for data in (b"hello", b"0123456789"):
        got = subprocess.run(
            [sys.executable, "-c", code, name], input=data, capture_output=True, check=False
        )
        assert (got.stdout == b"hello\n") == (data == b"hello")
        assert (b"goes on beyond 9 bytes" in got.stderr) == (data != b"hello")


def test_only_descriptors_are_streams():
    known = {"-": 0, "/dev/stdin": 0, "/dev/fd/63": 63, "/proc/self/fd/3": 3}
    assert {name: streams.descriptor(name) for name in known} == known
    assert {streams.descriptor(name) for name in ("a", "/dev/tty", "/dev/fd/x", "--")} == {None}
    with pytest.raises(BadFile, match="/dev/fd/987: Bad file descriptor"):
        reading.read_bytes("/dev/fd/987", "a text", 9)
