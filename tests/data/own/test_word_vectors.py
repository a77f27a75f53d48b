"""The user's text for word vectors."""

import pytest

from zoo.data.own.word_vectors import own_data
from zoo.errors import Missing


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
