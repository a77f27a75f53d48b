"""zoo reproduce: from a recipe's name to card, weights and pictures, and what is done with them."""

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

import zoo
from tests.helpers.small_weights import change_card
from zoo.cli.main import main
from zoo.datasets.digits import digits
from zoo.engine.fit import fit
from zoo.engine.log import read
from zoo.errors import BadInput, UnknownName
from zoo.pretrained.load import read_tensors
from zoo.recipes.common.recipe import get_recipe

CARD, WEIGHTS = "lenet5.digits.json", "lenet5.digits.safetensors"
WORDS = ["reproduce", "lenet5.digits", "steps=3", "--seeds", "2", "--threads", "1"]


def zoo_says(*words: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(words))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """(folder, exit code, stdout, stderr) of a first run; nobody changes the folder."""
    folder = tmp_path_factory.mktemp("first")
    return folder, *zoo_says(*WORDS, "--out", str(folder))


@pytest.fixture
def run(first, tmp_path, undrawn) -> Path:
    """A copy of its folder, to go on from."""
    return shutil.copytree(first[0], tmp_path / "run")


def record(folder):
    return json.loads((folder / CARD).read_text(encoding="utf-8"))


def test_all_that_was_promised_is_there(first):
    names = {p.name for p in first[0].iterdir()}
    pictures = {"curve.png", "confusion.png", "mistakes.png", "example.png"}
    assert names == {CARD, WEIGHTS, "seed-0", "seed-1"} | pictures


@pytest.mark.parametrize(
    ("name", "least"), [("curve.png", 300), ("mistakes.png", 300), ("example.png", 32)]
)
def test_the_pictures_are_pictures(first, name, least):
    with Image.open(first[0] / name) as image:
        assert image.format == "PNG"
        image.load()
        assert image.size[0] >= least
        low, high = image.convert("L").getextrema()
        assert high - low > 100  # something is drawn


def test_the_claim_is_not_met_after_three_steps(first):
    folder, code, out, err = first
    assert code == 1
    assert "claim NOT met: at most 3.10 %" in out
    assert f"try it: zoo predict {folder} {folder / 'example.png'}" in out
    assert "seed 0, 3 steps" in err
    assert "seed 1, 3 steps" in err


def test_the_card_says_how_it_was_made(first):
    card = zoo.card(first[0])
    assert card.name == card.recipe == "lenet5.digits"
    assert card.seeds == [0, 1]
    assert len(card.measured) == 2
    assert card.shipped == card.measured[0]
    assert card.settings["steps"] == 3
    assert card.settings["arch"] == card.arch == "lenet5"
    assert card.parameters == 61_706
    assert (card.paper, card.met) == (3.1, False)
    assert card.bytes == (first[0] / WEIGHTS).stat().st_size
    assert card.torch == torch.__version__
    assert "threads" in card.device


def test_the_weights_are_those_of_the_first_seed(first, tmp_path):
    folder = first[0]
    recipe = get_recipe("lenet5.digits").override(steps="3")
    result = recipe.run(tmp_path, torch.device("cpu"), show=False)
    stored = read_tensors(zoo.card(folder))
    for key, value in result.task.model.state_dict().items():
        assert torch.equal(stored[key], value), key
    assert round(result.test["error"], 4) == zoo.card(folder).measured[0]
    assert result.rows == read(folder / "seed-0" / "log.jsonl")


def test_the_seeds_differ(first):
    rows = [read(first[0] / f"seed-{n}" / "log.jsonl") for n in (0, 1)]
    assert rows[0] != rows[1]
    assert all(row[-1]["step"] == 3 for row in rows)


def test_the_card_loads_and_answers(first):
    folder = first[0]
    answer = zoo.load(folder)(folder / "example.png")
    assert answer.label in zoo.card(folder).classes
    code, out, _ = zoo_says("predict", str(folder), str(folder / "example.png"))
    assert code == 0
    assert out == f"{folder / 'example.png'}: {answer}\n"


def test_a_second_command_uses_the_finished_runs(run):
    before = record(run)
    times = {p: p.stat().st_mtime_ns for p in run.glob("seed-*/checkpoints/*.safetensors")}
    assert len(times) == 2
    code, out, err = zoo_says(*WORDS, "--out", str(run), "--json")
    after = record(run)
    assert (code, err) == (1, "")
    assert {p: p.stat().st_mtime_ns for p in times} == times  # not trained again
    for name in ("measured", "shipped", "sha256", "test_vector", "settings"):
        assert after[name] == before[name], name
    told = json.loads(out)  # all there is on stdout
    assert told["measured"] == after["measured"]
    assert told["mean"] == pytest.approx(sum(told["measured"]) / 2)
    assert told["met"] is False
    assert told["folder"] == str(run)


def test_a_second_command_with_more_seeds_trains_those_only(run):
    before = record(run)
    words = [word if word != "2" else "3" for word in WORDS]
    _, _, err = zoo_says(*words, "--out", str(run))
    assert record(run)["measured"][:2] == before["measured"]
    assert record(run)["seeds"] == [0, 1, 2]
    assert "seed 2, 3 steps" in err


def test_fresh_trains_again_and_gets_the_same(run):
    before = record(run)
    times = {p: p.stat().st_mtime_ns for p in run.glob("seed-*/checkpoints/*.safetensors")}
    (run / "my notes.txt").write_text("mine")
    zoo_says(*WORDS, "--out", str(run), "--fresh")
    assert all(p.stat().st_mtime_ns > old for p, old in times.items())
    assert (run / "my notes.txt").read_text() == "mine"  # what a run does not write, it leaves
    for name in ("measured", "sha256"):
        assert record(run)[name] == before[name], name


def test_other_settings_are_refused_until_fresh(run):
    before = record(run)
    words = [word if word != "steps=3" else "steps=4" for word in WORDS]
    code, out, err = zoo_says(*words, "--out", str(run))
    assert (code, out) == (2, "")
    assert "steps was 3, is 4" in err
    assert record(run) == before
    assert zoo_says(*words, "--out", str(run), "--fresh")[0] == 1
    assert record(run)["settings"]["steps"] == 4


def test_evaluate_agrees_with_the_card(first):
    folder = first[0]
    code, out, _ = zoo_says("evaluate", str(folder), "--json")
    told = json.loads(out)
    assert code == 0
    assert told["error"] == pytest.approx(zoo.card(folder).shipped, abs=1e-3)
    assert told["card"] == zoo.card(folder).shipped
    assert f"{told['error']:.2f} %  (card: " in zoo_says("evaluate", str(folder))[1]


def test_evaluate_notices_a_card_that_says_something_else(run):
    change_card(run / CARD, shipped=record(run)["shipped"] - 0.1)
    assert zoo_says("evaluate", str(run))[0] == 1
    assert zoo_says("evaluate", str(run), "--split", "dev")[0] == 0  # of which it says nothing


def test_evaluate_of_crops_and_ensembles(first):
    folder = str(first[0])
    plain = json.loads(zoo_says("evaluate", folder, "--json")[1])
    code, out, _ = zoo_says("evaluate", f"{folder}+{folder}", "--json")
    twice = json.loads(out)
    assert code == 0
    assert twice["name"] == f"{plain['name']}+{plain['name']}"
    assert twice["error"] == plain["error"]  # it agrees with itself
    assert twice["card"] is None
    code, out, _ = zoo_says("evaluate", folder, "--crops", "10", "--json")
    assert code == 0
    assert json.loads(out)["card"] is None  # which says nothing of crops
    assert json.loads(out)["error"] != plain["error"]


def test_unlike_networks_cannot_vote(first, run):
    change_card(run / CARD, data="other pictures")
    code, _, err = zoo_says("evaluate", f"{first[0]}+{run}")
    assert code == 2
    assert "differ in data: they cannot vote together" in err


def test_evaluate_draws_the_mistakes(run):
    assert zoo_says("evaluate", str(run), "--mistakes", str(run / "m.png"))[0] == 0
    with Image.open(run / "m.png") as image:
        assert image.format == "PNG"


def test_ship_copies_card_and_weights(run, tmp_path, monkeypatch):
    shelf = tmp_path / "a new" / "shelf"
    zoo_says(*WORDS, "--out", str(run), "--ship", str(shelf))
    assert {p.name for p in shelf.iterdir()} == {CARD, WEIGHTS}
    for name in (CARD, WEIGHTS):
        assert (shelf / name).read_bytes() == (run / name).read_bytes()
    monkeypatch.setenv("ZOO_WEIGHTS", str(shelf))
    assert zoo.card("lenet5.digits").folder == shelf
    assert zoo.load("lenet5.digits")(run / "example.png").label


def test_the_claim_can_be_met(run, monkeypatch):
    from zoo.recipes.common import recipe

    made = get_recipe("lenet5.digits")
    easy = replace(made, claim=replace(made.claim, within=100.0))
    monkeypatch.setitem(recipe._RECIPES, "lenet5.digits", lambda: easy)
    code, out, _ = zoo_says(*WORDS, "--out", str(run))
    assert code == 0
    assert "claim met: at most 103.10 %" in out


def test_another_first_seed(tmp_path):
    words = ["reproduce", "lenet5.digits", "--seeds", "1", "steps=1", "seed=7", "--json"]
    code, out, _ = zoo_says(*words, "--out", str(tmp_path))
    assert code == 1
    assert (tmp_path / "seed-7").is_dir()
    assert zoo.card(tmp_path).seeds == [7]
    assert json.loads(out)["spread"] == 0


@pytest.mark.parametrize(
    "field",
    [
        "steps=0",
        "steps=-1",
        "accumulate=0",
        "log_every=0",
        "save_every=0",
        "evaluate_every=-1",
        "evaluate_every=0",
        "clip_value=1e308",
        "clip=inf",
        "lr=inf",
        "lr=1e308",
        "schedule=exponential:base=-1e300",
        "watch=zzz",
        "lr=-0.1",
        "clip=0",
        "clip_value=0",
        "ema=1",
        "ema=0",
        "seed=9223372036854775808",
        "schedule=staircase:every=0",
        "num_classes=3",
        "num_classes=11",
        "in_chans=3",
    ],
)
def test_a_recipe_that_cannot_run_is_refused_before_it_starts(field, tmp_path):
    recipe = get_recipe("lenet5.digits").override(steps="2")
    with pytest.raises((BadInput, UnknownName)):
        recipe.override(**dict([field.split("=", 1)])).run(
            tmp_path / "run", torch.device("cpu"), show=False
        )
    assert not list(tmp_path.rglob("*.safetensors"))
    assert not list(tmp_path.rglob("log.jsonl"))


def test_the_rehearsal_changes_nothing(tmp_path):
    """Dropout, running statistics and the order of the batches are those of a run without it."""
    recipe = get_recipe("mlp.mnist").override(
        steps="3", image_size="8", hidden_sizes="9", dropout="0.5"
    )
    recipe = replace(recipe.override(batch_norm="true"), data=digits, batch_size=32)
    result = recipe.run(tmp_path, torch.device("cpu"), show=False)
    task = recipe.build(torch.device("cpu"))
    torch.manual_seed(recipe.seed)
    optimizer = recipe.optimizer(task.model.parameters())
    fit(task, optimizer, recipe.rate, recipe.steps, options=recipe.options)
    for key, value in task.model.state_dict().items():
        assert torch.equal(value, result.task.model.state_dict()[key]), key
