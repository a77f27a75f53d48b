"""zoo predict: the options of the weights it is given, and of no others."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import zoo
from tests.cli.test_light import HEAVY, command, found
from tests.helpers.small_weights import change_card, only_from, write_weights
from zoo import predictors, registry
from zoo.cli.main import main
from zoo.options import from_json

ROOT = Path(__file__).parents[2]
SHIPPED = {  # a task -> weights of it, whose card alone is read
    zoo.card(name).task: name for name in sorted(zoo.list_weights(), reverse=True)
}


@pytest.fixture
def says(capsys):
    """A function: run zoo predict; exit code, standard output, standard error."""

    def say(*words):
        try:
            code = main(["predict", *map(str, words)])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return say


def flags(text):
    """The long options that a help text shows."""
    return set(re.findall(r"^ +(--[\w-]+)", text, re.MULTILINE))


VERBS_OWN = {
    *(
        "--file",
        "--text",
        "--verify",
        "--plot",
        "--save",
        "--out",
        "--device",
        "--optimize",
        "--json",
    ),
    "--traceback",
}


# ---- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", SHIPPED)
def test_the_help_of_weights_shows_their_options_and_no_others(says, task):
    code, out, err = says(SHIPPED[task], "--help")
    assert (code, err) == (0, "")
    options = [from_json(record) for record in registry.index()["options"][task]]
    assert flags(out) == VERBS_OWN | {one.flag for one in options}
    if options:
        assert f"options of {SHIPPED[task]}:" in out
    words = " ".join(out.split())
    for one in options:
        assert one.help in words


def test_every_task_with_weights_is_looked_at_above():
    assert len(SHIPPED) >= 7
    assert set(SHIPPED) <= set(registry.index()["options"])
    assert all(zoo.card(name).task == task for task, name in SHIPPED.items())


def test_the_help_without_a_name_says_where_the_options_are(says):
    for words in (["--help"], ["--json", "--help"], ["--device", "cpu", "--help"]):
        code, out, _ = says(*words)
        assert code == 0
        assert flags(out) == VERBS_OWN
        assert "zoo predict NAME --help shows the options of these weights." in out


def test_the_help_of_unknown_weights_names_the_near_ones(says):
    code, out, err = says("lenet5.mnits", "--help")
    assert (code, out) == (2, "")
    assert err.startswith("zoo: no weights 'lenet5.mnits'; did you mean lenet5.mnist")
    assert err.count("\n") == 1


def test_the_help_of_weights_is_light_and_quick(tmp_path):
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PATH", "LD_"))}
    environment = {**kept, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    body = "".join(command("predict", name, "--help") for name in SHIPPED.values())
    assert "torch" in HEAVY
    assert found({**environment, "PYTHONDONTWRITEBYTECODE": "1"}, body) == [[], []]
    words = [sys.executable, "-m", "zoo", "predict", "yolov3_tiny.bccd", "--help"]
    start = os.times()  # of the processor: a busy machine is no fault
    subprocess.run(words, env=environment, check=True, capture_output=True)
    took = os.times()
    spent = took.children_user + took.children_system
    assert spent - start.children_user - start.children_system < 0.5


# ---- options ------------------------------------------------------------------------------------


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    write_weights(tmp_path / "weights")
    only_from(tmp_path / "weights", monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ["lenet5.tiny", "--beam", "5", "x.png"],
        ["lenet5.tiny", "x.png", "--beam=5"],
        ["--beam", "5", "lenet5.tiny", "x.png"],
        ["lenet5.tiny", "--beam", "--json", "x.png"],
        ["--device", "cpu", "lenet5.tiny", "x.png", "--beam"],
    ],
)
def test_an_option_of_other_weights_is_refused_in_one_line(tiny, says, words):
    assert says(*words) == (2, "", "zoo: lenet5.tiny has no option beam; it has crops, slide\n")


@pytest.mark.parametrize("value", ["3", "ten", "1.0"])
def test_a_value_of_another_type_is_refused_in_one_line(tiny, says, value):
    wrong = f"zoo: crops must be 1 or 10 or 144 or none, got {value!r}\n"
    assert says("lenet5.tiny", "x.png", "--crops", value) == (2, "", wrong)


def test_an_option_of_the_weights_is_used(tiny, says, tmp_path, monkeypatch):
    from zoo.predictors.inputs.images import probe

    probe().resize((60, 60)).save("x.png")
    card = zoo.card("lenet5.tiny")
    several = {}
    for name, options in (("one", []), ("ten", ["--crops", "10"])):
        code, out, err = says("lenet5.tiny", "x.png", "--json", "--device", "cpu", *options)
        assert (code, err) == (0, "")
        several[name] = json.loads(out)[0]["top"]
    assert several["one"] != several["ten"]
    assert several["ten"] == zoo.load(card.folder, device="cpu", crops=10)("x.png").to_json()["top"]


# ---- a task of a new file -----------------------------------------------------------------------


@pytest.fixture
def toy(tiny, monkeypatch, tmp_path):
    """Weights of a task that the index does not know (tests.predictors.toy.adding.py)."""
    place = import_module("tests.predictors.toy").__path__[0]
    monkeypatch.setattr(predictors, "__path__", [*predictors.__path__, place])
    path = tmp_path / "weights" / "lenet5.tiny.json"
    change_card(path, task="adding", test_vector={"input": "1 2", "output": [1.0, 2.0]})


def test_options_of_every_type_reach_it_from_the_command_line(toy, says):
    code, out, err = says("lenet5.tiny", "1 2.26", "--factor", "2", "--digits", "1", "--loud",
                          "--words", "red,apples", "--way", "mean", "--log", "x.txt")  # fmt: skip
    assert (code, err) == (0, "")
    assert out == "1 2.26: 3.3 red apples 3.3 red apples\n"
    assert says("lenet5.tiny", "1 2", "--no-loud")[1] == "1 2: 3.0\n"


def test_an_answer_that_cannot_be_drawn_is_refused_before_it_is_computed(toy, says):
    wrong = "zoo: answers of lenet5.tiny cannot be drawn; leave out --plot\n"
    assert says("lenet5.tiny", "1 2", "--plot", "x.png") == (2, "", wrong)
    assert not Path("x.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--factor", "much"], "factor must be a number, got 'much'"),
        (["--digits", "1.5"], "digits must be a whole number or none, got '1.5'"),
        (["--way", "median"], "way must be sum or mean, got 'median'"),
        (["--words", ","], "words must be words with commas between them, got ','"),
        (["--crops", "10"], "has no option crops; it has factor, digits, words, way, loud, log"),
    ],
)
def test_wrong_values_are_refused_in_one_line(toy, says, words, said):
    code, out, err = says("lenet5.tiny", "1 2", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_its_help_shows_its_options(toy, says):
    out = says("lenet5.tiny", "--help")[1]
    own = {"--factor", "--digits", "--words", "--way", "--loud", "--log"}
    assert flags(out) == VERBS_OWN | own
    assert "--way {sum,mean}" in out
    assert "what the sum is multiplied by (default 1.0)" in " ".join(out.split())
