"""zoo stylize: files, folders, previews, sheets, and errors in one line."""

import json
import os
import signal

import pytest
from PIL import Image

from tests.api.test_stylizing import NETWORK, blocks
from zoo.cli import stylize
from zoo.cli.main import main

SMALL = ("--size", "48", "--steps", "4", "--convention", "moments")


def size(path):
    with Image.open(path) as image:
        return image.size


@pytest.fixture
def say(tmp_path, monkeypatch, capsys):
    """A function: run zoo stylize with a small network; exit code, standard output, error."""
    names = []
    monkeypatch.setattr(
        "zoo.api.stylizing.feature_network", lambda name: names.append(name) or NETWORK
    )
    monkeypatch.chdir(tmp_path)
    blocks(60, 40).save("photo.png")
    blocks(50, 50, 1).save("painting.png")

    def run(*words, small=True):
        code = main(["stylize", *words, *(SMALL if small else ())])
        return (code, *capsys.readouterr())

    run.names = names
    return run


def test_a_picture(say, tmp_path):
    code, out, err = say("photo.png", "painting.png", "-o", "out.png")
    assert code == 0
    assert out.startswith("out.png: 48 x 32 pixels, 4 steps, ")
    assert err.startswith("note: 48 x 32 pixels need ")
    assert size("out.png") == (48, 32)
    assert say.names == ["vgg_perceptual"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.png", "painting.png", "photo.png"]


def test_one_flag_names_the_network(say):
    say("photo.png", "painting.png", "--features", "vgg19")
    assert say.names == ["vgg19"]


def test_json_and_previews(say):
    code, out, err = say(
        "photo.png", "painting.png", "painting.png", "--style-weights", "1,2", "--json",
        "--preview", "2", "-o", "a.jpg",
    )  # fmt: skip
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["out"] == "a.jpg"
    assert told["styles"] == ["painting.png"] * 2
    assert (told["width"], told["height"], told["steps"]) == (48, 32, 4)
    assert told["memory"] > 0
    for name in ("a.jpg", "a.step0002.jpg", "a.step0004.jpg"):
        assert size(name) == (48, 32)


def test_ctrl_c_writes_the_picture_so_far(say, monkeypatch):
    kept = stylize._preview
    monkeypatch.setattr(
        stylize, "_preview", lambda *a: (kept(*a), os.kill(os.getpid(), signal.SIGINT))
    )
    code, out, _ = say("photo.png", "painting.png", "-o", "out.png", "--preview", "1")
    assert code == 130
    assert "1 steps (stopped)" in out
    assert size("out.png") == (48, 32)


def test_a_folder_of_photos(say, tmp_path):
    (tmp_path / "photos" / "deep").mkdir(parents=True)
    for name in ("a.png", "deep/b.jpg"):
        blocks(40, 40, 2).save(tmp_path / "photos" / name)
    (tmp_path / "photos" / "bad.png").write_text("no image")
    code, _, err = say("photos", "painting.png", "-o", "made")
    assert code == 2
    made = sorted(str(p.relative_to(tmp_path / "made")) for p in (tmp_path / "made").rglob("*.png"))
    assert made == ["a.png", "deep/b.png"]
    assert "zoo: photos/bad.png: photos/bad.png is not an image" in err


def test_sheets(say, tmp_path):
    for part in ("content", "style"):
        (tmp_path / "pairs" / part).mkdir(parents=True)
        blocks(40, 40).save(tmp_path / "pairs" / part / "a.png")
    assert say("--sheet", "pairs", "-o", "sheet.png")[0] == 0
    assert size("sheet.png") == (2 * 48 + 18, 2 * 66 + 18)
    code, out, _ = say("photo.png", "painting.png", "--explain", "-o", "why.png", "--json")
    assert code == 0
    assert json.loads(out)["out"] == "why.png"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "takes CONTENT and STYLE, got none"),
        (["photo.png"], "takes CONTENT and STYLE, got photo.png"),
        (["photo.png", "painting.png", "-o", "out.tif"], "no end of an image"),
        (["photo.png", "painting.png", "-o", "photo.png"], "would replace the input"),
        (["photo.png", "painting.png", "-o", "no/out.png"], "there is no folder no"),
        (["nothing.png", "painting.png"], "nothing.png"),
        (["photo.png", "nothing.png"], "nothing.png"),
        (["photo.png", "painting.png", "--preview", "-1"], "--preview must be at least 0"),
        (["photo.png", "painting.png", "--steps", "none"], "steps must be a whole number"),
        (["photo.png", "painting.png", "--optimizer", "sgd"], "optimizer must be lbfgs or adam"),
        (["photo.png", "painting.png", "--device", "tpu"], "device 'tpu' cannot be used"),
        ([".", "painting.png"], "say where to write with -o FOLDER"),
        ([".", "painting.png", "-o", "."], "is the folder of the photos"),
        (["--sheet", "."], "there is no folder content"),
        (["--sheet", ".", "photo.png"], "leave out photo.png"),
        (["photo.png", "a", "b", "--explain"], "--explain takes one style, got 2"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(say, tmp_path, words, message):
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    code, out, err = say(*words, small=False)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("zoo: ")
    assert err.count("\n") == 1
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
