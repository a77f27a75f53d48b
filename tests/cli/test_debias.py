"""zoo debias: what it shows is what the written file holds."""

import json

import numpy as np
import pytest
from PIL import Image

from zoo.cli.main import main
from zoo.data.vectors.vectors import Vectors

LISTS = ["--direction", "she:he,woman:man", "--equal", "she:he queen:king", "--specific", "lady",
         "--judged", "nurse smith"]  # fmt: skip
WORDS = ["she", "he", "woman", "man", "queen", "king", "lady", "nurse", "smith", "the", "of", "in"]


@pytest.fixture
def file(tmp_path):
    draw = np.random.default_rng(0)
    matrix = draw.standard_normal((len(WORDS), 8))
    matrix[[0, 2, 4, 7], 0] += 2
    matrix[[1, 3, 5, 8], 0] -= 2
    Vectors(WORDS, matrix).save(tmp_path / "v.txt")
    return tmp_path / "v.txt"


def test_the_written_file_is_neutral(file, tmp_path, capsys):
    out, png = tmp_path / "after.bin", tmp_path / "p.png"
    words = ["debias", str(file), "--out", str(out), "--plot", str(png), "--json", *LISTS]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    after = Vectors.load(out)
    assert after.words == tuple(WORDS)
    assert told["before"]["direct"] > 0.3
    assert told["after"]["direct"] < 1e-6
    assert told["pairs"] == [["she", "he"], ["woman", "man"]]
    assert sum(told["explained"]) == pytest.approx(1)
    for word in WORDS[7:]:  # equalised pairs are equally near to every neutral word
        assert after.similarity(word, "she") == pytest.approx(
            after.similarity(word, "he"), abs=1e-6
        )
        assert after.similarity(word, "queen") == pytest.approx(
            after.similarity(word, "king"), abs=1e-6
        )
    before = Vectors.load(file)
    np.testing.assert_allclose(after["lady"], before.unit[before.row("lady")], atol=1e-6)
    with Image.open(png) as picture:
        assert min(picture.size) > 100


def test_what_it_says(file, capsys):
    assert main(["debias", str(file), *LISTS]) == 0
    said = capsys.readouterr().out
    assert said.startswith("direction from 2 pairs (she - he, ...)")
    assert "before, most she: nurse +" in said
    assert "direct bias" in said


@pytest.mark.parametrize("lists", ["built-in", "debiaswe"])
def test_lists_of_its_own(file, monkeypatch, tmp_path, request, capsys, lists):
    if lists == "debiaswe":
        request.getfixturevalue("zoo_data")
    else:
        monkeypatch.setenv("ZOO_DATA", str(tmp_path / "nothing"))
    assert main(["debias", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert ["she", "he"] in told["pairs"]
    assert [word for word, _ in told["before"]["first"]] == ["nurse"]  # no list has smiths


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--direction", "she-he"], "'she-he' is neither a pair such as she:he"),
        (["--direction", "north:south"], "holds no pair that defines the direction"),
        (["--judged", "none.json"], "no file none.json"),
        (["--judged", "zebra", "--plot", "p.png"], "none of the judged words is known"),
        (["--out", "after.csv"], "expected a name that ends in .txt"),
    ],
)
def test_wrong_use_is_told(file, monkeypatch, tmp_path, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    assert main(["debias", str(file), *words]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["v.txt"]


def test_other_weights_are_no_vectors(capsys):
    assert main(["debias", "lenet5.mnist"]) == 2
    assert "lenet5.mnist are not word vectors" in capsys.readouterr().err
