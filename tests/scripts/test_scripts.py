"""Every script does what its docstring says."""

import importlib.util
import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

import zoo
from zoo.data.audio.manifest import read_manifest
from zoo.data.audio.read import read

SCRIPTS = Path(__file__).parents[2] / "scripts"


def script(name):
    spec = importlib.util.spec_from_file_location(f"script_{name}", SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shapes(tmp_path):
    """Two classes of drawings: bars and rings."""
    for name in ("bar", "ring"):
        (tmp_path / name).mkdir()
        for number in range(20):
            picture = Image.new("L", (40, 40), 0)
            draw = ImageDraw.Draw(picture)
            if name == "bar":
                draw.line([(20, 5 + number % 5), (20 + number % 3, 34)], fill=255, width=4)
            else:
                draw.ellipse((8 + number % 4, 8, 30, 30 + number % 3), outline=255, width=3)
            picture.save(tmp_path / name / f"{number}.png")
    return tmp_path


def test_train_learns():
    assert script("train").main(steps=150) < 12


def test_finetune_learns_two_new_classes(shapes):
    assert script("finetune").main(str(shapes), steps=60)["error"] == 0


def test_predict_gives_a_line_for_each_picture(shapes):
    paths = [str(shapes / "bar" / "0.png"), str(shapes / "ring" / "1.png")]
    lines = script("predict").main("lenet5.mnist", paths)
    assert [line.split(":")[0] for line in lines] == paths
    assert lines[0].split()[1] == "1"
    assert lines[1].split()[1] == "0"


def test_every_script_is_run_here_or_in_a_test_of_its_own():
    tested = {"train", "finetune", "predict", "write_index", "write_torchvision_cards"}
    assert {p.stem for p in SCRIPTS.glob("*.py")} == {*tested, "sound_examples"}
    assert zoo.list_weights()


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
