"""From a text file to GloVe vectors."""

import pytest
import torch

from zoo.data.text.corpus import Corpus
from zoo.errors import BadInput
from zoo.recipes.glove import count, glove_vectors
from zoo.trainers.glove import GloVeSettings

TEXT = "the king rules\nthe queen rules\n<unk> king and <unk> queen\na lonely word\n" * 40


def corpus(tmp_path, text):
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
    return Corpus(path)


def test_a_text_with_unk_and_crlf_gives_vectors(tmp_path):
    settings = GloVeSettings(embedding_dim=8, epochs=12, x_max=10)
    text = TEXT.replace("\n", "\r\n")
    table, vocabulary, costs = glove_vectors(corpus(tmp_path, text), settings)
    assert "<unk>" in vocabulary
    assert "rules" in vocabulary
    assert table(torch.arange(len(vocabulary))).shape == (len(vocabulary), 8)
    assert costs[-1] < 0.1 * costs[0]
    again = glove_vectors(corpus(tmp_path, TEXT), settings)[0]
    assert torch.equal(table.vectors.weight, again.vectors.weight)


def test_distances_are_counted_without_rare_words(tmp_path):
    settings = GloVeSettings(min_count=2, window=1)
    vocabulary, pairs = count(corpus(tmp_path, "red rare blue\nred odd queer blue\n"), settings)
    red, blue = vocabulary.encode(["red", "blue"])
    assert pairs.dense()[red, blue] == 2.0


def test_a_million_words_in_one_line_is_counted(tmp_path):
    vocabulary, pairs = count(corpus(tmp_path, "a b c d " * 250_000), GloVeSettings(window=2))
    a, b, c, d = vocabulary.encode("abcd")
    x = pairs.dense()
    assert x[a, b] == pytest.approx(250_000, rel=1e-3)
    assert x[a, c] == pytest.approx(2 * 250_000 / 2, rel=1e-3)
    assert x[a, d] == pytest.approx(250_000, rel=1e-3)


def test_words_that_never_meet(tmp_path):
    with pytest.raises(BadInput, match="no two words of the vocabulary stand near each other"):
        glove_vectors(corpus(tmp_path, "alone\nlonely\n"), GloVeSettings(min_count=1))
