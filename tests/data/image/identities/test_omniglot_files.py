"""The forms of Omniglot hold the same pictures; what is damaged is named."""

import numpy as np
import pytest

from tests.helpers.omniglot import archive, arrays, drawn, official, official_files, png, runs
from zoo.data.image.identities.omniglot_files import from_arrays, from_zip, runs_in
from zoo.errors import BadFile, Missing

CHARACTERS = drawn({"Tifinagh": 1, "Japanese (hiragana)": 2, "Greek": 3})


def test_the_zip_and_the_arrays_hold_the_same_in_the_same_order(tmp_path):
    theirs = from_zip(official(tmp_path / "images_background.zip", CHARACTERS))
    own_names = {"Tifinagh": "Tifinaghs", "Japanese (hiragana)": "Japanese (Hiragana)"}
    arrays(tmp_path, {"background": CHARACTERS}, lambda name: own_names.get(name, name))
    ours = from_arrays(
        tmp_path / "images_background.npz", tmp_path / "characters.csv", "background"
    )
    assert ours.characters == theirs.characters
    assert ours.characters[2:5] == ("Greek/3", "Japanese (hiragana)/1", "Japanese (hiragana)/2")
    assert np.array_equal(ours.ground, theirs.ground)
    assert np.array_equal(ours.ground[1], CHARACTERS["Greek", 2])
    assert ours.alphabets[-1] == "Tifinagh"


def test_numbers_are_sorted_as_numbers_and_other_files_are_passed_over(tmp_path):
    few = {("Greek", number): CHARACTERS["Greek", 1] for number in (10, 9)}
    files = official_files("images_background", few) | {
        "__MACOSX/images_background/Greek/character09/._0009_01.png": b"\0",
        "images_background/Greek/.DS_Store": b"\0",
        "README.md": b"hello",
    }
    found = from_zip(archive(tmp_path / "a.zip", files))
    assert found.characters == ("Greek/9", "Greek/10")


@pytest.mark.parametrize("top", ["", "all_runs/"])
def test_runs_have_candidates_questions_and_answers(tmp_path, top):
    found = runs_in(runs(tmp_path / "all_runs.zip", CHARACTERS, top=top))
    assert [len(run.training) for run in found] == [3, 2, 1]
    assert found[0].answers == (2, 0, 1)  # item 1 shows the last class: the helper turns them
    for run in found:
        for question, answer in zip(run.test, run.answers, strict=True):
            key = next(k for k, v in CHARACTERS.items() if np.array_equal(v[1], question))
            assert np.array_equal(CHARACTERS[key][0], run.training[answer])


def test_what_is_missing_or_damaged_in_a_zip_is_said(tmp_path):
    path = tmp_path / "a.zip"
    with pytest.raises(Missing, match=r"a\.zip"):
        from_zip(path)
    path.write_bytes(b"PK no zip")
    with pytest.raises(BadFile, match=r"a\.zip is damaged"):
        from_zip(path)
    with pytest.raises(BadFile, match="holds no picture such as"):
        from_zip(archive(path, {"a.txt": b"text"}))
    files = official_files("x", {("Greek", 1): CHARACTERS["Greek", 1]})
    first = next(iter(files))
    for odd in (b"no picture", files[first][:90], png(np.ones((105, 104), bool))):
        with pytest.raises(BadFile, match=r"a\.zip is damaged"):
            from_zip(archive(path, files | {first: odd}))
    del files[first]
    with pytest.raises(BadFile, match="has 19 drawings of character 1 of Greek"):
        from_zip(archive(path, files))


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    path, names = tmp_path / "images_background.npz", tmp_path / "characters.csv"
    arrays(tmp_path, {"background": CHARACTERS})
    text = names.read_text()
    names.write_text(text.replace("Greek,3", "Greek,2"))
    with pytest.raises(BadFile, match="names 6 characters of background"):
        from_arrays(path, names, "background")
    names.write_text(text.replace("Greek,3", "Greek,three"))
    with pytest.raises(BadFile, match=r"characters\.csv is damaged"):
        from_arrays(path, names, "background")
    names.write_text(text)
    np.savez(path, images=np.zeros((6, 20, 105, 105), np.uint8))
    with pytest.raises(BadFile, match=r"has images uint8 \(6, 20, 105, 105\), expected bool"):
        from_arrays(path, names, "background")
    np.savez(path, other=np.zeros(3))
    with pytest.raises(BadFile, match=r"images_background\.npz is damaged"):
        from_arrays(path, names, "background")
    np.savez(path, images=np.array([{}], dtype=object))  # would be unpickled
    with pytest.raises(BadFile, match=r"images_background\.npz is damaged"):
        from_arrays(path, names, "background")


def test_runs_that_are_damaged_are_refused(tmp_path):
    path = tmp_path / "all_runs.zip"
    picture = png(CHARACTERS["Greek", 1][0])
    whole = {
        "run01/training/class01.png": picture,
        "run01/test/item01.png": picture,
        "run01/class_labels.txt": "run01/test/item01.png run01/training/class01.png\n",
    }
    assert len(runs_in(archive(path, whole))) == 1
    with pytest.raises(BadFile, match="holds no picture such as run01"):
        runs_in(archive(path, {"a.txt": b""}))
    labels = "run01/class_labels.txt"
    for odd in ("run01/test/item01.png run01/training/class02.png", "one", "\xff"):
        with pytest.raises(BadFile, match=r"all_runs\.zip is damaged"):
            runs_in(archive(path, whole | {labels: odd.encode("latin-1")}))
    with pytest.raises(BadFile, match="names other pictures"):
        runs_in(archive(path, whole | {"run01/test/item02.png": picture}))
    del whole[labels]
    with pytest.raises(BadFile, match=r"all_runs\.zip is damaged"):
        runs_in(archive(path, whole))
