"""The last line of a run is a command that works as it stands, whatever the task and the folder."""

import shlex

import pytest

from tests.cli.test_finetune import zoo_says
from tests.helpers import own_data
from tests.helpers.marks import long_if

pytestmark = pytest.mark.usefixtures("undrawn")

SLOW = ("word_vectors", "trigger_word", "speech_recognition")


def tried(out):
    """What the printed command says, and what it is."""
    line = out.splitlines()[-1]
    assert line.startswith("try it: zoo predict "), out
    zoo, *words = shlex.split(line.removeprefix("try it: "))
    assert zoo == "zoo"
    code, said, err = zoo_says(*words)
    assert (code, err) == (0, ""), (line, err)
    assert said.strip()
    return words


@pytest.mark.parametrize("task", [long_if(task in SLOW, task) for task in own_data.SMALL])
def test_of_every_task_trained_on_ones_own_data(task, tmp_path, monkeypatch):
    if task == "word_vectors":
        pytest.importorskip("numba")
    monkeypatch.chdir(tmp_path)
    arch, fields = own_data.SMALL[task]
    data = own_data.made(task, tmp_path / "my data")
    run = "my runs/it's one"
    code, out, err = zoo_says("train", arch, "--data", data, "--out", run, *fields)
    assert code == 0, err
    assert tried(out)[1] == run


@pytest.mark.parametrize(
    "task", [long_if(task != "classification", task) for task in own_data.TUNED]
)
def test_of_every_task_finetuned(task, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arch, fields = own_data.SMALL[task]
    data = own_data.made(task, tmp_path / "my data")
    code, _, err = zoo_says("train", arch, "--data", data, "--out", "run", *fields)
    assert code == 0, err
    fields = own_data.TUNED[task]
    code, out, err = zoo_says("finetune", "run", "--data", data, "--out=-again", *fields)
    assert code == 0, err
    assert tried(out)[1] == "./-again"


def test_a_folder_named_as_shipped_weights_is_still_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = zoo_says("train", "lenet5.digits", "steps=1", "--out", "lenet5.mnist")
    assert code == 0, err
    assert tried(out)[1] == "./lenet5.mnist"


def test_a_folder_with_another_runs_card_gives_this_runs_card(tmp_path):
    for name in ("lenet5.digits", "shallow_net.digits"):
        code, out, err = zoo_says("train", name, "steps=1", "--out", tmp_path, "--fresh")
        assert code == 0, err
    assert tried(out)[1] == str(tmp_path / "shallow_net.digits.json")
    code, out, err = zoo_says("reproduce", "lenet5.digits", "--seeds", "1", "steps=1", "--fresh",
                              "--out", tmp_path)  # fmt: skip
    assert tried(out)[1] == str(tmp_path / "lenet5.digits.json")


def test_a_sentence_that_begins_with_a_dash_is_no_option(tmp_path):
    rows = [(f"-- {text.removeprefix('-- ')}", label) for text, label in own_data.opinions(40)]
    data = own_data.table(tmp_path / "films.csv", rows)
    code, out, err = zoo_says("train", "sentiment", "--data", data, "--out", tmp_path, "steps=1")
    assert code == 0, err
    assert tried(out)[2] == "--"
