"""The contract of predictors: every task's file keeps it, and a new file is found by its name."""

from dataclasses import fields, is_dataclass, replace
from importlib import import_module

import pytest
import torch
from torch import nn

import zoo
from tests.helpers.small_weights import change_card, only_from, write_weights
from tests.predictors.toy.adding import Adder, Options, Total
from zoo import predictors, registry
from zoo.errors import BadInput, UnknownName
from zoo.loading import predictor_file, tasks
from zoo.options import describe_type, from_json, options_of
from zoo.predictors.answer import Answer
from zoo.predictors.live import LivePredictor

TASKS = tasks()


def test_every_task_of_the_index_has_a_predictor():
    assert {about["task"] for about in registry.index()["models"].values()} <= set(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_a_file_has_options_and_states_its_class(task):
    file = predictor_file(task)
    assert is_dataclass(file.Options)
    assert file.Options.__dataclass_params__.frozen
    assert file.Options() == file.Options()  # each has a default
    assert issubclass(file.PREDICTOR, object)
    assert file.PREDICTOR.__abstractmethods__ == frozenset()
    for member in ("from_card", "__call__", "vector_input", "output_of"):
        [home] = [c for c in file.PREDICTOR.__mro__ if member in vars(c)][:1]
        assert home.__module__.startswith("zoo.predictors.")
        assert home.__module__ != "zoo.predictors.predictor", member


@pytest.mark.parametrize("task", TASKS)
def test_only_what_hears_is_live(task):
    kind = predictor_file(task).PREDICTOR
    live = LivePredictor in kind.__mro__
    assert live == (task == "trigger_word")
    assert ("as_live" in vars(kind)) == live


@pytest.mark.parametrize("task", TASKS)
def test_what_it_reads_and_whether_it_draws_is_stated(task):
    kind = predictor_file(task).PREDICTOR
    texts = {"language_model", "tagging", "text_classification", "word_vectors"}
    assert kind.reads_text == (task in texts)
    assert kind.draws
    assert not Adder.draws
    assert not Adder.reads_text


@pytest.mark.parametrize("task", TASKS)
def test_the_index_has_the_options(task):
    shown = [from_json(record) for record in registry.index()["options"][task]]
    stated = options_of(predictor_file(task).Options)
    assert [(o.name, o.default, o.help, describe_type(o.kind)) for o in shown] == [
        (o.name, o.default, o.help, describe_type(o.kind)) for o in stated
    ]


# ---- defaults -----------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_one_network_is_measured_as_it_is_and_several_only_where_they_can_vote(task):
    file, card = predictor_file(task), zoo.card("lenet5.mnist")
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    assert file.PREDICTOR.network([one], file.Options(), card) is one
    if task in ("classification", "text_classification"):
        x = torch.randn(4, 3)
        votes = file.PREDICTOR.network([one, other], file.Options(), card)(x)
        mean = (one(x).softmax(1) + other(x).softmax(1)) / 2
        torch.testing.assert_close(votes.exp(), mean)
    else:
        with pytest.raises(BadInput, match=r"^2 networks of a \w+ cannot vote together$"):
            file.PREDICTOR.network([one, other], file.Options(), card)


def test_an_answer_that_cannot_be_drawn_says_so():
    with pytest.raises(BadInput, match=r"^a Total cannot be drawn; it can be printed"):
        Total(1.0, Options()).plot()


def test_what_is_not_live_says_so():
    assert Adder(nn.Linear(1, 1), Options()).as_live() is None


def test_an_answer_must_have_a_form_for_machines():
    class Silent(Answer):
        pass

    class Deaf(Adder):
        pass

    with pytest.raises(TypeError, match="Protocols cannot be instantiated"):
        Answer()
    assert Silent().to_json() is None  # mypy refuses this: the method is abstract there
    assert Deaf.network.__func__ is Adder.network.__func__


# ---- a task of a new file -----------------------------------------------------------------------


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """A task "adding", of which the zoo is told by nothing but its file."""
    place = import_module("tests.predictors.toy").__path__[0]
    monkeypatch.setattr(predictors, "__path__", [*predictors.__path__, place])
    write_weights(tmp_path / "toy")
    path = tmp_path / "toy" / "lenet5.tiny.json"
    change_card(path, task="adding", test_vector={"input": "1 2", "output": [1.0, 2.0]})
    only_from(tmp_path / "toy", monkeypatch)


def test_it_is_found_by_the_word_of_its_task(toy):
    predictor = zoo.load("lenet5.tiny", device="cpu", factor=2, words=["apples"])
    assert str(predictor("1 2.5")) == "7.0 apples"
    assert [str(one) for one in predictor(["1", "2"])] == ["2.0 apples", "4.0 apples"]
    assert "adding" in tasks()


def test_its_options_are_checked(toy):
    with pytest.raises(BadInput, match="lenet5.tiny has no option crops; it has factor, digits"):
        zoo.load("lenet5.tiny", crops=10)
    with pytest.raises(BadInput, match="factor must be a number, got 'x'"):
        zoo.load("lenet5.tiny", factor="x")


@pytest.mark.parametrize("task", ["predictor", "speech_decoder", "os", "", "classificatoin"])
def test_another_word_is_no_task(task):
    with pytest.raises(UnknownName, match="no task") as error:
        predictor_file(task)
    near = {"classificatoin": "did you mean classification", "os": "there is classification, "}
    assert near.get(task, "") in str(error.value)
    assert "speech_decoder" not in str(error.value).split(";")[1]
    assert "predictor" not in str(error.value).split(";")[1]


def test_the_toy_has_one_option_of_every_type():
    assert {describe_type(one.kind) for one in options_of(Options)} == {
        "a number",
        "a whole number or none",
        "words with commas between them",
        "sum or mean",
        "true or false",
        "a file or none",
    }
    assert len(fields(Options)) == 6
    assert replace(Options(), factor=2.0).factor == 2.0


# ---- several inputs, some of which cannot be used -----------------------------------------------


def adder():
    return Adder(nn.Linear(1, 1), Options())


def test_each_input_has_its_answer_or_its_error():
    given = ["1 2", "x", "3 4", "5 6", "y", "7 8"]
    results = adder().each(given)
    assert [str(one) for one in results[::3]] == [str(adder()("1 2")), str(adder()("5 6"))]
    assert [i for i, one in enumerate(results) if isinstance(one, BadInput)] == [1, 4]
    assert adder().each([]) == []


def test_few_bad_inputs_do_not_make_each_of_the_others_alone(monkeypatch):
    calls, plain = [], Adder.__call__

    def counted(self, raw):
        if isinstance(raw, list):
            calls.append(len(raw))
        return plain(self, raw)

    monkeypatch.setattr(Adder, "__call__", counted)
    results = adder().each(["1 2"] * 63 + ["x"])
    assert sum(isinstance(one, BadInput) for one in results) == 1
    assert calls == [64, 32, 32, 16, 16, 8, 8, 4, 4, 2, 2, 1, 1]
