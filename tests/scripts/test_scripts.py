"""Every script is run, on images, sentences and sound."""

import importlib.util
import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

import zoo
from tests.helpers.speech import manifest, say
from zoo.data.audio.manifest import read_manifest
from zoo.data.audio.read import read, write

pytestmark = pytest.mark.usefixtures("undrawn")

SCRIPTS = Path(__file__).parents[2] / "scripts"
OPINIONS = [("a good warm film", "good"), ("a bad cold film", "bad"), ("warm and good", "good"),
            ("cold and bad", "bad")]  # fmt: skip


def script(name):
    spec = importlib.util.spec_from_file_location(f"script_{name}", SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Two classes of drawings: bars and rings."""
    folder = tmp_path_factory.mktemp("data") / "shapes"
    for name in ("bar", "ring"):
        (folder / name).mkdir(parents=True)
        for number in range(20):
            image = Image.new("L", (40, 40), 0)
            draw = ImageDraw.Draw(image)
            if name == "bar":
                draw.line([(20, 5 + number % 5), (20 + number % 3, 34)], fill=255, width=4)
            else:
                draw.ellipse((8 + number % 4, 8, 30, 30 + number % 3), outline=255, width=3)
            image.save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "opinions.csv"
    lines = [f"{text} {number},{label}" for number in range(10) for text, label in OPINIONS]
    path.write_text("\n".join(["text,label", *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return manifest(tmp_path_factory.mktemp("data") / "clips", count=12)


@pytest.mark.parametrize(
    ("arch", "medium", "fields"),
    [
        ("lenet5", "shapes", {}),
        ("sentiment", "sentences", {"buckets": "50"}),
        ("deep_speech", "clips", {"hidden_size": "8", "channels": "2"}),
    ],
)
def test_train_and_then_predict(arch, medium, fields, request, tmp_path, capsys):
    data = request.getfixturevalue(medium)
    run = script("train").main(arch, str(data), str(tmp_path), steps="2", **fields)
    assert run.card.arch == arch
    assert f"{run.card.name}: {run.card.metric} " in capsys.readouterr().out
    [line] = script("predict").main(str(tmp_path), [run.example])
    assert line.startswith(run.example)


@pytest.mark.parametrize(
    ("weights", "medium"),
    [
        ("lenet5.mnist", "shapes"),
        ("sentiment.polarity", "sentences"),
        ("deep_speech.fsdd", "clips"),
    ],
)
def test_finetune(weights, medium, request, tmp_path, capsys):
    data = request.getfixturevalue(medium)
    run = script("finetune").main(weights, str(data), str(tmp_path), steps="2", batch_size="4")
    assert run.card.settings["start"] == weights
    printed = capsys.readouterr().out.splitlines()  # words of a transcript stand on lines below it
    assert any(line.startswith(run.example) for line in printed)


def test_finetune_learns_two_new_classes(shapes, tmp_path):
    run = script("finetune").main("lenet5.mnist", str(shapes), str(tmp_path), steps="60")
    assert run.scores["error"] == 0


@pytest.mark.parametrize(
    ("name", "medium", "answer"),
    [
        ("lenet5.mnist", "image", "1 ("),
        ("sentiment.polarity", "sentence", "positive ("),
        ("deep_speech.fsdd", "clip", ""),
    ],
)
def test_predict_gives_a_line_for_each_input(name, medium, answer, shapes, tmp_path, capsys):
    write(tmp_path / "clip.wav", say("ab cd"), 8000)
    raw = {
        "image": str(shapes / "bar" / "0.png"),
        "sentence": "A gorgeous, witty film",
        "clip": str(tmp_path / "clip.wav"),
    }[medium]
    lines = script("predict").main(name, [raw, raw])
    assert len(lines) == 2
    assert lines[0].startswith(f"{raw}: {answer}")
    assert isinstance(json.loads(capsys.readouterr().out.splitlines()[-1]), dict)


@pytest.mark.parametrize("medium", ["shapes", "sentences", "clips"])
def test_evaluate_on_ones_data(medium, request, tmp_path, capsys):
    data = request.getfixturevalue(medium)
    arch = {"shapes": "lenet5", "sentences": "sentiment", "clips": "deep_speech"}[medium]
    small = {"deep_speech": {"hidden_size": "8", "channels": "2"}}.get(arch, {})
    run = zoo.train(arch, data, out=tmp_path, steps=1, **small)
    found = script("evaluate").main(str(tmp_path), str(data))
    assert found.recorded == run.card.shipped  # it is of what the run has held out
    assert found.same
    assert found.scores.keys() == run.scores.keys()
    assert f"{run.card.metric} {found.scores[run.card.metric]:.2f}" in capsys.readouterr().out


def test_evaluate_gives_the_cards_number_again(capsys):
    found = script("evaluate").main("lenet5.digits")
    assert found.same
    assert found.recorded == zoo.card("lenet5.digits").shipped


def test_reproduce_says_whether_the_number_is_reached(tmp_path, capsys):
    run = script("reproduce").main("lenet5.digits", 2, str(tmp_path), steps="1")
    assert run.card.seeds == [0, 1]
    assert capsys.readouterr().out.splitlines()[-1].endswith("NOT met")
    assert run.card.met is False


def test_export_is_compared_with_the_original(tmp_path, capsys):
    found = script("export").main("lenet5.mnist", str(tmp_path / "l.pt2"))
    assert found.same
    assert found.input_shape == (1, 32, 32)
    program = torch.export.load(tmp_path / "l.pt2").module()
    assert program(torch.zeros(2, 1, 32, 32)).shape == (2, 10)


def test_as_typed_on_a_command_line(tmp_path, monkeypatch, capsys):
    clip = tmp_path / "clip.wav"
    write(clip, say("ab cd"), 8000)
    for more in ([], ["--option", "beam=5", "--option", "hotwords=seven"]):
        monkeypatch.setattr(sys, "argv", ["predict.py", "deep_speech.fsdd", str(clip), *more])
        runpy.run_path(str(SCRIPTS / "predict.py"), run_name="__main__")
        assert capsys.readouterr().out.startswith(f"{clip}: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train.py", "lenet5.digits", "--out", "o", "stp=2"], "zoo: no field 'stp'; did you mean"),
        (["train.py", "lenet5.digits", "steps"], "zoo: 'steps' is not field=value"),
        (["finetune.py", "lenet5.none", "--data", "x"], "zoo: no weights 'lenet5.none'"),
        (["reproduce.py", "lenet5.digits", "--seeds", "0"], "zoo: seeds must be at least 1, got 0"),
        (["evaluate.py", "nope"], "zoo: no weights 'nope'"),
        (["export.py", "sentiment.polarity", "--to", "e.pt2"], "is for the task text_class"),
        (["predict.py", "lenet5.mnist", "x.png", "--option", "beam=5"], "has no option beam"),
        (
            ["predict.py", "deep_speech.fsdd", "x.wav", "--option", "beam=\u00b2"],
            "beam must be a w",
        ),
    ],
)
def test_a_users_error_is_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(SCRIPTS / words[0]), run_name="__main__")
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_every_script_is_run_here_or_in_a_test_of_its_own():
    here = {"train", "finetune", "predict", "evaluate", "reproduce", "export", "sound_examples"}
    elsewhere = {
        "write_index": "tests/test_registry.py",
        "write_darknet_cards": "tests/scripts/test_darknet_cards.py",
        "write_torchvision_cards": "tests/scripts/test_torchvision_cards.py",
        "write_mtcnn_card": "tests/scripts/test_mtcnn_card.py",
        "write_facenet_cards": "tests/scripts/test_facenet_cards.py",
        "painting_losses": "tests/scripts/test_painting_losses.py",
        "rewrite_cards": "tests/test_card_names.py",
        "compare_outputs": "tests/scripts/test_compare_outputs.py",
    }
    assert {p.stem for p in SCRIPTS.glob("*.py")} == {*here, *elsewhere}
    for name, path in elsewhere.items():
        assert name in (SCRIPTS.parent / path).read_text()


def test_sound_examples_are_made_of_test_sounds(zoo_data, monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    if not (zoo_data / "fsdd").is_dir() or not (zoo_data / "trigger_word").is_dir():
        pytest.skip("no fsdd or trigger_word in ZOO_DATA")
    made = script("sound_examples").main(tmp_path)
    assert len(made) == 10
    assert len(read_manifest(tmp_path / "digits.jsonl")) == 6
    times = json.loads((tmp_path / "alexa.json").read_text())
    assert {len(ends) for ends in times.values()} == {3}
    wave, rate = read(tmp_path / "alexa_10dB.wav")
    assert rate == 16_000
    assert len(wave) == 12 * rate
