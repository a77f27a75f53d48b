"""Word vectors by a recipe: from a text to a card, and back by zoo.load."""

import json

import numpy as np
import pytest

import zoo
from zoo.cli.main import main
from zoo.data.vectors.vectors import Vectors
from zoo.errors import BadInput, UnknownName
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.own.find import finetune_recipe, own_recipe

pytest.importorskip("numba")
TEXT = "the king rules the land\nthe queen rules the sea\na ship sails the sea\n" * 40


@pytest.fixture
def text(tmp_path, monkeypatch):
    """A text in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my text.txt").write_text(TEXT)
    return tmp_path / "my text.txt"


@pytest.mark.parametrize("arch", ["word2vec", "glove"])
def test_a_text_becomes_vectors_that_load(text, arch, capsys):
    words = [
        "train",
        arch,
        "--data",
        str(text),
        "embedding_dim=6",
        "epochs=3",
        "window=2",
        "--json",
    ]
    words += ["sample=1.0"] if arch == "word2vec" else []
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["metric"], told["met"]) == (f"{arch}.my-text", "loss", None)
    vectors = zoo.load(told["folder"])
    assert set(vectors.words) == {*TEXT.split()}
    assert len(vectors("king").words) == 8  # all the others
    card = zoo.card(told["folder"])
    assert card.arguments == {"vocab_size": 9, "embedding_dim": 6}
    assert (card.task, card.parameters, card.settings["epochs"]) == ("word_vectors", 54, 3)
    assert (vectors.get_count("the"), vectors.get_count("ship")) == (200, 40)
    assert vectors.subset(["ship"]).get_count("ship") == 40
    log = (text.parent / told["folder"] / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in log] == [1, 2, 3]
    again = Vectors.load(text.parent / told["folder"] / card.file)
    assert np.array_equal(again.matrix, vectors.matrix)


def test_how_the_text_is_cut_into_words_can_be_chosen(text):
    text.write_text("The KING's men.\n\nThe men, the King's!\n")
    run = own_recipe("glove", text, {"tokens": "words", "paragraphs": "true", "min_count": "1"})
    assert run.data().frequent(1)[0].words == ("the", "king's", "men")
    assert run.hyperparameters.min_count == 1


def test_fields_that_are_not_there_and_values_that_are_none(text):
    with pytest.raises(UnknownName, match="did you mean window"):
        own_recipe("word2vec", text, {"windw": "3"})
    with pytest.raises(BadInput, match="embedding_dim must be a whole number"):
        own_recipe("word2vec", text, {"embedding_dim": "many"})
    with pytest.raises(UnknownName, match="no way to cut text into words 'syllables'"):
        own_recipe("glove", text, {"tokens": "syllables"})
    with pytest.raises(BadInput, match=r"glove learns from the counts .*zoo train glove --data"):
        finetune_recipe("glove.novels", text, {})


def test_the_seed_is_the_recipes_and_not_a_setting():
    run = get_recipe("word2vec.novels").override(seed="3", embedding_dim="20")
    assert (run.seed, run.hyperparameters.embedding_dim) == (3, 20)
    assert "seed" not in run.settings()
    assert run.settings()["embedding_dim"] == 20


def test_vectors_go_on_with_more_text(text, capsys):
    fields = ["window=2", "sample=1.0", "min_count=1", "epochs=2"]
    first = ["train", "word2vec", "--data", str(text), "embedding_dim=6", "--out", "first"]
    assert main([*first, *fields]) == 0
    before = zoo.load("first")
    more = text.with_name("more.txt")
    more.write_text("A castle stands by the sea.\nThe king likes the castle!\n" * 30)
    again = ["finetune", "first", "--data", str(more), "--out", "second", *fields]
    assert main(again) == 0
    after = zoo.load("second")
    assert after.words[: len(before)] == before.words
    assert set(after.words[len(before) :]) == {"castle", "stands", "by", "likes"}
    for word in before.words:
        moved = not np.array_equal(before[word], after[word])
        assert moved == (word in ["a", "the", "sea", "king"]), word
    assert zoo.card("second").settings["start"] == "first"
    assert zoo.card("second").arguments == {"vocab_size": len(after), "embedding_dim": 6}
    assert main([*again[:5], "still", *fields, "lr=1e-9"]) == 0
    still = zoo.load("still")
    np.testing.assert_allclose(still[before.words], before.matrix, atol=1e-6)  # begins with them
    assert np.abs(still[["castle", "by"]]).max() <= 0.5 / 6 + 1e-6  # as every word begins
    capsys.readouterr()
    assert main([*again[:5], "third", *fields, "embedding_dim=7"]) == 2
    said = capsys.readouterr().err
    assert "have 6 numbers, the fields ask for 7; leave embedding_dim out" in said
    more.write_text("qqq zzz\n" * 30)
    assert main([*again[:5], "fourth", *fields]) == 2
    assert "none of the 2 words of the text has a vector to go on from" in capsys.readouterr().err
