"""Word vectors by a recipe: from a text to a card, and back by zoo.load."""

import json

import numpy as np
import pytest

import zoo
from zoo.cli.main import main
from zoo.data.text.vectors import Vectors
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
    with pytest.raises(BadInput, match=r"learned anew: zoo train word2vec --data"):
        finetune_recipe("word2vec.novels", text, {})


def test_the_seed_is_the_recipes_and_not_a_setting():
    run = get_recipe("word2vec.novels").override(seed="3", embedding_dim="20")
    assert (run.seed, run.hyperparameters.embedding_dim) == (3, 20)
    assert "seed" not in run.settings()
    assert run.settings()["embedding_dim"] == 20
