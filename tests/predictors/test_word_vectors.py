"""Word vectors answer what they are asked, and their card's test vector."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from torch import nn

import zoo
from zoo.cli.main import main
from zoo.data.text.vocabulary import Vocabulary
from zoo.data.vectors import word_counts
from zoo.errors import BadFile, BadInput, UnknownName
from zoo.predictors.word_vectors import Options, WordVectors


@dataclasses.dataclass
class CardStub:
    name: str = "toy.words"
    front_end: dict = dataclasses.field(default_factory=dict)
    folder: object = None


WORDS = ["man", "king", "woman", "queen", "new york", *(f"w{i}" for i in range(40))]


@pytest.fixture
def table():
    weight = torch.randn(45, 6, generator=torch.Generator().manual_seed(0))
    weight[:4] = torch.eye(6)[:4]
    weight[3] = weight[1] - weight[0] + weight[2]
    return nn.Embedding.from_pretrained(weight)


@pytest.fixture
def vectors(table):
    return WordVectors.from_card(CardStub(), table, Vocabulary(WORDS), Options(top_k=3))


def test_a_word_and_an_analogy(vectors):
    near = vectors("king")
    assert list(near.words) == vectors.most_similar("king", topn=3)
    assert str(near).startswith(f"{near.words[0][0]} {near.words[0][1]:.3f}, ")
    assert vectors("man king woman").words[0][0] == "queen"
    assert vectors("new york").question == ("new york",)
    answers = vectors(["king", "man king woman"])
    assert [a.question for a in answers] == [("king",), ("man", "king", "woman")]
    assert json.loads(json.dumps(near.to_json()))["nearest"][0] == list(near.words[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        near.words = ()


def test_a_list_is_answered_as_each_alone(vectors, monkeypatch):
    texts = ["king", "man king woman", "w3", "new york", "w1 w2 w3", "king"] * 4
    alone = [vectors(text) for text in texts]
    for block in (1 << 20, 100):  # all at once; two at a time
        monkeypatch.setattr("zoo.data.vectors.search.BLOCK", block)
        for one, other in zip(vectors(texts), alone, strict=True):
            assert one.question == other.question
            assert [word for word, _ in one.words] == [word for word, _ in other.words]
            cosines = [cosine for _, cosine in other.words]
            assert [cosine for _, cosine in one.words] == pytest.approx(cosines, abs=1e-6)
    assert vectors([]) == []
    with pytest.raises(UnknownName):
        vectors(["king", "kings"])


def test_what_it_cannot_answer(vectors):
    with pytest.raises(UnknownName, match="did you mean"):
        vectors("kings")
    for text in ("man king", "", "a b c d"):
        with pytest.raises(BadInput, match="expected a word, or three"):
            vectors(text)
    for odd in (None, 5, b"king", {"king"}, ["king", ["w1"]], np.array(["king"])):
        with pytest.raises(BadInput, match="expected a word or three as a text, got "):
            vectors(odd)


def test_the_test_vector_depends_on_the_table_and_the_words(vectors, table):
    text = vectors.vector_input()
    assert text == "man king woman"
    expected = table.weight[:3].mean(0)
    assert torch.equal(vectors.output_of(text), expected)
    moved = WordVectors.from_card(CardStub(), table, Vocabulary(WORDS[::-1]), Options())
    assert not torch.allclose(moved.output_of(text), expected)
    with pytest.raises(BadFile, match="words that the file does not hold"):
        vectors.output_of("zebra")


def test_cards_that_do_not_fit(table):
    with pytest.raises(BadFile, match="the weights hold no vocabulary"):
        WordVectors.from_card(CardStub(), table, None, Options())
    with pytest.raises(BadFile, match=r"holds 2 words for 45"):
        WordVectors.from_card(CardStub(), table, Vocabulary("ab"), Options())
    with pytest.raises(BadInput, match="top_k must be at least 1, got 0"):
        WordVectors.from_card(CardStub(), table, Vocabulary(WORDS), Options(top_k=0))


def test_a_file_of_vectors_answers_too(vectors, tmp_path):
    vectors.save(tmp_path / "v.safetensors")
    again = WordVectors.load(tmp_path / "v.safetensors")
    assert again("man king woman").words[0] == vectors("man king woman").words[0]
    assert np.array_equal(again.matrix, vectors.matrix)


def test_the_picture_holds_the_words_and_their_neighbours(vectors):
    axis = vectors("king").plot().axes[0]
    drawn = [text.get_text() for text in axis.texts]
    assert drawn[0] == "king"
    assert set(drawn[1:]) >= {word for word, _ in vectors.most_similar("king", topn=15)}
    assert len(drawn) == len({*drawn}) == 16
    with pytest.raises(UnknownName):
        vectors.plot(["king", "zebra"])


@pytest.mark.parametrize("name", ["glove.txt", "v.vec", "v.bin.gz", "v.safetensors"])
def test_a_file_is_loaded_by_its_path_and_predicts(vectors, tmp_path, monkeypatch, capsys, name):
    few = vectors.subset([word for word in vectors if " " not in word])
    few.save(tmp_path / name, header=name != "glove.txt")
    monkeypatch.chdir(tmp_path)
    loaded = zoo.load(name, top_k=2)
    assert isinstance(loaded, WordVectors)
    assert loaded("king").words == tuple(few.most_similar("king", topn=2))
    assert main(["predict", name, "king", "man king woman", "--top-k", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["king:", "man"]
    assert lines[1].startswith("man king woman: queen ")


def test_weights_go_before_a_file_of_their_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "glove.novels").write_text("a 1 2\n")
    assert "king" in zoo.load("glove.novels")


def test_files_that_hold_no_vectors_and_odd_options(tmp_path):
    (tmp_path / "notes.txt").write_text("hello\n")
    with pytest.raises(BadFile, match=r"notes.txt line 1: expected a word and its numbers"):
        zoo.load(tmp_path / "notes.txt")
    (tmp_path / "v.txt").write_text("a 1 2\nb 3 4\n")
    with pytest.raises(BadInput, match="top_k must be at least 1, got 0"):
        zoo.load(tmp_path / "v.txt", top_k=0)
    with pytest.raises(BadInput, match="v.txt .*beam"):
        zoo.load(tmp_path / "v.txt", beam=3)


def test_counts_beside_the_card(table, tmp_path):
    words = [word for word in WORDS if word != "new york"] + ["new york"]
    path = tmp_path / word_counts.file_name("toy.words")
    word_counts.write(path, words, {word: n for n, word in enumerate(words, 1)})
    card = CardStub(folder=tmp_path)
    vectors = WordVectors.from_card(card, table, Vocabulary(words), Options())
    assert (vectors.get_count("man"), vectors.get_count("new york")) == (1, 45)
    path.write_text("man 1\n")
    with pytest.raises(BadFile, match=r"vocab.txt is not of the words"):
        WordVectors.from_card(card, table, Vocabulary(words), Options())
