"""zoo finetune and zoo train --data: a good classifier by itself, and all that goes with it."""

import io
import json
import random
from contextlib import redirect_stderr, redirect_stdout

import pytest
import torch
from PIL import Image, ImageDraw

import zoo
from tests.helpers.forks import zoo_on_two_ranks
from zoo import files
from zoo.cli.main import main
from zoo.engine.log import read
from zoo.pretrained.load import read_tensors

pytestmark = pytest.mark.usefixtures("undrawn")

SHORT = ["steps=40", "evaluate_every=10", "log_every=5", "patience=none", "--threads", "1"]


def zoo_says(*words):
    """(exit code, stdout, stderr) of a command."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Bars, boxes and rings somewhere in the picture; ten times as many bars as rings."""
    root, draw = tmp_path_factory.mktemp("data") / "shapes", random.Random(0)
    for kind, count in (("bar", 100), ("box", 40), ("ring", 10)):
        (root / kind).mkdir(parents=True)
        for number in range(count):
            picture = Image.new("L", (28, 28), draw.randrange(40))
            pen, x, y = ImageDraw.Draw(picture), draw.randrange(2, 12), draw.randrange(2, 12)
            if kind == "bar":
                pen.line((x, y, x + 13, y + draw.randrange(14)), fill=220, width=3)
            elif kind == "box":
                pen.rectangle((x, y, x + 12, y + 12), fill=200)
            else:
                pen.ellipse((x, y, x + 12, y + 12), outline=230, width=2)
            picture.save(root / kind / f"{number:03}.png")
    return root


@pytest.fixture(scope="module")
def alone(shapes, tmp_path_factory):
    """A run with nothing said but weights and data: (folder, stdout, stderr)."""
    folder = tmp_path_factory.mktemp("run")
    code, out, err = zoo_says(
        "finetune", "lenet5.mnist", "--data", shapes, "--out", folder, "--threads", "1"
    )
    assert code == 0, err
    return folder, out, err


def test_it_gets_there_by_itself(alone):
    folder, out, _ = alone
    assert zoo.card(folder).shipped <= 7  # one of the 15 test pictures, all of three classes
    assert "mean over the classes" in out
    assert out.index("label") < out.index("error") < out.index("written to")


def test_what_is_left_behind(alone):
    folder, out, _ = alone
    wanted = {"confusion.png", "mistakes.png", "curve.png", "log.jsonl"}
    wanted |= {"lenet5.shapes.json", "lenet5.shapes.safetensors"}
    assert wanted <= {p.name for p in folder.iterdir()}
    for name in sorted(wanted):
        assert name in out.split("written to")[1]
    for name in ("confusion.png", "mistakes.png"):
        with Image.open(folder / name) as image:
            assert min(image.size) > 50
    table = out[out.index("label") :]
    rows = [line.split() for line in table.split("\n")[1:4]]
    assert [row[0] for row in rows] == ["bar", "box", "ring"]


def test_the_card_tells_how(alone):
    card = zoo.card(alone[0])
    assert card.classes == ["bar", "box", "ring"]
    assert card.parameters == 61_706 - 7 * 85
    assert card.settings["start"] == "lenet5.mnist"
    assert card.settings["task"] == {"augment": "shift(most=2)", "balance": True}
    plan = card.settings["tuning"]
    assert (plan["freeze"], plan["probe"]) == (0, False)
    assert 0 < plan["head_only"] < plan["unfreeze_by"] < 1
    assert plan["layer_decay"] ** 4 == pytest.approx(
        0.1, rel=1e-3
    )  # of LeNet-5's first of five blocks
    assert card.settings["watch"] == "balanced_error"


def test_predict_and_evaluate_take_the_folder(alone, shapes):
    folder, _, _ = alone
    picture = shapes / "box" / "003.png"
    code, out, err = zoo_says("predict", folder, picture, "--json")
    assert code == 0, err
    assert json.loads(out)[0]["label"] == "box"
    code, out, err = zoo_says("evaluate", folder, "--data", shapes, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["error"] < 5
    assert told["balanced_error"] < 10


def short(shapes, out, *words, start=("finetune", "lenet5.mnist")):
    code, said, err = zoo_says(*start, "--data", shapes, "--out", out, *SHORT, *words)
    assert code == 0, err
    return said


def unchanged(folder):
    """Names of the weights that are those of lenet5.mnist still."""
    before, after = read_tensors(zoo.card("lenet5.mnist")), read_tensors(zoo.card(folder))
    return {k for k in after if torch.equal(before[k], after[k])}


def test_a_probe_trains_the_head_only(shapes, tmp_path):
    said = short(shapes, tmp_path, "--probe", "--json")
    assert json.loads(said)["name"] == "lenet5.shapes"  # and nothing but that
    assert unchanged(tmp_path) == {f"{n}.{k}" for n in ("c1", "c3", "c5", "f6") for k in W_AND_B}


W_AND_B = ("weight", "bias")


def test_frozen_blocks_are_those_of_the_weights(shapes, tmp_path):
    short(shapes, tmp_path, "--freeze", "2", "lr=0.01")
    assert unchanged(tmp_path) == {f"{n}.{k}" for n in ("c1", "c3") for k in W_AND_B}


def test_both_ways_to_freeze_at_once_are_refused(shapes, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["finetune", "lenet5.mnist", "--data", str(shapes), "--probe", "--freeze", "2"])
    assert stop.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_a_table_gives_the_same_weights(shapes, tmp_path):
    lines = [f"{p},{p.parent.name}" for p in sorted(shapes.rglob("*.png"), reverse=True)]
    (tmp_path / "shapes.csv").write_text("\n".join(["file,label", *lines]))
    for data, out in ((shapes, "a"), (tmp_path / "shapes.csv", "b")):
        short(data, tmp_path / out, "channels_last=false")  # which is else found by timing
    found = [files.sha256(tmp_path / n / "lenet5.shapes.safetensors") for n in "ab"]
    assert found[0] == found[1]


def test_fields_reach_the_plan(shapes, tmp_path):
    fields = [
        "layer_decay=0.5",
        "head_only=0.5",
        "unfreeze_by=1",
        "balance=false",
        "augment=crop_flip",
    ]
    short(shapes, tmp_path, *fields)
    settings = zoo.card(tmp_path).settings
    assert settings["tuning"] == {
        **{"freeze": 0, "probe": False},
        **{"layer_decay": 0.5, "head_only": 0.5, "unfreeze_by": 1.0},
    }
    assert settings["task"] == {"balance": False, "augment": "chain(steps=(shift(most=4), flip))"}


def test_training_from_scratch_gives_the_same_pictures(shapes, tmp_path):
    said = short(shapes, tmp_path, start=("train", "lenet5"))
    assert "mean over the classes" in said
    assert {"confusion.png", "mistakes.png"} <= {p.name for p in tmp_path.iterdir()}
    settings = zoo.card(tmp_path).settings
    assert settings["task"]["balance"] is True
    assert "tuning" not in settings


def test_two_processes_unfreeze_like_one(shapes, tmp_path):
    """Data parallel looks at each step which parameters learn."""
    fields = ["freeze=1", "accumulate=2"]
    short(shapes, tmp_path / "one", *fields)
    words = ["--data", str(shapes), "--out", str(tmp_path / "two"), *SHORT, *fields]
    for code, _, err in zoo_on_two_ranks(tmp_path, "finetune", "lenet5.mnist", *words):
        assert code == 0, err[-3000:]
    assert unchanged(tmp_path / "two") == {"c1.weight", "c1.bias"}
    for one, two in zip(
        read(tmp_path / "one/log.jsonl"), read(tmp_path / "two/log.jsonl"), strict=True
    ):
        assert two["loss"] == pytest.approx(one["loss"], abs=1e-4)
        assert two.get("dev_balanced_error") == pytest.approx(one.get("dev_balanced_error"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["in_chans=0"], "in_chans must be 1 (grey) or 3 (RGB)"),
        (["patience=0"], "patience must be at least 1, got 0"),
    ],
)
def test_numbers_that_make_no_sense_are_said_before_anything_is_written(
    shapes, tmp_path, words, said
):
    run = tmp_path / "run"
    code, _, err = zoo_says("finetune", "lenet5.mnist", "--data", shapes, "--out", run, *words)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert not list(run.glob("*.safetensors"))


def test_size_is_for_every_network(shapes, tmp_path):
    """lenet5 takes no argument of that name: the pictures are read in that size all the same."""
    words = ["steps=2", "image_size=40", "batch_size=4", "patience=none", "--out", tmp_path]
    code, _, err = zoo_says("train", "resnet20", "--data", shapes, *words)
    assert code == 0, err
    assert zoo.card(tmp_path).front_end["size"] == [40, 40]


def test_stopping_early_and_few_test_images_are_said(shapes, tmp_path):
    few = tmp_path / "few"
    for kind in ("bar", "box"):
        (few / kind).mkdir(parents=True)
        for path in sorted((shapes / kind).glob("*.png"))[:4]:
            (few / kind / path.name).write_bytes(path.read_bytes())
    run = ["--out", tmp_path / "run", "steps=60", "evaluate_every=2", "patience=2", "lr=0"]
    code, out, err = zoo_says("finetune", "lenet5.mnist", "--data", few, *run)
    assert code == 0, err
    assert "stopped after step 6 of 60: no better on dev for 2 evaluations" in out
    assert "too few for a reliable error rate" in out


def test_bad_images_are_all_named_before_training_or_left_out(shapes, tmp_path):
    data, run = tmp_path / "few", tmp_path / "run"
    for kind in ("bar", "box"):
        (data / kind).mkdir(parents=True)
        for path in sorted((shapes / kind).glob("*.png"))[:12]:
            (data / kind / path.name).write_bytes(path.read_bytes())
    (data / "bar" / "cut.png").write_bytes((data / "bar" / "000.png").read_bytes()[:40])
    (data / "box" / "page.jpg").write_bytes(b"<html>")
    (data / "box" / "notes.txt").write_text("no image")
    words = ["--data", data, "--threads", "1"]
    for verb in (["train", "mlp"], ["finetune", "mlp.mnist"]):
        code, out, err = zoo_says(*verb, *words, "--out", run, "steps=2")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "2 of 26 images cannot be used: " in err
        assert "bar/cut.png is " in err
        assert "box/page.jpg is " in err
        assert not run.exists()
    code, _, err = zoo_says("train", "mlp", *words, "--out", run, "steps=2", "--skip-bad")
    assert code == 0, err
    notes = [line for line in err.splitlines() if line.startswith("note: ")]
    assert notes[0] == (
        "note: read 24 images in 2 classes (bar 12, box 12): train 20, dev 2, test 2 (dev and test "
        "set aside from train)"
    )
    assert notes[1] == "note: left out: no images (1: notes.txt)"
    assert notes[2].startswith("note: images are read as mlp reads them: resized to 28 x 28")
    assert notes[3].startswith("note: left out 2 of 26 images that cannot be used: ")
    code, out, err = zoo_says("evaluate", run, "--data", data)
    assert (code, out) == (2, "")
    assert "2 of 26 images cannot be used" in err
    code, out, err = zoo_says("evaluate", run, "--data", data, "--skip-bad", "--split", "all")
    assert code == 0, err
    assert "all (24)" in out
    assert "note: left out 2 of 26 images that cannot be used" in err


def test_bad_examples_are_left_out_of_ones_own_data_only(shapes, tmp_path):
    for words in (["train", "lenet5.digits", "--out", tmp_path], ["evaluate", "lenet5.mnist"]):
        code, out, err = zoo_says(*words, "--skip-bad")
        assert (code, out) == (2, "")
        assert "skip_bad leaves out what is bad of your data: add --data PATH" in err
    (tmp_path / "a.txt").write_text("a text " * 99)
    words = ["--data", tmp_path / "a.txt", "--skip-bad"]
    code, _, err = zoo_says("train", "lstm", *words, "--out", tmp_path / "run")
    assert (code, err.count("\n")) == (2, 1)
    assert "a text is read as a whole: --skip-bad has nothing to leave out of it" in err


def test_one_bad_picture_spoils_no_other_answer(shapes, tmp_path):
    good, bad = sorted(shapes.glob("bar/*.png"))[:2], tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    code, out, err = zoo_says("predict", "lenet5.mnist", good[0], bad, good[1], good[0])
    assert code == 2
    assert [line.split(": ")[0] for line in out.splitlines()] == [
        str(p) for p in (good[0], good[1], good[0])
    ]
    assert str(bad) in err
    assert len(err.splitlines()) == 1
