"""The binary version of CIFAR-10, and archives that try to write where they should not."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.data import server as http
from tests.data.server import serving
from zoo import download
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.datasets import cifar10
from zoo.datasets.cifar10 import (
    BATCHES,
    CLASSES,
    FOLDER,
    RECORD,
    read,
    unpack,
    without_mean_picture,
)
from zoo.errors import BadFile, Missing

NAMES = (*BATCHES, "test_batch.bin")
SMALL = 10_000  # bytes of a file whose records are one byte long


def records(count, seed=0):
    """(count, 3073) bytes: a label and 3,072 values."""
    data = np.random.default_rng(seed).integers(0, 256, (count, RECORD), dtype=np.uint8)
    data[:, 0] %= 10
    return data


# reading


def test_read_gives_the_bytes(tmp_path):
    data = records(7)
    data.tofile(tmp_path / "a.bin")
    pictures = read(tmp_path / "a.bin")
    assert pictures.pixels.shape == (7, 3, 32, 32)
    assert pictures.pixels.dtype == torch.uint8
    assert pictures.labels.dtype == torch.int64
    assert pictures.labels.tolist() == data[:, 0].tolist()
    assert pictures.classes == CLASSES
    red, green, blue = (data[3, 1 + 1024 * c :][:1024].reshape(32, 32) for c in range(3))
    assert np.array_equal(pictures.pixels[3].numpy(), np.stack([red, green, blue]))


def test_several_files_are_joined_in_order(tmp_path):
    records(3, 1).tofile(tmp_path / "a.bin")
    records(4, 2).tofile(tmp_path / "b.bin")
    both = read(tmp_path / "a.bin", tmp_path / "b.bin")
    assert both.labels.tolist() == [*records(3, 1)[:, 0], *records(4, 2)[:, 0]]
    assert torch.equal(both.pixels[3:], read(tmp_path / "b.bin").pixels)


@pytest.mark.parametrize("size", [0, 1, RECORD - 1, 2 * RECORD - 1, 2 * RECORD + 1])
def test_file_that_is_cut_short_is_named(tmp_path, size):
    (tmp_path / "a.bin").write_bytes(bytes(size))
    with pytest.raises(
        BadFile, match=rf"a\.bin is cut short: {size} bytes, not a multiple of 3073"
    ):
        read(tmp_path / "a.bin")


@pytest.mark.parametrize("label", [10, 255])
def test_label_beyond_9_is_refused(tmp_path, label):
    data = records(3)
    data[1, 0] = label
    data.tofile(tmp_path / "a.bin")
    with pytest.raises(
        BadFile, match=rf"a\.bin is not CIFAR-10: .* label {label}, expected 0 to 9"
    ):
        read(tmp_path / "a.bin")


def test_splits(tmp_path, monkeypatch):
    for number, name in enumerate(BATCHES):
        records(1002, number).tofile(tmp_path / name)
    records(8, 9).tofile(tmp_path / "test_batch.bin")
    monkeypatch.setattr(cifar10, "ensure", lambda root: tmp_path)
    data = cifar10.cifar10()
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 10, "dev": 5000, "test": 8}
    assert data.test.labels.tolist() == records(8, 9)[:, 0].tolist()
    assert data.front_end.input_shape == (3, 32, 32)
    everything = read(*(tmp_path / name for name in BATCHES)).pixels
    both = torch.cat([data.train.pixels, data.dev.pixels])
    assert torch.equal(prints(both).sort().values, prints(everything).sort().values)
    assert prints(both).unique().numel() == 5010  # all different, so none is in both


def prints(pixels):
    """A number for each picture."""
    weights = torch.arange(1, 3073, dtype=torch.int64) ** 3
    return (pixels.flatten(1).long() * weights).sum(1)


def test_real_part(zoo_data):
    folder = zoo_data / "cifar10_subset"
    if not folder.is_dir():
        pytest.skip(f"no cifar10_subset in {zoo_data}")
    train, test = read(folder / "train_first4000.bin"), read(folder / "test_first1000.bin")
    assert (len(train), len(test)) == (4000, 1000)
    first = [CLASSES[label] for label in test.labels[:8]]
    assert first == ["cat", "ship", "ship", "airplane", "frog", "frog", "automobile", "frog"]
    assert CLASSES[train.labels[0]] == "frog"
    assert train.labels.bincount().min() > 350
    data = np.fromfile(folder / "test_first1000.bin", np.uint8).reshape(-1, 3073)
    assert np.array_equal(test.pixels.numpy(), data[:, 1:].reshape(-1, 3, 32, 32))
    mean = train.pixels.double().mean(dim=(0, 2, 3)) / 255
    torch.testing.assert_close(
        mean, torch.tensor(cifar10.FRONT_END.mean).double(), atol=0.01, rtol=0
    )


# archives


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(cifar10, "RECORD", 1)


def member(name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, io.BytesIO(data)


def packed(path, *members):
    with tarfile.open(path, "w:gz") as archive:
        for info, data in members:
            archive.addfile(info, data)
    return path


def content(name):
    """Bytes that only the file of that name has."""
    return (name.encode() * SMALL)[:SMALL]


def good(folder="cifar-10-batches-bin"):
    return [member(f"{folder}/{name}", content(name)) for name in NAMES]


def everything_below(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


@pytest.mark.usefixtures("_small")
def test_unpack_takes_only_what_is_asked_for(tmp_path):
    extra = member("cifar-10-batches-bin/readme.html", b"<html>")
    archive = packed(tmp_path / "a.tar.gz", *good(), extra)
    unpack(archive, tmp_path / "out", ["data_batch_2.bin", "test_batch.bin"])
    assert everything_below(tmp_path / "out") == ["data_batch_2.bin", "test_batch.bin"]
    for name in ("data_batch_2.bin", "test_batch.bin"):
        assert (tmp_path / "out" / name).read_bytes() == content(name)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("prefix", ["../", "../../", "/", "a/../../../", "{tmp}/"])
def test_archive_cannot_choose_where_it_is_written(tmp_path, prefix):
    inner = tmp_path / "deep" / "inner"
    inner.mkdir(parents=True)
    name = prefix.format(tmp=tmp_path) + "data_batch_1.bin"
    archive = packed(inner / "a.tar.gz", member(name, content("data_batch_1.bin")))
    unpack(archive, inner / "out", ["data_batch_1.bin"])
    assert everything_below(tmp_path) == [
        "deep",
        "deep/inner",
        "deep/inner/a.tar.gz",
        "deep/inner/out",
        "deep/inner/out/data_batch_1.bin",
    ]


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_what_is_no_regular_file_is_refused(tmp_path, kind):
    secret = tmp_path / "secret"
    secret.write_bytes(content("secret"))
    odd = member("x/data_batch_1.bin", type=kind, linkname=str(secret))
    archive = packed(tmp_path / "a.tar.gz", odd)
    with pytest.raises(BadFile, match=r"a\.tar\.gz has no data_batch_1\.bin of 10000 bytes"):
        unpack(archive, tmp_path / "out", ["data_batch_1.bin"])
    assert everything_below(tmp_path / "out") == []
    assert secret.read_bytes() == content("secret")


@pytest.mark.usefixtures("_small")
def test_file_behind_a_symlink_stays_inside(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    link = member("link", type=tarfile.SYMTYPE, linkname=str(outside))
    behind = member("link/data_batch_1.bin", content("data_batch_1.bin"))
    unpack(packed(tmp_path / "a.tar.gz", link, behind), tmp_path / "out", ["data_batch_1.bin"])
    assert everything_below(outside) == []
    assert everything_below(tmp_path / "out") == ["data_batch_1.bin"]


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("size", [0, SMALL - 1, SMALL + 1])
def test_member_of_another_size_is_refused(tmp_path, size):
    archive = packed(tmp_path / "a.tar.gz", member("data_batch_1.bin", bytes(size)))
    with pytest.raises(BadFile, match="of 10000 bytes; remove it"):
        unpack(archive, tmp_path / "out", ["data_batch_1.bin"])
    assert everything_below(tmp_path / "out") == []


# fetching


@pytest.fixture
def archive(tmp_path, monkeypatch, _small):
    """A small archive that ``ensure`` takes for the official one."""
    data = packed(tmp_path / "made.tar.gz", *good()).read_bytes()
    (tmp_path / "made.tar.gz").unlink()
    monkeypatch.setattr(cifar10, "SHA256", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(cifar10, "SIZE", len(data))
    monkeypatch.setattr(download, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setenv("no_proxy", "*")
    return data


def test_archive_is_fetched_once_and_removed(tmp_path, archive, monkeypatch):
    with serving(http.whole(archive)) as server:
        monkeypatch.setattr(cifar10, "URL", server.url)
        assert cifar10.ensure(tmp_path) == tmp_path / FOLDER
        cifar10.ensure(tmp_path)
    assert len(server.asked) == 1
    assert os.listdir(tmp_path) == [FOLDER]
    assert {p.name: p.read_bytes() for p in (tmp_path / FOLDER).iterdir()} == {
        name: content(name) for name in NAMES
    }


def test_half_unpacked_set_is_completed(tmp_path, archive, monkeypatch):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "data_batch_1.bin").write_bytes(bytes(SMALL))  # there already
    with serving(http.whole(archive)) as server:
        monkeypatch.setattr(cifar10, "URL", server.url)
        cifar10.ensure(tmp_path)
    assert everything_below(tmp_path / FOLDER) == sorted(NAMES)
    assert (tmp_path / FOLDER / "data_batch_1.bin").read_bytes() == bytes(SMALL)
    assert (tmp_path / FOLDER / "test_batch.bin").read_bytes() == content("test_batch.bin")


@pytest.mark.parametrize("name", NAMES)
def test_file_cut_at_a_record_is_refused(tmp_path, archive, name):
    (tmp_path / FOLDER).mkdir()
    for each in NAMES:
        (tmp_path / FOLDER / each).write_bytes(bytes(SMALL))
    (tmp_path / FOLDER / name).write_bytes(bytes(SMALL - 1))
    with pytest.raises(
        BadFile, match=f"{name} is cut short: 9999 bytes, expected 10000; remove it"
    ):
        cifar10.ensure(tmp_path)


def test_no_network_names_address_and_file(tmp_path, archive, monkeypatch):
    monkeypatch.setattr(cifar10, "URL", "http://127.0.0.1:9/cifar-10-binary.tar.gz")
    with pytest.raises(Missing) as caught:
        cifar10.ensure(tmp_path)
    assert "cannot download http://127.0.0.1:9/cifar-10-binary.tar.gz" in str(caught.value)
    assert f"put that file at {tmp_path / 'cifar-10-binary.tar.gz'}" in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_other_archive_is_refused(tmp_path, archive, monkeypatch):
    other = gzip.compress(b"other")
    with serving(http.whole(other)) as server:
        monkeypatch.setattr(cifar10, "URL", server.url)
        with pytest.raises(BadFile, match="other bytes"):
            cifar10.ensure(tmp_path)
    assert os.listdir(tmp_path) == []


def test_several_at_once(tmp_path, archive, monkeypatch):
    failed = []

    def work():
        try:
            cifar10.ensure(tmp_path)
        except BaseException as error:
            failed.append(error)

    with serving(http.whole(archive)) as server:
        monkeypatch.setattr(cifar10, "URL", server.url)
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(server.asked) == 1
    assert os.listdir(tmp_path) == [FOLDER]


def test_the_mean_picture_is_subtracted_and_nothing_else():
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (5, 3, 32, 32), generator=draw, dtype=torch.uint8)
    front_end = without_mean_picture(Images(pixels, torch.arange(5), CLASSES))
    normal = front_end.normalise(pixels)
    expected = (pixels.double() - pixels.double().mean(0)) / 255
    assert (normal - expected).abs().max() < 1e-4
    assert front_end.input_shape == (3, 32, 32)
    again = ImageFrontEnd.from_card(json.loads(json.dumps(front_end.to_card())))
    assert torch.equal(again.normalise(pixels), normal)
