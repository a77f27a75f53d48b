"""Sentence polarity: the archive as it is distributed, damaged, and absent."""

import io
import tarfile
import zipfile

import pytest

from zoo.datasets import polarity as module
from zoo.datasets.polarity import CLASSES, divided, polarity, read
from zoo.errors import BadFile, Missing


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder for archives of three sentences a class."""
    monkeypatch.setattr(module, "EACH", 3)
    monkeypatch.setattr(module, "KNOWN", dict.fromkeys(module.KNOWN))
    return tmp_path


def packed(folder, good, bad, name="rt-polaritydata.tar.gz"):
    files = {"rt-polaritydata/rt-polarity.pos": good, "rt-polaritydata/rt-polarity.neg": bad}
    if name.endswith("zip"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            for inside, data in files.items():
                archive.writestr(inside, data)
        return
    with tarfile.open(folder / name, "w:gz") as archive:
        for inside, data in files.items():
            info = tarfile.TarInfo(inside)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize("name", ["rt-polaritydata.tar.gz", "sentence_polarity.zip"])
def test_the_authors_latin_1_and_the_copies_utf_8(small, name):
    latin, utf = "ein\nclich\xe9 .\nb\x85c\n".encode("latin-1"), "a\r\nclich\xe9\r\n\r\nc".encode()
    packed(small, latin, utf, name)
    found = read(small)
    assert found["positive"] == ["ein", "clich\xe9 .", "b\x85c"]
    assert found["negative"] == ["a", "clich\xe9", "c"]


def test_what_is_wrong_is_said(small, monkeypatch):
    with pytest.raises(
        Missing, match=r"sentence_polarity.zip or .* in .*: download https://www.cs"
    ):
        read(small)
    packed(small, b"a\nb\n", b"a\nb\nc\n")
    with pytest.raises(BadFile, match="2 sentences of a class, expected 3"):
        read(small)
    (small / "rt-polaritydata.tar.gz").write_bytes(b"no archive")
    with pytest.raises(BadFile, match="is damaged"):
        read(small)
    (small / "sentence_polarity.zip").write_bytes(b"no archive")
    with pytest.raises(BadFile, match="is damaged"):
        read(small)
    with zipfile.ZipFile(small / "sentence_polarity.zip", "w") as archive:
        archive.writestr("other", "x")
    with pytest.raises(BadFile, match=r"holds no 'rt-polarity.neg'"):
        read(small)
    monkeypatch.setattr(module, "KNOWN", {"sentence_polarity.zip": "0" * 64})
    with pytest.raises(BadFile, match="its sha256 is not 000000000000"):
        read(small)


def test_the_last_tenth_of_each_class_is_the_test_set():
    lines = {name: [f"{name} w{i} w{i % 7}" for i in range(60)] for name in CLASSES}
    splits = divided(lines, words=8)
    last = [line for name in CLASSES for line in lines[name][54:]]
    assert list(splits.test.texts) == last
    assert [len(part) for part in splits.parts().values()] == [98, 10, 12]
    for part in splits.parts().values():
        assert part.labels.bincount().tolist() == [len(part) // 2] * 2
    seen = [set(part.texts) for part in splits.parts().values()]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 120
    assert divided(lines, words=8).digest() == splits.digest()
    assert len(splits.vocabulary) == 10  # words of the training set, frequent ones first
    assert splits.vocabulary.words[:2] == ("<pad>", "<unk>")


def test_the_real_set(zoo_data, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    splits = polarity()
    assert [len(part) for part in splits.parts().values()] == [8638, 958, 1066]
    assert splits.test.labels.bincount().tolist() == [533, 533]
    assert splits.dev.labels.bincount().tolist() == [479, 479]
    assert int(splits.train.lengths.min()) >= 1
    assert "clich\xe9" in splits.vocabulary
    every = [text for part in splits.parts().values() for text in part.texts]
    assert not any("\xc3" in text or "\ufffd" in text for text in every)  # no mojibake
