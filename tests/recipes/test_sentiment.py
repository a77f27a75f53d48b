"""Runs on sentence polarity, and beginning with word vectors; on toy sentences."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from tests.tasks.test_text_classification import V, part
from zoo import files
from zoo.data.text.sentences import SentenceFrontEnd, SentenceSplits
from zoo.data.vectors.vectors import Vectors
from zoo.engine.fit import fit
from zoo.errors import BadInput
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.common.start_from_vectors import start_from_vectors

NAMES = ["sentiment", "sentiment_average", "sentiment_cnn", "sentiment_lstm"]
SMALL = {"vocab_size": len(V), "embedding_dim": 8}


def toy(name):
    splits = SentenceSplits(
        "toy", "none", part(60, 0), part(20, 1), part(30, 2), SentenceFrontEnd(V)
    )
    run = get_recipe(f"{name}.polarity")
    more = {"buckets": 50} if name == "sentiment" else {}
    return replace(run, data=lambda: splits, arguments={**run.arguments, **SMALL, **more})


@pytest.mark.parametrize("name", NAMES)
def test_some_steps_of_the_real_run_lower_the_loss(name):
    run = replace(toy(name), steps=30, batch_size=20)
    task = run.build(torch.device("cpu"))
    before = task.evaluate("train")["loss"]
    fit(task, run.optimizer(task.model.parameters()), run.rate, run.steps, options=run.options)
    assert task.evaluate("train")["loss"] < before


def test_words_that_have_a_vector_begin_with_it(tmp_path):
    vectors = Vectors(["plot", "zebra", "good"], torch.arange(24.0).view(3, 8).numpy())
    vectors.save(file := tmp_path / "mine.txt")
    run = start_from_vectors(file, vectors, toy("sentiment_cnn")).override(static="true")
    init = run.settings()["init"]  # another file of that name is another run
    assert init == {"vectors": "mine.txt", "vectors_sha256": files.sha256(file)}
    model = run.build(torch.device("cpu")).model
    table = model.table.weight
    assert table[V.index["plot"]].tolist() == list(range(8))
    assert table[V.index["good"]].tolist() == list(range(16, 24))
    assert table[V.index["bad"]].abs().max() < 1
    assert not table.requires_grad
    plain = toy("sentiment_cnn").build(torch.device("cpu")).model
    assert torch.equal(plain.table.weight[V.index["bad"]], table[V.index["bad"]])


@pytest.mark.parametrize(
    ("words", "width", "said"),
    [("good", 5, "set embedding_dim=5"), ("zebra", 8, "0 words in common")],
)
def test_vectors_that_do_not_fit(words, width, said, tmp_path):
    vectors = Vectors([words], torch.ones(1, width).numpy())
    (file := tmp_path / "mine.txt").write_text("")
    with pytest.raises(BadInput, match=said):
        start_from_vectors(file, vectors, toy("sentiment_cnn")).build(torch.device("cpu"))


def test_the_vocabulary_of_the_real_set_fills_the_table(zoo_data, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    run = get_recipe("sentiment.polarity")
    assert isinstance(run.data, partial)
    assert len(run.data().vocabulary) == run.arguments["vocab_size"]
