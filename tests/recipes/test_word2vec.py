"""word2vec from a text file, and of the novels."""

import torch

from zoo.recipes.own.word_vectors import own_recipe
from zoo.recipes.word2vec import word2vec_novels


def test_a_text_of_ones_own(tmp_path):
    (tmp_path / "two words.txt").write_text("a b c d e\nb c a e d\n" * 30)
    texts = {"embedding_dim": "6", "epochs": "1", "kind": "cbow", "threads": "2"}
    recipe = own_recipe("word2vec", tmp_path / "two words.txt", texts)
    assert recipe.name == "word2vec.two-words"
    assert (recipe.hyperparameters.kind, recipe.hyperparameters.threads) == ("cbow", 2)
    task = recipe.run(tmp_path / "run", torch.device("cpu"), show=False).task
    assert task.card_facts()["arguments"] == {"vocab_size": 5, "embedding_dim": 6}
    assert task.evaluate()["loss"] > 0


def test_the_novels_recipe_says_how_it_learns():
    settings = word2vec_novels().override(window="3").settings()
    assert (settings["window"], settings["epochs"], settings["max_vocab_size"]) == (3, 10, 30_000)
