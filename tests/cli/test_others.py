"""What the command line says of weights that others trained: nothing is downloaded here."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.small_weights import change_card, only_from, write_weights
from zoo import download, registry
from zoo.cli.main import main

WEIGHTS = Path(__file__).parents[2] / "weights"


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """The cards of the checkout; an empty cache; no network."""
    only_from(WEIGHTS, monkeypatch)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(download, "TRIES", 1)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")


def says(capsys, *words, code=0):
    assert main([str(word) for word in words]) == code
    told = capsys.readouterr()
    return told.err if code else told.out


def test_list_shows_them(shipped, capsys):
    said = says(capsys, "list", "resnet50*")
    assert "error 19.14 % on ImageNet-1k (of torchvision, downloaded at first use)" in said
    assert "resnet50.tv_in1k_v1" in said
    assert "downloaded" not in says(capsys, "list", "lenet5*")


def test_info_says_who_measured_and_where_it_is(shipped, capsys):
    said = says(capsys, "info", "resnet50.tv_in1k_v2")
    assert "19.14 %, as torchvision publishes it" in said
    assert "https://download.pytorch.org/models/resnet50-11ad3fa6.pth" in said
    assert "11ad3fa6... (all that is published" in said
    assert "24.7 % (KaimingHe" in said
    assert "none stated" in said
    assert "seed" not in said.replace("seeds", "")
    told = json.loads(says(capsys, "info", "resnet50.tv_in1k_v2", "--json"))
    assert told["converter"] == "torchvision"
    assert told["seeds"] == []
    assert len(told["classes"]) == 1000


def test_evaluate_says_what_to_do(shipped, capsys):
    said = says(capsys, "evaluate", "resnet50.tv_in1k_v2", code=2)
    assert said.count("\n") == 1
    assert "ImageNet-1k, which cannot be downloaded: add --data PATH" in said


def test_predict_without_a_network_says_where_to_put_the_file(shipped, capsys, tmp_path):
    if "resnet18" not in registry.index()["models"]:
        pytest.skip("resnet18 is not built yet")
    said = says(capsys, "predict", "resnet18.tv_in1k_v1", "cat.jpg", code=2)
    assert said.count("\n") == 1
    assert f"put that file at {tmp_path}" in said
    assert "(sha256 beginning with f37072fd)" in said
    assert not [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]


def test_a_folder_of_other_classes_is_told_in_a_short_line(shipped, capsys, tmp_path):
    (tmp_path / "own" / "cat").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(tmp_path / "own" / "cat" / "a.png")
    said = says(capsys, "evaluate", "resnet18.tv_in1k_v1", "--data", tmp_path / "own", code=2)
    assert "has the classes cat; expected Afghan hound, " in said
    assert "and 990 more" in said
    assert len(said) < 500


# ---- a folder whose classes have another order than the card ------------------------------------


@pytest.mark.parametrize(
    "folders", [("zebra", "ant", "mole"), ("n01440764", "n01443537", "n02119789")]
)
def test_evaluate_on_class_folders_in_any_order(tmp_path, capsys, monkeypatch, folders):
    write_weights(tmp_path / "shelf", num_classes=3)
    path = tmp_path / "shelf" / "lenet5.tiny.json"
    change_card(path, classes=["zebra", "ant", "mole"])
    only_from(tmp_path / "shelf", monkeypatch)
    from zoo.loading import load

    predictor = load("lenet5.tiny", device="cpu")
    draw, wrong = np.random.default_rng(0), 0
    for label, folder in zip(("zebra", "ant", "mole"), folders, strict=True):
        (tmp_path / "own" / folder).mkdir(parents=True)
        for number in range(4):
            file = tmp_path / "own" / folder / f"{number}.png"
            low = 60 * (number % 3)
            Image.fromarray(draw.integers(low, low + 90, (32, 32), dtype=np.uint8)).save(file)
            wrong += predictor(file).label != label
    assert 0 < wrong < 12
    said = says(capsys, "evaluate", "lenet5.tiny", "--data", tmp_path / "own", "--json")
    assert json.loads(said)["error"] == pytest.approx(100 * wrong / 12)
