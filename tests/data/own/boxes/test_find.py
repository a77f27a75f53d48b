"""The form is found by the files; two forms, none, and what is no folder are refused."""

import pytest

from tests.data.own.boxes.sets import WRITERS, write_coco, write_image, write_voc, write_yolo
from zoo.data.own.boxes.find import gathered
from zoo.errors import BadFile, BadInput, Missing


@pytest.mark.parametrize("form", WRITERS)
def test_the_form_is_found_from_any_current_folder(tmp_path, form, monkeypatch):
    WRITERS[form](tmp_path / "set")
    monkeypatch.chdir(tmp_path / "set")
    found, classes, pictures = gathered(type(tmp_path)("."))
    assert (found, classes, pictures.images) == (form, ("cat", "dog"), 3)


def test_two_forms_in_one_folder(tmp_path):
    write_voc(tmp_path)
    write_coco(tmp_path)
    what = "has 3 XML files of PASCAL VOC and 1 JSON file of COCO; move one kind away"
    with pytest.raises(BadInput, match=what):
        gathered(tmp_path)
    assert gathered(tmp_path / "boxes.json")[0] == "COCO"
    other = tmp_path / "other"
    write_yolo(other)
    write_voc(other)
    with pytest.raises(BadInput, match="3 XML files of PASCAL VOC and 3 text files of YOLO"):
        gathered(other)


def test_what_has_no_boxes(tmp_path):
    with pytest.raises(Missing, match="no folder or file"):
        gathered(tmp_path / "none")
    write_image(tmp_path / "a.png")
    for name in ("", "notes.json"):
        (tmp_path / (name or "README.txt")).write_text("{}", encoding="utf-8")
        with pytest.raises(
            BadInput, match="has no boxes that are understood; expected images with"
        ):
            gathered(tmp_path)
    with pytest.raises(BadInput, match=r"README.txt is none of .json"):
        gathered(tmp_path / "README.txt")
    with pytest.raises(BadFile, match="has no list of images and annotations and categories"):
        gathered(tmp_path / "notes.json")


def test_class_names_that_no_card_may_hold(tmp_path):
    write_yolo(tmp_path)
    (tmp_path / "classes.txt").write_text("cat\ndog\x1b[31m", encoding="utf-8")
    with pytest.raises(BadInput, match="control character"):
        gathered(tmp_path)


def test_links_to_folders_are_told_where_nothing_is_found(tmp_path):
    (tmp_path / "images").symlink_to(tmp_path)
    with pytest.raises(BadInput, match=r"left out: links to folders \(1: images\)"):
        gathered(tmp_path)
