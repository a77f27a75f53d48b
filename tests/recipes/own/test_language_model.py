"""The user's text: trained on, gone on with, measured; and texts that will not do."""

import json
from dataclasses import replace
from functools import partial

import pytest
import torch

import zoo
from zoo import cards
from zoo.cli.main import main
from zoo.errors import BadFile, BadInput
from zoo.recipes.own.choice import Wanted
from zoo.recipes.own.common import model_and_vocabulary
from zoo.recipes.own.language_model import evaluation, finetune_recipe, own_recipe
from zoo.tasks import language_model

LINE = "the cat sat on the mat and the dog ate the hat.\n"
QUICK = {"steps": "4", "hidden_size": "8", "embedding_dim": "8"}


def written(tmp_path, text=LINE * 40, name="cats.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("level", ["characters", "words"])
def test_the_vocabulary_and_the_length_of_a_run_follow_the_text(tmp_path, level):
    run = own_recipe(
        "gru", written(tmp_path), {"level": level, "hidden_size": "8", "embedding_dim": "8"}
    )
    task = run.build(torch.device("cpu"))
    assert task.model.embedding.num_embeddings == len(task.vocabulary)
    assert ("<unk>" in task.vocabulary) == (level == "words")
    assert run.steps == run.options.evaluate_every * 20
    assert len(list(task.batches(0))) >= 3
    assert torch.isfinite(task.loss(next(iter(task.batches(0)))))


def test_fields_reach_task_and_network(tmp_path):
    run = own_recipe(
        "lstm", written(tmp_path), {**QUICK, "sequence_length": "7", "locked_dropout": "true"}
    )
    assert run.task.keywords["sequence_length"] == 7
    assert run.arguments["locked_dropout"] is True
    with pytest.raises(BadInput, match="level must be characters or words, got 'lines'"):
        own_recipe("lstm", written(tmp_path), {"level": "lines"})


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", BadFile, "is empty"),
        ("x", BadInput, "train part has 0 characters, which is too short"),
        ("word", BadInput, "dev part has 0 characters"),
    ],
)
def test_texts_that_will_not_do_are_one_line(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        own_recipe("lstm", written(tmp_path, text), {})
    with pytest.raises(error):
        own_recipe("lstm", written(tmp_path, text), {"level": "words"})


def test_a_text_of_one_character_and_of_one_word(tmp_path):
    for text, level in (("a" * 300, "characters"), ("word " * 300, "words")):
        run = own_recipe("lstm", written(tmp_path, text), {**QUICK, "level": level})
        task = run.build(torch.device("cpu"))
        assert torch.isfinite(task.loss(next(iter(task.batches(0)))))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cats")
    fields = [f"{k}={v}" for k, v in QUICK.items()]
    told = ["--out", str(folder / "run"), "--json", "--device", "cpu"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language_model, "SAMPLE", 5)
        main(["train", "lstm", *fields, "--data", str(written(folder)), *told])
    return folder / "run"


def test_what_was_trained_writes(trained):
    write = zoo.load(trained, temperature=0, length=9, device="cpu")
    assert len(write("the cat").text) == 9
    assert cards.card(trained).front_end == {"level": "characters"}


def test_going_on_with_new_letters_keeps_the_old_ones(trained, tmp_path):
    path = written(tmp_path, "JUMP quickly!\n" * 60)
    run = finetune_recipe(str(trained), path, {"steps": "3"})
    task, old = run.build(torch.device("cpu")), zoo.load(trained, device="cpu")
    known = len(old.vocabulary)
    assert task.vocabulary.words[:known] == old.vocabulary.words
    assert "J" in task.vocabulary
    new = task.model.state_dict()
    for name, tensor in old.model.state_dict().items():
        assert torch.equal(new[name][: len(tensor)], tensor), name
    with pytest.raises(BadInput, match="reads characters, got level=words"):
        finetune_recipe(str(trained), path, {"level": "words"})
    with pytest.raises(BadInput, match="the fields ask for"):
        replace(run, arguments={**run.arguments, "hidden_size": 4}).build(torch.device("cpu"))


def test_measured_on_another_text(trained, tmp_path, capsys):
    path = written(tmp_path, LINE * 3)
    load = partial(model_and_vocabulary, cards.card(trained))
    scores = evaluation(cards.card(trained), load, path, Wanted("x")).task.evaluate("all")
    main(["evaluate", str(trained), "--data", str(path), "--json", "--device", "cpu"])
    assert json.loads(capsys.readouterr().out)["cross_entropy"] == pytest.approx(
        scores["cross_entropy"]
    )
    with pytest.raises(BadInput, match="not in the vocabulary"):
        evaluation(cards.card(trained), load, written(tmp_path, "ÄÖ" * 99, "b.txt"), Wanted("x"))


@pytest.mark.usefixtures("undrawn")
def test_a_folder_is_trained_on_and_measured_part_by_part(tmp_path):
    """Its own test file is what the run held out; of another folder everything is measured."""
    folder, other = tmp_path / "parts", tmp_path / "other"
    for place, shift in ((folder, 0), (other, 1)):
        place.mkdir()
        for number, name in enumerate(("train", "valid", "test")):
            words = [chr(97 + (7 * n + 3 * number + shift) % 20) for n in range(900)]
            text = "".join(c + "\n" * (n % 30 == 29) for n, c in enumerate(words))
            (place / f"{name}.txt").write_text(text)
    run = zoo.train("lstm", folder, out=tmp_path / "run", steps=1, hidden_size=4, embedding_dim=4)
    assert run.notices[0].startswith(
        "read 2,790 characters with a vocabulary of 21: train 930, dev"
    )
    found = zoo.evaluate(tmp_path / "run", folder)
    assert (found.split, found.examples, found.seen) == ("test", 930, "held out in training")
    assert zoo.evaluate(tmp_path / "run", other).split == "all"
