"""WikiText-2: unpacked from its archive; what is said where it is not."""

import hashlib
import io
import zipfile

import pytest

from tests.data.text.test_three_files import TEXTS, hashes
from zoo.datasets import wikitext2 as module
from zoo.datasets.wikitext2 import wikitext2
from zoo.errors import Missing


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    return tmp_path


def test_without_its_files_folder_and_address_are_named(empty, monkeypatch):
    monkeypatch.setattr(module, "fetch", refuse)
    (empty / "wikitext-2").mkdir()
    (empty / "wikitext-2" / "valid.txt").write_text("x")
    with pytest.raises(Missing, match=r"train\.txt, test\.txt not found in .*wikitext-2 .*no net"):
        wikitext2()


def refuse(*_, **__):
    raise Missing("no network")


def test_it_is_unpacked_from_its_archive(empty, monkeypatch):
    names = list(module.SHA1)
    monkeypatch.setattr(module, "SHA1", hashes("sha1", names))

    def fetched(url, path, sha256, most):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in zip(("train", "valid", "test"), TEXTS, strict=True):
                archive.writestr(f"wikitext-2/wiki.{name}.tokens", text)
        path.write_bytes(packed.getvalue())
        return path

    monkeypatch.setattr(module, "fetch", fetched)
    assert len(wikitext2().train) == 8
    assert sorted(p.name for p in (empty / "wikitext-2").glob("*")) == sorted(names)
    monkeypatch.setattr(module, "fetch", refuse)
    assert wikitext2().digest() == wikitext2().digest()


def test_the_published_hashes_are_those_of_the_files_here(zoo_data):
    """valid and test are; that train's is of the same list makes it trustworthy."""
    for name in ("valid.txt", "test.txt"):
        data = (zoo_data / "wikitext-2" / name).read_bytes()
        found = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        assert found == module.SHA1[name]
