"""``zoo train facenet_small --data``, finetune, evaluate."""

import json

import pytest

from tests.cli.test_finetune import zoo_says
from tests.helpers import identities

QUICK = ["steps=3", "image_size=32", "in_chans=1"]


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return identities.folder(tmp_path_factory.mktemp("data") / "faces", people=8, images=3)


@pytest.fixture(scope="module")
def run(faces, tmp_path_factory):
    place = tmp_path_factory.mktemp("runs") / "run"
    code, out, err = zoo_says("train", "facenet_small", "--data", faces, *QUICK, "--out", place)
    assert code == 0, err
    assert "read 24 images of 8 identities: train 12, dev 6, test 6" in err
    assert "threshold" in out
    return place


def test_weights_of_your_faces_are_evaluated(run, faces):
    code, out, err = zoo_says("evaluate", run, "--data", faces, "--json")
    assert code == 0, err
    record = json.loads(out)
    assert record["split"] == "test"
    assert {"one_shot_error", "eer", "false_accept", "false_reject"} <= record.keys()
    assert "read 6 images of 2 identities: test 6" in err
    (card,) = run.glob("*.json")
    assert json.loads(card.read_text())["classes"] == []


def test_they_are_evaluated_on_other_people(run, tmp_path):
    others = identities.folder(tmp_path / "others", people=3, images=2, seed=5)
    code, out, err = zoo_says("evaluate", run, "--data", others)
    assert code == 0, err
    assert "none of 6 trained on" in out
    assert "one_shot_error" in out


def test_they_are_fine_tuned_on_other_people(run, tmp_path):
    others = identities.folder(tmp_path / "others", people=6, images=2, seed=5)
    out = tmp_path / "tuned"
    code, said, err = zoo_says("finetune", run, "--data", others, "steps=3", "--out", out)
    assert code == 0, err
    assert "read 12 images of 6 identities" in err
    (card,) = (json.loads(path.read_text()) for path in out.glob("*.json"))
    assert card["arguments"]["image_size"] == 32
    assert "threshold" in said


def as_lfw(root, *, folds=2, each=2):
    """People with the names of files that LFW has, and pairs.txt."""
    identities.folder(root, people=2 * folds * each, images=2, seed=6)
    names = sorted(path.name for path in root.iterdir())
    for name in names:
        for number, path in enumerate(sorted((root / name).iterdir()), 1):
            path.rename(path.with_name(f"{name}_{number:04}.png"))
    lines = [f"{folds}\t{each}"]
    for fold in range(folds):
        own = names[2 * fold * each : 2 * (fold + 1) * each]
        lines += [f"{name}\t1\t2" for name in own[:each]]
        lines += [f"{one}\t1\t{two}\t2" for one, two in zip(own[:each], own[each:], strict=True)]
    (root / "pairs.txt").write_text("\n".join(lines) + "\n")
    return root


def test_pairs_of_lfw_are_measured_in_their_folds(run, tmp_path):
    lfw = as_lfw(tmp_path / "lfw")
    code, out, err = zoo_says("evaluate", run, "--data", lfw, "--json")
    assert code == 0, err
    record = json.loads(out)
    assert record["split"] == "test"
    assert {"accuracy", "accuracy_std", "val", "val_std", "far", "eer"} <= record.keys()
    assert "read 8 pairs in 2 folds of 12 images of 8 people" in err
    first = sorted(lfw.rglob("*.png"))[0]
    first.write_bytes(b"no image")
    code, out, err = zoo_says("evaluate", run, "--data", lfw)
    assert code == 0, err
    assert "left out 2 pairs (2 of fold 1), no other fold is changed" in err
    assert "accuracy" in out


@pytest.mark.parametrize(
    ("people", "images", "text"),
    [(1, 3, "train has 1 identities"), (5, 2, "5 identities with two images or more cannot be")],
)
def test_too_few_are_refused_in_one_line(tmp_path, people, images, text):
    few = identities.folder(tmp_path / "few", people=people, images=images)
    code, _, err = zoo_says("train", "facenet_small", "--data", few, "--out", tmp_path / "run")
    assert code == 2
    assert text in err
    assert "Traceback" not in err
