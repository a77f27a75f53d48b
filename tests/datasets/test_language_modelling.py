"""The published texts: their sizes where they are here, and what is said where they are not."""

import hashlib
import io
import zipfile

import pytest

from zoo.datasets import language_modelling as corpora
from zoo.datasets.language_modelling import ptb, tiny_shakespeare, wikitext2
from zoo.errors import BadFile, Missing


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    return tmp_path


def test_tiny_shakespeare(zoo_data):
    found = tiny_shakespeare()
    assert found.about() == {"level": "characters", "vocabulary": 65}
    sizes = {name: len(part) for name, part in found.parts().items()}
    assert sizes == {"train": 981_547, "dev": 22_307, "test": 111_540}


def put(folder, names, texts):
    folder.mkdir(parents=True)
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text)


TEXTS = ("the cat <unk> on\nthe mat\n", "the dog\n", "a cat\n")


def hashes(kind, names):
    return {
        name: hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()
        for name, text in zip(names, TEXTS, strict=True)
    }


def test_without_ptb_files_and_folder_are_named(empty):
    with pytest.raises(Missing, match=r"ptb\.train\.txt, .* not found in .*ptb; put"):
        ptb()


def test_ptb_is_read_and_other_bytes_are_refused(empty, monkeypatch):
    names = list(corpora.PTB_MD5)
    put(empty / "ptb", names, TEXTS)
    with pytest.raises(BadFile, match=r"ptb\.train\.txt is not that of Penn Treebank: its md5"):
        ptb()
    monkeypatch.setattr(corpora, "PTB_MD5", hashes("md5", names))
    found = ptb()
    assert len(found.train) == 8  # with an <eos> for each line
    assert found.vocabulary.words == ("<eos>", "the", "<unk>", "cat", "mat", "on")
    assert found.vocabulary.decode(found.dev.numbers.tolist()) == ["the", "<unk>", "<eos>"]


def test_without_wikitext_files_folder_and_address_are_named(empty, monkeypatch):
    monkeypatch.setattr(corpora, "fetch", refuse)
    put(empty / "wikitext-2", ["valid.txt"], ["x"])
    with pytest.raises(Missing, match=r"train\.txt, test\.txt not found in .*wikitext-2 .*no net"):
        wikitext2()


def refuse(*_, **__):
    raise Missing("no network")


def test_wikitext_is_unpacked_from_its_archive(empty, monkeypatch):
    names = list(corpora.WIKITEXT_SHA1)
    monkeypatch.setattr(corpora, "WIKITEXT_SHA1", hashes("sha1", names))

    def fetched(url, path, sha256, most):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in zip(("train", "valid", "test"), TEXTS, strict=True):
                archive.writestr(f"wikitext-2/wiki.{name}.tokens", text)
        path.write_bytes(packed.getvalue())
        return path

    monkeypatch.setattr(corpora, "fetch", fetched)
    assert len(wikitext2().train) == 8
    assert sorted(p.name for p in (empty / "wikitext-2").glob("*")) == sorted(names)
    monkeypatch.setattr(corpora, "fetch", refuse)
    assert wikitext2().digest() == wikitext2().digest()


def test_the_published_hashes_are_those_of_the_files_here(zoo_data):
    """valid and test are; that train's is of the same list makes it trustworthy."""
    for name in ("valid.txt", "test.txt"):
        data = (zoo_data / "wikitext-2" / name).read_bytes()
        found = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        assert found == corpora.WIKITEXT_SHA1[name]
