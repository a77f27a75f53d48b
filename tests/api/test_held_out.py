"""A number measured on the user's data is of the part it names, for every task; the kinds of data.

Runs are short: which examples are measured matters here, not how well.
"""

import json
import re
import shutil

import pytest

import zoo
from tests.cli.test_finetune import zoo_says
from tests.helpers import own_data
from tests.helpers.marks import long_if
from zoo.errors import UnknownName

pytestmark = pytest.mark.usefixtures("undrawn")
SLOW = ("speech_recognition", "trigger_word")
TASKS = [task for task in own_data.SMALL if task != "word_vectors"]


def trained(task, folder):
    """A short run on data of one's own: (its folder, the data)."""
    data = own_data.made(task, folder / "data")
    arch, fields = own_data.SMALL[task]
    code, _, err = zoo_says("train", arch, "--data", data, "--out", folder / "run", *fields)
    assert code == 0, err
    return folder / "run", data


@pytest.mark.parametrize("task", [long_if(task in SLOW, task) for task in TASKS])
def test_the_run_knows_what_it_held_out_wherever_it_lies_now(task, tmp_path):
    run, data = trained(task, tmp_path)
    moved = tmp_path / "elsewhere" / data.name
    moved.parent.mkdir()
    if data.suffix == ".jsonl":  # with the recordings beside it
        moved = shutil.copytree(data.parent, tmp_path / "there") / data.name
        shutil.rmtree(data.parent)
    else:
        shutil.move(data, moved)
    sizes = {}
    for split in (None, "dev", "train", "all"):
        found = zoo.evaluate(run, moved, split=split)
        sizes[found.split] = found.examples
        assert found.split == (split or "test")
        if split in (None, "dev"):
            assert found.trained_on == 0
            assert found.seen.startswith("held out in training")
        else:
            assert found.trained_on > 0
    test = zoo.evaluate(run, moved)
    assert test.recorded == zoo.card(run).shipped  # the card's number, and it comes out again
    assert test.same
    assert sizes["train"] + sizes["dev"] + sizes["test"] == sizes["all"]
    with pytest.raises(UnknownName, match="has no split 'new', there is train, dev, test, all"):
        zoo.evaluate(run, moved, split="new")


def test_a_grown_folder_of_images_and_another_one(tmp_path):
    run, data = trained("classification", tmp_path)
    own_data.pictures(tmp_path / "more", {"red": 6, "blue": 2}, seed=1)
    for kind in ("red", "blue"):
        shutil.copytree(tmp_path / "more" / kind, data / kind / "later")
    code, out, _ = zoo_says("evaluate", run, "--data", data, "--split", "new")
    assert (code, "new (8), none of 8 trained on: error" in out) == (0, True), out
    code, out, err = zoo_says("evaluate", run, "--data", tmp_path / "more")
    assert "on more all (8), none of 8 trained on: error" in out, err
    code, out, _ = zoo_says("evaluate", run, "--data", data, "--split", "all", "--json")
    told = json.loads(out)
    assert (told["split"], told["examples"], told["card"]) == ("all", 48, None)
    assert told["trained_on"] == 32
    for path in run.glob("*.examples.csv"):
        path.unlink()  # a run of before
    code, out, err = zoo_says("evaluate", run, "--data", data)
    assert "all (48): error" in out
    assert "it is not known which of these examples" in err


def test_a_table_whose_split_column_is_another_than_in_training(tmp_path):
    files = sorted(own_data.pictures(tmp_path / "scans", {"a": 20, "b": 20}).rglob("*.png"))
    rows = [(str(file.relative_to(tmp_path)), file.parent.name) for file in files]
    table = own_data.table(tmp_path / "cells.csv", rows, "file,label")
    run = zoo.train("mlp", table, out=tmp_path / "run", steps=2, image_size=8, hidden_sizes=8)
    plain = zoo.evaluate(run.folder, table)
    assert (plain.split, plain.trained_on, plain.same) == ("test", 0, True)
    every = 8  # every eighth row is called test now
    split = [(*row, "train" if n % every else "test") for n, row in enumerate(rows)]
    own_data.table(table, split, "file,label,split")
    found = zoo.evaluate(run.folder, table)
    assert (found.split, found.examples, found.recorded) == ("test", 5, None)
    assert 0 < found.trained_on <= 5
    assert re.search(r"test \(5\), \d of 5 trained on: error", str(found))
    dev = zoo.evaluate(run.folder, table, split="dev")
    assert dev.trained_on == 0
    assert 0 < dev.examples < 5


def test_three_splits_of_a_table_are_three_numbers_of_three_parts(tmp_path):
    rows = own_data.opinions(60)
    names = ["train"] * 40 + ["dev"] * 12 + ["test"] * 8
    divided = [(*row, name) for row, name in zip(rows, names, strict=True)]
    table = own_data.table(tmp_path / "films.csv", divided, "text,label,split")
    run = zoo.train("sentiment", table, out=tmp_path / "run", steps=2)
    for name, size in (("train", 40), ("dev", 12), ("test", 8)):
        found = zoo.evaluate(run.folder, table, split=name)
        assert (found.split, found.examples) == (name, size)
        assert found.trained_on == (40 if name == "train" else 0)
    alone = own_data.table(tmp_path / "plain.csv", rows)  # the same without the column
    found = zoo.evaluate(run.folder, alone)
    assert (found.split, found.examples, found.same) == ("test", 8, True)


@pytest.mark.long
def test_shipped_weights_on_files_of_their_own_set(zoo_data, tmp_path):
    file = zoo_data / "wnut17" / "wnut17train.conll"
    text = "\n\n".join(file.read_text(encoding="utf-8").split("\n\n")[:40])
    (tmp_path / "mine.conll").write_text(text + "\n", encoding="utf-8")
    found = zoo.evaluate("tagger.wnut17", tmp_path / "mine.conll")
    assert found.split == "train" or found.trained_on == found.examples
    assert f"{found.examples} of {found.examples} trained on" in str(found)


def test_fine_tuning_tells_what_its_start_has_seen(tmp_path):
    first, data = trained("tagging", tmp_path)
    names = {name: tmp_path / "halves" / f"{name}.conll" for name in ("train", "test")}
    names["train"].parent.mkdir()
    own_data.conll(names["train"], 20, seed=7)
    shutil.copy(data, names["test"])  # of which the start has learned four fifths
    again = zoo.finetune(first, names["test"].parent, out=tmp_path / "again", steps=1)
    assert [note for note in again.notes if "was trained on" in note] == [
        f"of the 40 examples of test, {first} was trained on 32"
    ]
