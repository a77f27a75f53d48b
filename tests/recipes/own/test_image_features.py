"""``zoo train vgg_perceptual --data PHOTOS``: from scratch, further, and measured."""

import pytest

from tests.cli.test_finetune import zoo_says
from tests.helpers.photographs import write_folder
from tests.helpers.teacher import PAIRS, teacher
from zoo.recipes.own import image_features
from zoo.tasks import image_features as task

QUICK = ("steps=2", "crop=64", "batch_size=4", "log_every=1")


@pytest.fixture(autouse=True)
def own_teacher(monkeypatch):
    monkeypatch.setattr(image_features, "lite0_features", teacher)
    monkeypatch.setattr(image_features, "PAIRS", PAIRS)
    monkeypatch.setattr(task, "VIEW", 64)


def test_photographs_train_finetune_and_evaluate(tmp_path):
    photos, run = write_folder(tmp_path / "photos", 10), tmp_path / "run"
    code, out, err = zoo_says("train", "vgg_perceptual", "--data", photos, "--out", run, *QUICK)
    assert code == 0, err
    assert "read 10 photographs: train 8, dev 1, test 1" in err
    assert "unexplained_variance" in out
    code, out, err = zoo_says("evaluate", run, "--data", photos)
    assert code == 0, err
    assert "none of 1 trained on" in out
    assert "which flatters it" in err
    code, out, err = zoo_says("predict", run, photos / "00.png")
    assert (code, out.startswith(f"{photos / '00.png'}: rgb 3x")) == (0, True), err
    code, out, err = zoo_says("finetune", run, "--data", photos, "--out", tmp_path / "2", *QUICK)
    assert code == 0, err


def test_what_cannot_be_used_is_refused_in_one_line(tmp_path):
    photos = write_folder(tmp_path / "photos", 10)
    for words, said in [
        (("--data", tmp_path / "none"), "expected a folder of photographs"),
        (("--data", photos, "crop=50"), "crop must be"),
        (("--data", photos, "corp=64"), "crop"),
    ]:
        code, _, err = zoo_says("train", "vgg_perceptual", *words, "--out", tmp_path / "run")
        assert (code, said in err) == (2, True), err
        assert len(err.strip().splitlines()) == 1
