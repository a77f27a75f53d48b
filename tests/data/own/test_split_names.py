"""The names of splits: usual ones in any case; what can be understood in two ways is refused."""

import pytest

from zoo.data.own.split_names import begins_like_a_split, find_splits, split_files, split_of
from zoo.errors import BadInput


@pytest.mark.parametrize(
    ("split", "names"),
    [
        ("train", ["train", "Train", "TRAINING", " training ", "training_set", "Train-Data"]),
        ("dev", ["dev", "Val", "VALID", "validation", "development", "devel", "val_images"]),
        ("test", ["test", "Testing", "TEST", "test set"]),
        (None, ["trains", "tester", "valley", "evaluation", "", "set", "contest", "tes", "train2"]),
    ],
)
def test_usual_names_in_any_case(split, names):
    assert {split_of(name) for name in names} == {split}


def test_what_begins_like_a_split_but_is_none():
    told = {name: begins_like_a_split(name) for name in ("train_1", "TEST 2", "train", "trainers")}
    assert told == {"train_1": True, "TEST 2": True, "train": False, "trainers": False}


def test_each_split_has_its_name(tmp_path):
    names = ["Testing", "valid", "notes", "TRAIN"]
    assert find_splits(tmp_path, names) == {"train": "TRAIN", "dev": "valid", "test": "Testing"}
    assert find_splits(tmp_path, ["notes"]) == {}


@pytest.mark.parametrize("names", [["train", "Training"], ["train", "dev", "val"]])
def test_two_names_of_one_split_are_refused(tmp_path, names):
    with pytest.raises(BadInput, match=r"has \w+ and \w+: both mean (train|dev)"):
        find_splits(tmp_path, names)


def test_dev_and_test_alone_are_refused_where_there_is_training(tmp_path):
    said = r"has Test \(test\) and val \(dev\), but nothing to train on"
    with pytest.raises(BadInput, match=said):
        find_splits(tmp_path, ["val", "Test"])
    assert find_splits(tmp_path, ["val", "Test"], train=False) == {"dev": "val", "test": "Test"}


def test_files_by_split(tmp_path):
    for name in ("Train.CONLL", "valid.txt", "test.x.txt", ".test.txt", "readme.txt", "test.pdf"):
        (tmp_path / name).touch()
    found = split_files(tmp_path, (".conll", ".txt", ".x.txt"))
    assert {split: path.name for split, path in found.items()} == {
        **{"train": "Train.CONLL", "dev": "valid.txt", "test": "test.x.txt"}
    }
    (tmp_path / "dev.conll").touch()
    with pytest.raises(BadInput, match=r"has dev\.conll and valid\.txt: both mean dev"):
        split_files(tmp_path, (".conll", ".txt"))
    (tmp_path / "dev.conll").unlink()
    (tmp_path / "train.txt").touch()
    with pytest.raises(BadInput, match=r"has Train\.CONLL and train\.txt: both mean train"):
        split_files(tmp_path, (".conll", ".txt"))
