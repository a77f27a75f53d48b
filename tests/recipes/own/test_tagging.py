"""A user's CoNLL file: train, use, go on from the weights with other tags, measure."""

from functools import partial

import pytest
import torch

import zoo
from tests.helpers import tagging
from tests.helpers.small_weights import only_from
from zoo.errors import BadInput
from zoo.recipes.common.record import Record
from zoo.recipes.own.choice import Wanted
from zoo.recipes.own.common import model_and_vocabulary
from zoo.recipes.own.tagging import evaluation, finetune_recipe, own_recipe
from zoo.reproduce.card import write_card

CPU = torch.device("cpu")


def write(path, sentences):
    blocks = ["\n".join(f"{w}\t{t}" for w, t in zip(*item, strict=True)) for item in sentences]
    path.write_text("\n\n".join(blocks), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Weights that ``zoo train tagger --data`` leaves, after a few steps."""
    folder = tmp_path_factory.mktemp("own")
    path = write(folder / "my names.conll", tagging.sentences(60, 0))
    texts = {
        "steps": "40",
        "embedding_dim": "8",
        "hidden_size": "12",
        "char_filters": "8",
        "lr": "0.02",
    }
    run = own_recipe("tagger", path, texts)
    result = run.run(folder / "runs", CPU, show=False)
    result.task.report(folder / "runs", run.name)
    return folder / "runs", path, write_card(run, [0], [result], folder / "runs")


def test_train_on_ones_own(trained, tmp_path, monkeypatch):
    runs, path, card = trained
    assert card.name == "tagger.my-names"
    assert card.classes == ["O", "B-loc", "I-loc", "B-per"]
    assert (card.metric, card.better, card.paper) == ("f1", "higher", None)
    assert (runs / "mistakes.txt").exists()
    found = zoo.load(runs)("the cat saw Abcd")
    assert found.text == "the cat saw Abcd"
    only_from(runs, monkeypatch)
    card = zoo.card(card.name)  # which knows where its file lies
    load = partial(model_and_vocabulary, card)
    task, choice = evaluation(card, load, path, Wanted(card.name, record=Record.of(card)))
    assert (choice.split, choice.as_recorded) == ("test", True)
    assert task.evaluate("test")["f1"] == pytest.approx(card.shipped, abs=1e-4)
    other = write(tmp_path / "b.conll", tagging.sentences(12, 1, {"per": "B-man"}))
    with pytest.raises(BadInput, match="tagger.my-names has no tag 'B-man'; it has O, B-loc"):
        evaluation(card, load, other, Wanted(card.name))


def test_go_on_with_other_tags(trained, tmp_path, monkeypatch):
    runs, _, card = trained
    only_from(runs, monkeypatch)
    path = write(tmp_path / "men.conll", tagging.sentences(40, 2, {"per": "B-man"}))
    run = finetune_recipe(card.name, path, {"steps": "30"})
    assert run.arguments["num_classes"] == 2
    assert (run.options.watch, run.options.better) == ("f1", "higher")
    assert "Vocabulary" not in str(run.settings())
    task = run.build(CPU)
    assert task.classes == ("O", "B-man")
    before = zoo.create_model(card.name)
    assert torch.equal(task.model.vectors.weight, before.vectors.weight)
    assert task.vocabulary.words == task.data.front_end.vocabulary.words
    result = run.run(tmp_path / "runs", CPU, show=False)
    new = write_card(run, [0], [result], tmp_path / "runs")
    assert new.classes == ["O", "B-man"]
    assert zoo.load(tmp_path / "runs")("saw Abcd").text == "saw Abcd"
