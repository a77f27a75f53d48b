"""The user's sentences: train, load, go on, measure."""

import random

import pytest
import torch

import zoo
from tests.cli.test_finetune import zoo_says
from zoo import cards
from zoo.data.vectors.vectors import Vectors
from zoo.errors import BadInput, Missing, UnknownName
from zoo.recipes.own.text_classification import finetune_recipe, own_recipe

QUICK = ["steps=60", "evaluate_every=30", "lr=0.05", "--threads", "1", "--device", "cpu"]


def write(path, good, bad, names=("good", "bad"), count=80):
    """A table in which one of the words ``good`` or ``bad`` says the label."""
    draw = random.Random(0)
    lines = ["text,label"]
    for i in range(count):
        said = (bad, good)[i % 2]
        others = draw.choices(["the", "film", "plot", "is", "very", "so"], k=draw.randrange(1, 6))
        lines.append(f"{' '.join([*others, draw.choice(said)])}!,{names[1 - i % 2]}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return write(folder / "films.csv", ["fine", "great"], ["dull", "poor"])


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory):
    """A run folder of a classifier of the table."""
    folder = tmp_path_factory.mktemp("run")
    code, out, err = zoo_says(
        "train", "sentiment_average", "--data", table, "embedding_dim=8", "--out", folder, *QUICK
    )
    assert code == 0, err
    assert "sentences)" in out
    return folder


def test_it_answers(trained):
    predictor = zoo.load(trained, evidence=True)
    opinion = predictor("The film is GREAT, xylophone!")
    assert opinion.label == "good"
    assert opinion.unknown == (",", "xylophone")
    assert opinion.strongest()[0] == "great"
    assert predictor("dull plot").label == "bad"


def test_the_command_line_prints_a_line_for_each_text(trained):
    code, out, err = zoo_says("predict", trained, "so fine", "", "poor film", "--device", "cpu")
    lines = out.splitlines()
    assert code == 2
    assert len(lines) == 2
    assert lines[0].startswith("so fine: good (")
    assert lines[1].startswith("poor film: bad (")
    assert "zoo: no words in the text ''" in err


def test_measuring_on_a_table(trained, table):
    code, out, err = zoo_says("evaluate", trained, "--data", table, "--device", "cpu")
    assert code == 0, err
    assert "films test (8), held out in training: error 0.00 %  (card: 0.00 %)" in out
    code, out, _ = zoo_says("evaluate", trained, "--data", table, "--split", "all")
    assert "films all (80), 67 of 80 trained on: error 0.00 %" in out  # 64, and 3 said twice


def test_going_on_with_other_classes_keeps_the_words(trained, tmp_path):
    jokes = write(tmp_path / "jokes.csv", ["haha", "fine"], ["groan", "dull"], ("funny", "flat"))
    recipe = finetune_recipe(str(trained), jokes, {})
    task = recipe.build(torch.device("cpu"))
    old = zoo.load(trained)
    size = len(old.front_end.vocabulary)
    assert task.vocabulary.words[:size] == old.front_end.vocabulary.words
    assert {*task.vocabulary.words[size:]} == {"haha", "groan"}
    assert torch.equal(task.model.table.weight[:size], old.model.table.weight)
    assert task.data.train.classes == ("flat", "funny")
    assert not torch.equal(task.model.output.weight, old.model.output.weight)
    out = tmp_path / "run"
    words = ["finetune", trained, "--data", jokes, "--out", out, *QUICK]
    code, _, err = zoo_says(*words)
    assert code == 0, err
    assert zoo.load(out)("the plot, haha").label == "funny"


def test_going_on_with_the_same_classes_keeps_the_head(trained, tmp_path):
    more = write(tmp_path / "more.csv", ["superb"], ["awful"])
    task = finetune_recipe(str(trained), more, {}).build(torch.device("cpu"))
    assert torch.equal(task.model.output.weight, zoo.load(trained).model.output.weight)


def test_vectors_to_begin_with(table, tmp_path):
    file = tmp_path / "v.txt"
    Vectors(["film", "great"], torch.full((2, 6), 2.0).numpy()).save(file)
    recipe = own_recipe("sentiment_cnn", table, {"vectors": str(file), "num_filters": "3"})
    assert recipe.arguments["embedding_dim"] == 6
    task = recipe.build(torch.device("cpu"))
    assert task.model.table.weight[task.vocabulary.index["film"]].tolist() == [2.0] * 6


def test_what_cannot_be_is_said(table, tmp_path):
    with pytest.raises(UnknownName, match="hidden"):
        own_recipe("sentiment_lstm", table, {"hiden": "3"})
    with pytest.raises(Missing, match="none.csv"):
        own_recipe("sentiment", tmp_path / "none.csv", {})
    (tmp_path / "a.csv").write_text("file,label\n")
    with pytest.raises(BadInput, match="header with text .* got 'file,label'"):
        own_recipe("sentiment", tmp_path / "a.csv", {})


def test_the_card_of_a_run(trained):
    card = cards.card(trained)
    assert card.task == "text_classification"
    assert card.classes == ["bad", "good"]
    assert card.test_vector["input"].startswith("A gorgeous")
