"""Text in three files: the hashes decide, the vocabulary is train's."""

import hashlib

import pytest

from zoo.data.text.three_files import lacking, splits_by_words
from zoo.errors import BadFile

TEXTS = ("the cat <unk> on\nthe mat\n", "the dog\n", "a cat\n")
NAMES = ("train.txt", "valid.txt", "test.txt")


def put(folder, names):
    """The three texts under these names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(names, TEXTS, strict=True):
        (folder / name).write_text(text)


def hashes(kind, names):
    """Name to hash, as the texts have it."""
    return {
        name: hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()
        for name, text in zip(names, TEXTS, strict=True)
    }


@pytest.mark.parametrize("kind", ["md5", "sha1"])
def test_three_files_become_three_parts(tmp_path, kind):
    put(tmp_path, NAMES)
    found = splits_by_words(tmp_path, hashes(kind, NAMES), kind, "a text", "none")
    assert {name: len(part) for name, part in found.parts().items()} == {
        **{"train": 8, "dev": 3, "test": 3}  # with an <eos> for each line
    }
    assert found.vocabulary.words == ("<eos>", "the", "<unk>", "cat", "mat", "on")
    assert (found.name, found.licence) == ("a text", "none")


def test_other_bytes_are_refused(tmp_path):
    put(tmp_path, NAMES)
    (tmp_path / "valid.txt").write_text("another\n")
    with pytest.raises(BadFile, match=r"valid\.txt is not that of a text: its sha1 is"):
        splits_by_words(tmp_path, hashes("sha1", NAMES), "sha1", "a text", "none")


def test_what_lacks_is_named(tmp_path):
    (tmp_path / "valid.txt").write_text("x")
    assert lacking(tmp_path, hashes("md5", NAMES)) == ["train.txt", "test.txt"]
