"""The idx files: read to the byte, fetched once, refused when they are not what they should be."""

import gzip
import hashlib
import os
import random
import socket
import struct
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.data import server as http
from tests.data.server import serving
from zoo import download
from zoo.data.image.mnist_format import PARTS, Source, ensure, read
from zoo.data.splits import divide
from zoo.errors import BadFile, CannotWrite, Missing

DIGITS = tuple("0123456789")
TRAIN, TEST = 24, 6


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "time", SimpleNamespace(sleep=lambda seconds: None))


def idx():
    """Four tiny files in the format of yann.lecun.com/exdb/mnist, with every byte different."""
    made, draw = {}, random.Random(0)
    for count, (images, labels) in ((TRAIN, PARTS[:2]), (TEST, PARTS[2:])):
        made[images] = struct.pack(">IIII", 2051, count, 28, 28) + draw.randbytes(count * 28 * 28)
        made[labels] = struct.pack(">II", 2049, count) + bytes(n % 10 for n in range(count))
    return made


IDX = idx()
PACKED = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in IDX.items()}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def source(url="http://127.0.0.1:9/"):
    return Source(
        name="MNIST",
        url=url,
        licence="none",
        sha256=tuple(sha256(IDX[name]) for name in PARTS),
        packed=tuple(sha256(PACKED[f"{name}.gz"]) for name in PARTS),
    )


def raw(folder):
    return folder / "MNIST" / "raw"


def check_real_set(folder, name, load):
    """The published files, divided without loss; the set."""
    from torchvision import datasets

    if not (folder / name / "raw" / PARTS[0]).exists():
        pytest.skip(f"no {name} in {folder}")
    data = load()
    assert {k: len(v) for k, v in data.parts().items()} == {
        "train": 55_000,
        "dev": 5_000,
        "test": 10_000,
    }
    train, test = (getattr(datasets, name)(folder, train=half) for half in (True, False))
    assert torch.equal(data.test.pixels[:, 0], test.data)
    assert torch.equal(data.test.labels, test.targets)
    index = divide(60_000, {"train": 0, "dev": 5_000})
    assert len(set(index["train"].tolist()) | set(index["dev"].tolist())) == 60_000
    for part in ("train", "dev"):
        assert torch.equal(data.parts()[part].pixels[:, 0], train.data[index[part]])
        assert torch.equal(data.parts()[part].labels, train.targets[index[part]])
    return data


@pytest.fixture
def folder(tmp_path):
    raw(tmp_path).mkdir(parents=True)
    for name, data in IDX.items():
        (raw(tmp_path) / name).write_bytes(data)
    return tmp_path


# reading


@pytest.mark.parametrize(("train", "images", "labels"), [(True, *PARTS[:2]), (False, *PARTS[2:])])
def test_read_gives_the_bytes(folder, train, images, labels):
    pictures = read("MNIST", folder, train, DIGITS)
    right = np.frombuffer(IDX[images], np.uint8, offset=16).reshape(-1, 1, 28, 28)
    assert pictures.pixels.dtype == torch.uint8
    assert np.array_equal(pictures.pixels.numpy(), right)
    assert pictures.labels.dtype == torch.int64
    assert pictures.labels.tolist() == list(IDX[labels][8:])
    assert pictures.classes == DIGITS


def test_read_pads_with_black(folder):
    plain, padded = (read("MNIST", folder, True, DIGITS, pad) for pad in (0, 2))
    assert padded.pixels.shape == (TRAIN, 1, 32, 32)
    assert torch.equal(padded.pixels[:, :, 2:-2, 2:-2], plain.pixels)
    assert padded.pixels.long().sum() == plain.pixels.long().sum()


# what is refused


@pytest.mark.parametrize("name", PARTS[:2])
@pytest.mark.parametrize(
    "change",
    [lambda data: data[:3], lambda data: data[:-1], lambda data: data + b"\0",
     lambda data: b"\0\0\x0d" + data[3:], lambda data: data[:4] + b"\xff" * 4 + data[8:]],
    ids=["no header", "cut", "longer", "floats", "a negative size"],
)  # fmt: skip
def test_what_is_no_idx_file_is_named(folder, name, change):
    path = raw(folder) / name
    path.write_bytes(change(IDX[name]))
    with pytest.raises(BadFile, match=rf"{name} is no idx file of bytes in \d dimensions"):
        read("MNIST", folder, True, DIGITS)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "longer"])
def test_damaged_file_is_named(folder, name, damage):
    path, data = raw(folder) / name, IDX[name]
    flipped = data[:-1] + bytes([data[-1] ^ 1])
    bad = {"cut": data[:-3], "flip": flipped, "empty": b"", "longer": data + b"\0"}[damage]
    path.write_bytes(bad)
    with pytest.raises(BadFile) as caught:
        ensure(source(), folder)
    said = str(caught.value)
    assert said.startswith(f"{path} ({len(bad)} bytes) is cut short or altered")
    assert f"sha256 {sha256(bad)[:12]}..., expected {sha256(data)[:12]}..." in said
    assert "remove it" in said
    assert path.read_bytes() == bad  # it is the user's to remove


def test_no_network_names_file_address_and_folder(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(Missing) as caught:
        ensure(source(url), tmp_path)
    said = str(caught.value)
    assert f"cannot download {url}{PARTS[0]}.gz" in said
    assert f"put that file at {raw(tmp_path) / PARTS[0]}.gz" in said
    assert os.listdir(raw(tmp_path)) == []


def test_archive_that_the_user_put_there(tmp_path):
    raw(tmp_path).mkdir(parents=True)
    for name, data in PACKED.items():
        (raw(tmp_path) / name).write_bytes(data)
    ensure(source("http://none.invalid/"), tmp_path)  # as the error above asks for
    assert {p.name: p.read_bytes() for p in raw(tmp_path).iterdir()} == IDX


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "MNIST").write_bytes(b"mine")
    with pytest.raises(CannotWrite, match="MNIST/raw"):
        ensure(source(), tmp_path)


# fetching


def test_files_are_fetched_once_and_unpacked(tmp_path):
    with serving(http.files(PACKED)) as server:
        ensure(source(server.url), tmp_path)
        ensure(source(server.url), tmp_path)
    assert [request.path for request in server.asked] == [f"/{name}.gz" for name in PARTS]
    assert {p.name: p.read_bytes() for p in raw(tmp_path).iterdir()} == IDX
    assert len(read("MNIST", tmp_path, True, DIGITS)) == TRAIN


def test_only_the_missing_file_is_fetched(folder):
    (raw(folder) / PARTS[2]).unlink()
    with serving(http.files(PACKED)) as server:
        ensure(source(server.url), folder)
    assert [request.path for request in server.asked] == [f"/{PARTS[2]}.gz"]
    assert (raw(folder) / PARTS[2]).read_bytes() == IDX[PARTS[2]]


def test_other_bytes_from_the_server_are_refused(tmp_path):
    other = gzip.compress(b"other", mtime=0)
    with serving(http.whole(other)) as server, pytest.raises(BadFile, match=f"{PARTS[0]}.gz gave"):
        ensure(source(server.url), tmp_path)
    assert os.listdir(raw(tmp_path)) == []


def test_archive_that_holds_another_file_is_refused(tmp_path):
    other = gzip.compress(b"other", mtime=0)
    wrong = Source("MNIST", "", "", source().sha256, (sha256(other), *source().packed[1:]))
    with serving(http.whole(other)) as server, pytest.raises(BadFile, match=r"\(5 bytes\)"):
        ensure(Source("MNIST", server.url, "", wrong.sha256, wrong.packed), tmp_path)


def test_several_at_once(tmp_path):
    failed = []

    def work():
        try:
            ensure(here, tmp_path)
        except BaseException as error:
            failed.append(error)

    with serving(http.files(PACKED)) as server:
        here = source(server.url)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(server.asked) == 4
    assert {p.name: p.read_bytes() for p in raw(tmp_path).iterdir()} == IDX


def tiny_set(folder, monkeypatch, module):
    """Four tiny idx files in ``folder`` in place of the published ones of a data set's module."""
    raw = folder / module.SOURCE.name / "raw"
    raw.mkdir(parents=True)
    for name, data in IDX.items():
        (raw / name).write_bytes(data)
    monkeypatch.setattr(module, "SOURCE", replace(module.SOURCE, sha256=source().sha256))
    monkeypatch.setenv("ZOO_DATA", str(folder))
    return folder


def check_splits(folder, data, again):
    """Two readings of ``tiny_set``, framed by 2: parts are disjoint, complete, the same."""
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 22, "dev": 2, "test": 6}
    assert data.front_end.input_shape == data.train.pixels.shape[1:] == (1, 32, 32)
    both = torch.cat([data.train.pixels, data.dev.pixels]).flatten(1).tolist()
    everything = read(data.name, folder, True, data.train.classes, 2).pixels
    assert sorted(both) == sorted(everything.flatten(1).tolist())
    assert data.digest() == again.digest()
