"""A run's record of its examples: written, read, and compared with examples found later."""

import pytest

import zoo
from tests.helpers.small_weights import write_weights
from zoo.errors import BadFile
from zoo.recipes.common.record import Record, file_name, seen_by


def record(**splits):
    return Record({name: [tuple(one.split()) for one in part] for name, part in splits.items()})


RUN = record(train=["a", "b", "b"], dev=["c"], test=["d 4", "b"])


def found(*examples):
    return [tuple(one.split()) for one in examples]


def test_each_example_is_in_the_split_it_was_in():
    assert RUN.assigned(found("d", "x", "c", "a")) == ["test", "", "dev", "train"]
    assert RUN.assigned(found("y 4")) == ["test"]  # another file of the same pixels


def test_of_examples_alike_as_many_are_in_each_split_as_there_were():
    assert RUN.assigned(found("b", "b", "b", "b")) == ["train", "train", "test", ""]
    assert RUN.trained_on(found("b", "b", "b", "b", "d")) == 4  # the content was learned


def test_a_split_is_whole_or_not():
    assert RUN.is_whole("test", found("b", "d"))
    assert not RUN.is_whole("test", found("b"))
    assert not RUN.is_whole("test", found("b", "d", "d"))
    assert not record(train=["a"]).is_whole("test", [])


def test_an_ensemble_has_learned_what_any_of_its_networks_has():
    both = Record.joined([RUN, record(train=["z"], test=["a"])])
    assert both.trained_on(found("z", "a", "d")) == 2
    assert both.assigned(found("d")) == ["test"]


def test_it_is_kept_beside_the_card_in_plain_lines(tmp_path):
    card = write_weights(tmp_path)
    assert Record.of(card) is not None  # named after a recipe: its data are known
    RUN.write(tmp_path / file_name(card.name))
    again = Record.of(zoo.card(tmp_path))
    assert again.splits == RUN.splits
    lines = (tmp_path / file_name(card.name)).read_text().splitlines()
    assert lines[0] == "split,digests"
    assert lines[-2:] == ["test,d 4", "test,b"]
    (tmp_path / file_name(card.name)).write_text("split,digests\ntrain\n")
    with pytest.raises(BadFile, match="examples.csv is damaged"):
        Record.of(card)


def test_fine_tuning_from_what_has_seen_the_test_says_so():
    train = Record.of(zoo.card("lenet5.digits")).splits["train"]
    mixed = {"train": train[:3], "dev": [*train[3:5], ("x",)], "test": [("y",), ("z",)]}
    assert seen_by("lenet5.digits", mixed) == [
        "of the 3 examples of dev, lenet5.digits was trained on 2"
    ]
    assert seen_by("resnet18.tv_in1k_v1", mixed) == []  # not known
