"""Omniglot: who is learned from, how the runs are made; from tiny files, and the real ones."""

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers.omniglot import arrays, drawn, installed, official, runs
from zoo.data.image.identities.omniglot_files import from_zip
from zoo.datasets import omniglot as module
from zoo.datasets.omniglot import drawn_runs, images, omniglot
from zoo.download import no_downloads
from zoo.errors import BadFile, BadInput, Missing
from zoo.files import sha256

BACKGROUND = drawn({"Greek": 3, "Bengali": 2, "Latin": 2}, seed=1)
EVALUATION = drawn({"Oriya": 3, "Angelic": 2}, seed=2)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    return installed(tmp_path, monkeypatch, BACKGROUND, EVALUATION)


def test_the_zips_and_the_arrays_give_the_same_set(tiny):
    from_zips = omniglot(28)
    arrays(tiny, {"background": BACKGROUND, "evaluation": EVALUATION})
    for name in ("images_background.zip", "images_evaluation.zip"):
        (tiny / name).unlink()
    with no_downloads():
        from_arrays = omniglot(28)
    for name, part in from_zips.parts().items():
        assert part.pixels.equal(from_arrays.parts()[name].pixels)
        assert part.labels.equal(from_arrays.parts()[name].labels)
        assert part.classes == from_arrays.parts()[name].classes
    assert from_zips.digest() == from_arrays.digest()


def test_dev_has_its_alphabets_and_test_the_pictures_of_the_runs(tiny):
    data = omniglot(28)
    assert data.train.classes == ("Greek/1", "Greek/2", "Greek/3", "Latin/1", "Latin/2")
    assert data.dev.classes == ("Bengali/1", "Bengali/2")
    assert len(data.train) == 5 * 20
    assert len(data.test) == 2 * (2 + 3)  # two runs
    assert data.notices == ()
    everything = omniglot(28, all_alphabets=True)
    assert len(everything.train.classes) == 7
    assert everything.dev.pixels.equal(data.dev.pixels)
    assert "no estimate" in everything.notices[0]
    assert everything.name != data.name


def test_pixels_are_what_the_front_end_makes_of_the_file(tiny, tmp_path):
    data = omniglot(20)
    Image.fromarray(BACKGROUND["Latin", 2][6]).save(tmp_path / "one.png")
    row = 20 * data.train.classes.index("Latin/2") + 6
    assert data.front_end.pixels(tmp_path / "one.png").equal(data.train.pixels[row])
    whole = omniglot()
    assert whole.train.pixels.shape[1:] == (1, 105, 105)
    assert np.array_equal(whole.train.pixels[row, 0].numpy() == 0, BACKGROUND["Latin", 2][6])


def test_official_runs_ask_which_character_another_person_drew(tiny):
    data = omniglot(28)
    assert data.test.classes == tuple(f"Angelic/{n}" for n in (1, 2)) + tuple(
        f"Oriya/{n}" for n in (1, 2, 3)
    )
    for trial in data.trials_of("test"):
        asked = data.test.labels[trial.query]
        assert asked.equal(data.test.labels[trial.support][trial.answer])
    rows = torch.cat([torch.cat([t.support, t.query]) for t in data.trials_of("test")])
    assert sorted(rows.tolist()) == list(range(len(data.test)))


def test_drawn_runs_stay_in_an_alphabet_and_have_two_people(tiny):
    part = omniglot(5).train
    trials = drawn_runs(part, runs=8)
    assert len(trials) == 2 * 8
    people = set()
    for trial in trials:
        names = [part.classes[int(part.labels[row])] for row in trial.support]
        assert len({name.split("/")[0] for name in names}) == 1
        assert len(set(names)) == len(names) in (2, 3)
        assert part.labels[trial.query].equal(part.labels[trial.support][trial.answer])
        (one,), (other,) = (set((rows % 20).tolist()) for rows in (trial.support, trial.query))
        assert one != other
        people |= {one, other}
    assert len(people) > 10
    again = drawn_runs(part, runs=8)
    assert all(a.query.equal(b.query) for a, b in zip(trials, again, strict=True))
    assert len(omniglot(5).trials_of("dev")) == 6


def test_a_run_has_at_most_20_candidates(tmp_path):
    many = from_zip(official(tmp_path / "a.zip", drawn({"Greek": 23})))
    (trial,) = drawn_runs(images(many, [True] * 23, 3), runs=1)
    assert len(trial.support) == len(trial.query.unique()) == 20


def test_what_is_missing_names_file_address_and_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    monkeypatch.setattr(module, "ADDRESS", "https://localhost:1/python/")
    monkeypatch.setattr("zoo.download.TRIES", 1)
    with pytest.raises(Missing) as caught:
        omniglot()
    for words in (
        "https://localhost:1/python/one-shot-classification/all_runs.zip",
        f"put that file at {tmp_path}/omniglot/all_runs.zip",
        "sha256 437c1eea",
    ):
        assert words in str(caught.value)


def test_what_is_damaged_or_does_not_fit_is_refused(tiny, monkeypatch):
    for size in (0, 106):
        with pytest.raises(BadInput, match=f"1 to 105 pixels, got {size}"):
            omniglot(size)
    monkeypatch.setattr(module, "CHARACTERS", {"background": 8, "evaluation": 5})
    with pytest.raises(BadFile, match="has 7 characters, expected 8"):
        omniglot(28)
    monkeypatch.setattr(module, "CHARACTERS", {"background": 7, "evaluation": 5})
    others = runs(tiny / "all_runs.zip", BACKGROUND)
    with pytest.raises(BadFile, match=r"all_runs\.zip is damaged \(its sha256"):
        omniglot(28)
    facts = ("all_runs.zip", sha256(others), others.stat().st_size)
    monkeypatch.setitem(module.OFFICIAL, "all_runs.zip", facts)
    with pytest.raises(BadFile, match="run 1, does not fit the evaluation set"):
        omniglot(28)


def test_the_real_set(zoo_data, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    if not (zoo_data / "omniglot").is_dir():
        pytest.skip("no omniglot in ZOO_DATA")
    data = omniglot(28)
    assert [len(part.classes) for part in data.parts().values()] == [787, 177, 200]
    assert [len(part) for part in data.parts().values()] == [15740, 3540, 800]
    alphabets = {
        name: {one.split("/")[0] for one in part.classes} for name, part in data.parts().items()
    }
    assert [len(names) for names in alphabets.values()] == [25, 5, 10]
    assert not alphabets["train"] & alphabets["dev"]
    assert alphabets["dev"] == set(module.DEV)
    assert len(data.trials_of("dev")) == 30
    assert len(data.trials_of("test")) == 20
    assert {len(trial.query) for trial in data.trials_of("test")} == {20}
