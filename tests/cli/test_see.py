import json

import pytest
from PIL import Image

from zoo.cli.main import main


@pytest.fixture
def digit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawn = Image.new("L", (28, 28), 0)
    drawn.paste(255, (12, 4, 16, 24))
    drawn.save("digit.png")
    return "digit.png"


def test_a_sheet_is_written_and_told(digit, capsys):
    assert main(["see", "lenet5.mnist", digit, "--method", "grad-cam,filters"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("digit.png: 1 (")
    assert out[-1] == "written to seen.png"
    with Image.open("seen.png") as sheet:
        assert sheet.width > 1000


def test_json(digit, capsys):
    words = ["--method", "deconvnet", "--layer", "c1", "--out", "a.png", "--json"]
    assert main(["see", "lenet5.mnist", digit, *words]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["out"] == "a.png"
    assert record["layers"][0]["name"] == "c1"


def test_the_layers_are_listed(capsys):
    assert main(["see", "lenet5.mnist", "--layers"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.split() == ["c1", "5x5", "convolution", "6x28x28", "sees", "5x5"]
    assert main(["see", "lenet5.mnist", "--layers", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["maps"] == [6, 28, 28]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lenet5.mnist"], "looks at an image"),
        (["lenet5.mnist", "no.png"], "no.png"),
        (["lenet5.mnist", "digit.png", "--layer", "c9"], "no layer 'c9'"),
        (["lenet5.mnist", "digit.png", "--out", "no/where.png"], "there is no folder no"),
        (["lenet5.mnist", "digit.png", "--window", "-3"], "at least 1"),
        (["word2vec.novels", "digit.png"], "for images"),
    ],
)
def test_errors_are_one_line_and_write_nothing(digit, capsys, tmp_path, words, said):
    assert main(["see", *words]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("note")]
    assert len(lines) == 1
    assert said in lines[0]
    assert not list(tmp_path.glob("seen*"))
