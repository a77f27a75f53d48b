"""What all recipes for the user's data share."""

from pathlib import Path

import pytest
import torch

import zoo
from zoo import reading, registry
from zoo.data.front_end import needed
from zoo.errors import BadFile, BadInput
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.own.common import (
    loop_options,
    model_and_vocabulary,
    published_rate,
    run_length,
    run_name,
    vocabulary_of,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flowers", "a.flowers"),
        ("reviews.csv", "a.reviews"),
        ("novels.txt.gz", "a.novels-gz"),
        ("novels.txt", "a.novels"),
        ("v1.2 best.txt", "a.v1-2-best"),
        ("..", None),
    ],
)
def test_the_name_is_that_of_the_data(name, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    got = run_name("a", Path(name))
    assert got == expected or (expected is None and got.startswith("a.") and len(got) > 2)


def test_the_length_is_bounded_but_not_what_a_person_asks_for():
    bounds = {"minimum": 100, "maximum": 1000}
    assert [run_length(n, {}, **bounds) for n in (1, 500, 10**6)] == [100, 500, 1000]
    assert run_length(500, {"steps": "3"}, **bounds) == 3
    with pytest.raises(BadInput, match="steps must be a whole number"):
        run_length(500, {"steps": "many"}, **bounds)


def test_evaluations_stand_at_even_distances():
    loop = loop_options(200, "f1", "higher", clip=5.0)
    assert (loop.evaluate_every, loop.patience, loop.watch, loop.better) == (10, 10, "f1", "higher")
    assert loop.clip == 5.0
    assert loop_options(3, "error").evaluate_every == 1


def test_the_rate_is_the_published_runs_or_the_one_given():
    assert published_rate("sentiment_cnn", 0.5) == get_recipe("sentiment_cnn.polarity").lr
    assert published_rate("no_such_network", 0.5) == 0.5


def test_a_text_classifier_without_a_published_run_trains(tmp_path):
    """A newly registered one needs no entry in any table."""
    entry = registry.entry("sentiment_average")
    registry.register(
        "fresh_classifier",
        paper="none",
        task="text_classification",
        input_shape=entry.input_shape,
        stem=entry.stem,
        head=entry.head,
    )(entry.build)
    path = tmp_path / "s.csv"
    lines = [f"{word} film {i},{word}" for i in range(20) for word in ("good", "bad")]
    path.write_text("text,label\n" + "\n".join(lines))
    try:
        run = zoo.train("fresh_classifier", path, out=tmp_path / "run", steps=2)
    finally:
        del registry._ENTRIES["fresh_classifier"]
    assert run.card.settings["lr"] == 0.002


def test_the_vocabulary_of_weights_is_read_with_and_without_the_network():
    card = zoo.card("sentiment.polarity")
    model, vocabulary = model_and_vocabulary(card)
    assert vocabulary.words == vocabulary_of(card).words
    assert model.state_dict().keys() == zoo.create_model(card.name).state_dict().keys()
    with pytest.raises(BadFile, match="sentiment.polarity hold no vocabulary"):
        needed(None, card.name)
    with pytest.raises(BadFile, match="lenet5.mnist hold no vocabulary"):
        vocabulary_of(zoo.card("lenet5.mnist"))


@pytest.mark.parametrize(
    ("weights", "words"),
    [("sentiment.polarity", "good film,good\nbad film,bad\n"), ("lstm.tinyshakespeare", "")],
)
def test_weights_and_table_are_read_once_before_the_first_step(
    weights, words, tmp_path, monkeypatch
):
    """Counted: the verified reading of the weights file, and the opening of the user's file."""
    from zoo.pretrained import load
    from zoo.recipes.own.find import finetune_recipe

    path = tmp_path / ("t.csv" if words else "t.txt")
    path.write_text("text,label\n" + words * 20 if words else "To be, or not to be.\n" * 200)
    reads = {"weights": 0, "data": 0}
    plain_verified, plain_opened = load.verified_bytes, reading.opened

    def verified_bytes(*given, **named):
        reads["weights"] += 1
        return plain_verified(*given, **named)

    def opened(file, *given):  # every reader calls it
        reads["data"] += file == path
        return plain_opened(file, *given)

    monkeypatch.setattr(load, "verified_bytes", verified_bytes)
    monkeypatch.setattr(reading, "opened", opened)
    recipe = finetune_recipe(weights, path, {"steps": "1"})
    result = recipe.run(tmp_path / "run", torch.device("cpu"), show=False)
    assert result.test
    assert reads == {"weights": 1, "data": 1}
