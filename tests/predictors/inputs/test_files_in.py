"""Folders of inputs: what is taken, in which order, and that its number is told."""

import pytest

from zoo.errors import BadInput
from zoo.predictors.inputs.files_in import files_in, folder, spread


@pytest.fixture
def place(tmp_path):
    for name in ("b.png", "a.png", "notes.txt", "deep/c.png", ".hidden.png", ".cache/d.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def wanted(path):
    return path.suffix == ".png"


def test_files_come_by_name_and_are_counted(place, capsys):
    found = files_in(place, wanted, "images")
    assert [str(path.relative_to(place)) for path in found] == ["a.png", "b.png", "deep/c.png"]
    said = capsys.readouterr()
    assert said.err == f"note: {place}: 3 images; 1 other files are left out\n"
    assert said.out == ""
    files_in(place, lambda path: True, "files")
    assert capsys.readouterr().err == f"note: {place}: 4 files\n"


def test_a_folder_without_any_is_refused(place):
    with pytest.raises(BadInput, match=r"has no sounds in it, of 4 files$"):
        files_in(place, lambda path: False, "sounds")


def test_words_that_are_folders_are_spread_and_others_stay(place):
    words = spread(["x.png", str(place), "no such", "a" * 5000, "a\0b"], wanted, "images")
    inside = [str(place / name) for name in ("a.png", "b.png", "deep/c.png")]
    assert words == ["x.png", *inside, "no such", "a" * 5000, "a\0b"]


@pytest.mark.parametrize("raw", [None, 3, b"x", "no such", "", ["."]])
def test_what_is_no_folder(raw):
    assert folder(raw) is None
