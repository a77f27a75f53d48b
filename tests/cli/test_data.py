"""zoo data: the sets, and the tools for the user's data, each found by its file."""

import json

import pytest

from tests.data.own.boxes.test_fit_anchors import coco
from tests.helpers.omniglot import drawn, installed, png
from zoo.cli.data_tools import tools
from zoo.cli.main import main
from zoo.data.own.boxes.fit_anchors import fit_anchors
from zoo.datasets import list_datasets


def test_no_set_has_the_name_of_a_tool():
    assert "anchors" in tools()
    assert not {*tools()} & {*list_datasets()}
    assert all(tools().values())


def test_help_tells_the_sets_and_the_tools(capsys):
    with pytest.raises(SystemExit):
        main(["data", "--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in list_datasets())
    assert all(f"zoo data {name:8} {summary}" in said for name, summary in tools().items())


@pytest.mark.parametrize("tool", tools())
def test_each_tool_has_its_own_help(tool, capsys):
    with pytest.raises(SystemExit):
        main(["data", tool, "--help"])
    assert f"usage: zoo data {tool} " in capsys.readouterr().out


def test_a_set_and_the_list_as_before(capsys):
    assert main(["data", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sets"] == list_datasets()
    assert main(["data", "digits", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["train"] == 799
    assert main(["data", "digit"]) == 2
    assert "did you mean digits?" in capsys.readouterr().err


def test_anchors_as_text_and_as_json(tmp_path, capsys):
    path = coco(tmp_path, [[0, 0, 20, 10], [5, 5, 20, 10], [9, 9, 60, 60], [9, 9, 0, 5]])
    words = ["data", "anchors", str(path), "--count", "2", "--size", "50"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert (
        said.out == "5,2.5,  15,15\nmean IoU 1.0000 of 3 boxes in 1 image, at 50 x 50 (letterbox)\n"
    )
    assert said.err == "note: left out 1 box without area\n"
    assert main([*words[:-1], "50,100", "--fit", "stretch", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = fit_anchors(path, 2, (50, 100), fit="stretch")
    assert told["anchors"] == [list(one) for one in found.sizes]
    assert (told["size"], told["boxes"], told["mean_iou"]) == ([50, 100], 3, 1)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--size", "0"], "size must be height and width"),
        (["--size", "a"], "--size must be numbers with commas"),
        (["--count", "5"], "5 anchors need at least 5 different sizes"),
    ],
)
def test_anchors_name_what_is_wrong_in_a_line(tmp_path, capsys, more, message):
    path = coco(tmp_path, [[0, 0, 20, 10]])
    assert main(["data", "anchors", str(path), *more]) == 2
    said = capsys.readouterr().err
    assert said.startswith("zoo: ")
    assert message in said
    assert said.count("\n") == 1


def test_the_baseline_of_a_set_of_drawings(tmp_path, monkeypatch, capsys):
    background, evaluation = drawn({"Greek": 2, "Bengali": 2}, 1), drawn({"Oriya": 3}, 2)
    for pictures in evaluation.values():
        pictures[1, 2:] = pictures[0, :-2]  # two people who draw alike, one of them higher
    installed(tmp_path, monkeypatch, background, evaluation)
    assert main(["data", "baseline", "omniglot", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["questions"], told["one_shot_error"], told["runs"]) == (3, 0, [0])
    assert main(["data", "baseline", "omniglot", "--split", "dev"]) == 0
    said = capsys.readouterr().out
    assert "of 12 answers in 6 runs with 2 candidates" in said
    assert main(["data", "baseline", "digits"]) == 2
    assert "digits has no drawings of identities; expected omniglot" in capsys.readouterr().err


def test_the_baseline_of_your_own_drawings(tmp_path, capsys):
    characters = drawn({"Own": 7})
    for (_, number), pictures in characters.items():
        for who, picture in enumerate((pictures[0], pictures[0].T, pictures[0][:, ::-1])):
            path = tmp_path / "own" / f"character {number}" / f"{who}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(picture))
    assert main(["data", "baseline", str(tmp_path / "own")]) == 0
    said = capsys.readouterr()
    assert "note: read 21 images of 7 identities: train 9, dev 6, test 6" in said.err
    assert "of 20 answers in 10 runs with 2 candidates" in said.out
    assert main(["data", "baseline", "omniglott"]) == 2
    assert "no data set or folder 'omniglott'; did you mean omniglot" in capsys.readouterr().err
