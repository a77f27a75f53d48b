"""The user's text for word vectors."""

import pytest

from zoo.data.own.word_vectors import notices, own_data
from zoo.errors import BadInput, Missing


def test_a_text_and_how_it_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("New York\n\nis big.\n" * 9, encoding="utf-8")
    corpus = own_data(path, tokens="words", paragraphs=True)
    assert next(corpus.sentences()) == ["new", "york"]
    assert (corpus.name, corpus.licence) == ("a.txt", "the user's data")
    joined = own_data(path, tokens="words", paragraphs=True, phrases=1)
    assert joined.licence == corpus.licence
    with pytest.raises(Missing, match="no file"):
        own_data(tmp_path / "none.txt")


def test_what_was_read_and_left_out_is_told(tmp_path):
    for name in ("a.txt", "b.txt", "c.pdf", "notes.md"):
        (tmp_path / name).write_text("to be or not to be\n")
    assert notices(own_data(tmp_path)) == (
        "read 2 files, cut into words by tokens=blanks: train 12, different 4",
        "left out: not .txt or .gz (2: c.pdf, notes.md)",
    )
    assert notices(own_data(tmp_path / "a.txt", "words", phrases=1)) == (
        "read 1 file, cut into words by tokens=words: train 6, different 4",
    )


def test_a_text_beside_its_packed_copy_is_refused(tmp_path):
    for name in ("a.txt", "b.txt", "b.txt.gz"):
        (tmp_path / name).write_bytes(b"to be or not to be\n")
    with pytest.raises(BadInput, match=r"holds b\.txt and b\.txt\.gz, perhaps one text twice"):
        own_data(tmp_path)
