"""``zoo train localizer --data``, finetune, evaluate, predict; the same of landmarks."""

import json

import pytest
from PIL import Image

from tests.cli.test_finetune import zoo_says
from tests.helpers import located

NAMES = ("localizer", "landmark")
QUICK = ["steps=3", "image_size=32", "hidden_size=8"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes")
    return {
        name: located.table(folder, points=name == "landmark") for name in ("localizer", "landmark")
    }


@pytest.fixture(scope="module")
def runs(tables, tmp_path_factory):
    made = {}
    for name, table in tables.items():
        made[name] = tmp_path_factory.mktemp(name) / "run"
        code, _, err = zoo_says("train", name, "--data", table, *QUICK, "--out", made[name])
        assert code == 0, err
        assert "read 24 images" in err
    return made


@pytest.mark.parametrize(("name", "score"), [("localizer", "iou"), ("landmark", "distance")])
def test_weights_of_your_data_are_evaluated_and_predict(runs, tables, name, score, tmp_path):
    code, out, err = zoo_says("evaluate", runs[name], "--data", tables[name])
    assert code == 0, err
    assert "held out in training" in out
    assert score in out
    picture = tables[name].parent / "001.png"
    plot = tmp_path / "answer.png"
    code, out, err = zoo_says(
        "predict", runs[name], picture, "--threshold", "0", "--json", "--plot", plot
    )
    assert code == 0, err
    answer = json.loads(out)[0]
    assert 0 <= answer["probability"] <= 1
    assert (
        answer["label"] in located.KINDS
        if name == "localizer"
        else set(answer["points"]) == {"a", "b"}
    )
    with Image.open(plot) as image:
        assert image.width > 100


@pytest.mark.parametrize("name", ["localizer", "landmark"])
def test_weights_are_fine_tuned_for_other_names(runs, tables, name, tmp_path):
    text = tables[name].read_text()
    if name == "localizer":
        text = text.replace("disc", "ball").replace("square", "box")
    else:
        text = "\n".join(line.rsplit(",", 2)[0] for line in text.splitlines())  # the point a alone
    other = tables[name].with_name(f"other_{name}.csv")
    other.write_text(text)
    out = tmp_path / "tuned"
    code, _, err = zoo_says("finetune", runs[name], "--data", other, "steps=3", "--out", out)
    assert code == 0, err
    code, said, err = zoo_says("predict", out, tables[name].parent / "001.png", "--threshold", "0")
    assert code == 0, err
    assert ("a " in said) if name == "landmark" else ("ball" in said or "box" in said)


def test_what_cannot_work_is_refused_in_one_line(tables, tmp_path):
    for words, expected in [
        (
            ("train", "localizer", "--data", tables["landmark"]),
            "expected a header such as file,label",
        ),
        (("train", "landmark", "--data", tables["localizer"]), "file,NAME_x,NAME_y"),
        (("train", "localizer", "--data", tables["localizer"], "image_size=0"), "image_size"),
        (("train", "localizer", "--data", tables["localizer"], "image_size=60"), "multiple of 8"),
    ]:
        code, _, err = zoo_says(*words, "--out", tmp_path / "no")
        assert code == 2, words
        assert expected in err, words
        assert len(err.strip().splitlines()) == 1
