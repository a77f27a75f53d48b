"""``zoo train fast_style --data PHOTOS style=PICTURE``: trained, measured, painted, further."""

import pytest
from PIL import Image

from tests.cli.test_finetune import zoo_says
from tests.helpers.features import TwoLayers
from tests.helpers.photographs import photographs, write_folder
from zoo.errors import Missing
from zoo.recipes.own import style_transfer
from zoo.tasks import style_transfer as task

QUICK = ("steps=2", "crop=32", "log_every=1", "precision=float32")


@pytest.fixture(autouse=True)
def own_features(monkeypatch):
    def network(name):
        if name not in ("vgg_perceptual", "other"):
            raise Missing(f"no weights {name}")
        return TwoLayers()

    monkeypatch.setattr(style_transfer, "feature_network", network)
    monkeypatch.setattr(task, "VIEW", 48)


@pytest.fixture
def place(tmp_path):
    write_folder(tmp_path / "photos", 10)
    style = photographs(1, seed=9).images[0]
    Image.fromarray(style.permute(1, 2, 0).numpy()).save(tmp_path / "My style.png")
    return tmp_path


def test_photographs_train_evaluate_paint_and_finetune(place):
    photos, style, run = place / "photos", f"style={place / 'My style.png'}", place / "run"
    words = ("--data", photos, style, *QUICK)
    code, out, err = zoo_says("train", "fast_style", *words, "features=other", "--out", run)
    assert code == 0, err
    assert "read 10 photographs: train 8, dev 1, test 1" in err
    assert (run / "fast_style.My-style-png.style.png").is_file()
    code, out, err = zoo_says("evaluate", run, "--data", photos)
    assert code == 0, err
    assert "none of 1 trained on" in out
    painted = place / "out"
    code, out, err = zoo_says("predict", run, photos / "00.png", "--save", "png", "--out", painted)
    assert code == 0, err
    assert [path.suffix for path in painted.iterdir()] == [".png"]
    code, out, err = zoo_says("finetune", run, *words, "--out", place / "2")
    assert code == 0, err
    (run / "fast_style.My-style-png.style.png").unlink()
    code, _, err = zoo_says("evaluate", run, "--data", photos)
    assert (code, "beside the weights" in err) == (2, True), err


def test_what_cannot_be_used_is_refused_in_one_line(place):
    photos, style = place / "photos", f"style={place / 'My style.png'}"
    for words, said in [
        (("--data", photos), "style=PICTURE.jpg"),
        (("--data", photos, "style=none.jpg"), "none.jpg"),
        (("--data", place / "none", style), "expected a folder of photographs"),
        (("--data", photos, style, "style_size=0"), "longest must be"),
        (("--data", photos, style, "features=nothing"), "no weights nothing"),
        (("--data", photos, style, "crop=8"), "crop must be"),
    ]:
        code, _, err = zoo_says("train", "fast_style", *words, "--out", place / "run")
        assert (code, said in err) == (2, True), err
        assert len(err.strip().splitlines()) <= 2
