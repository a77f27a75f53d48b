"""From one form to the next and round again: the same boxes bit for bit, the images' bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.own.boxes.sets import PLAIN, WRITERS, coco_record, voc_text, write_image, write_voc
from zoo.data.own.boxes.box_list import list_boxes
from zoo.data.own.boxes.convert import convert_boxes
from zoo.errors import BadInput, CannotWrite, UnknownName

EXACT = [
    ("a cat & <dog>", 0.1, 0.2, 0.30000000000000004, 47.99999999999999),
    ("dog", 1 / 3, 5e-324, 64, 48),
    ("dog", 0, 0, 63.1, 0.2),
    ('"quoted": #1', 10, 11, 12, 13),
]


def content(place):
    """By split: each image's bytes, and its boxes."""
    listed = list_boxes(place, train=False)
    return {
        split: sorted((one.image.read_bytes(), [box[:2] for box in one.boxes]) for one in part)
        for split, part in listed.parts.items()
    }


def escaped(boxes):
    return [(name.replace("&", "&amp;").replace("<", "&lt;"), *corners) for name, *corners in boxes]


def test_round_the_three_forms_bit_for_bit(tmp_path):
    for split in ("train", "valid"):
        write_voc(tmp_path / "voc", {**PLAIN, "d": escaped(EXACT)}, split)
    expected = content(tmp_path / "voc")
    place = tmp_path / "voc"
    for turn, to in enumerate(("coco", "yolo", "voc", "yolo", "coco", "voc")):
        told = convert_boxes(place, to, tmp_path / f"{turn}")
        assert told[-1] == f"wrote 8 images with 14 boxes to {tmp_path / str(turn)}"
        place = tmp_path / f"{turn}"
        assert content(place) == expected
        assert list_boxes(place).classes == list_boxes(tmp_path / "voc").classes


@st.composite
def boxes(draw):
    """Corners in an image of 64 x 48 that leave an area."""
    corners = []
    for whole in (64, 48):
        low = draw(st.floats(0, whole - 0.25))
        corners.append((low, draw(st.floats(low + 0.2, whole))))
    (x1, x2), (y1, y2) = corners
    return "cat", x1, y1, x2, y2


@settings(max_examples=15, deadline=None)
@given(st.lists(boxes(), min_size=1, max_size=20, unique=True))
def test_any_boxes_come_back_as_they_were(tmp_path_factory, some):
    root = tmp_path_factory.mktemp("any")
    write_image(root / "voc" / "a.png")
    (root / "voc" / "a.xml").write_text(voc_text(some), encoding="utf-8")
    place = root / "voc"
    for to in ("coco", "yolo", "voc"):
        convert_boxes(place, to, root / to / "new")
        place = root / to / "new"
        found = list_boxes(place).parts["train"][0].boxes
        assert [(box.name, *box.corners) for box in found] == some


@pytest.mark.parametrize("form", WRITERS)
def test_data_that_are_not_divided_stay_so(tmp_path, form):
    WRITERS[form](tmp_path / "old")
    for to in ("voc", "coco", "yolo"):
        convert_boxes(tmp_path / "old", to, tmp_path / to)
        assert not list_boxes(tmp_path / to).divided
        assert len(list_boxes(tmp_path / to).parts["train"]) == 3


def test_what_a_form_has_no_place_for_is_told(tmp_path):
    write_voc(tmp_path / "voc")
    text = voc_text([("cat", 1, 1, 9, 9)], more="<difficult>1</difficult>")
    (tmp_path / "voc" / "a.xml").write_text(text, encoding="utf-8")
    told = convert_boxes(tmp_path / "voc", "yolo", tmp_path / "yolo")
    assert told[0] == "1 object marked difficult: this form has no such mark"
    assert len(convert_boxes(tmp_path / "voc", "voc", tmp_path / "again")) == 1
    assert list_boxes(tmp_path / "again").parts["train"][0].boxes[0].difficult

    record = coco_record(PLAIN, classes=("cat", "dog", "cow"))
    record["annotations"][0]["iscrowd"] = 1
    WRITERS["COCO"](tmp_path / "coco")
    (tmp_path / "coco" / "boxes.json").write_text(str(record).replace("'", '"'), encoding="utf-8")
    told = convert_boxes(tmp_path / "coco", "voc", tmp_path / "less")
    assert told[:2] == [
        "left out 1 box of crowds, which this form does not know",
        "no place for classes without a box: cow",
    ]
    assert list_boxes(tmp_path / "less").counts == (3, 2)
    convert_boxes(tmp_path / "coco", "coco", tmp_path / "same")
    assert list_boxes(tmp_path / "same").parts["train"][0].boxes[0].crowd
    assert list_boxes(tmp_path / "same").classes == ("cat", "dog", "cow")


def test_images_of_the_same_name_get_numbers(tmp_path):
    for split in ("train", "test"):
        write_voc(tmp_path / "old", PLAIN, split)
    convert_boxes(tmp_path / "old", "voc", tmp_path / "voc")
    names = sorted(path.name for path in (tmp_path / "voc" / "JPEGImages").iterdir())
    assert names == ["a-2.png", "a.png", "b-2.png", "b.png", "c-2.png", "c.png"]
    assert content(tmp_path / "voc") == content(tmp_path / "old")


def test_what_is_refused_leaves_nothing_behind(tmp_path):
    write_voc(tmp_path / "voc", {"a": [("cat", 5, 5, 5, 9), ("cat", 1, 1, 9, 9)]})
    with pytest.raises(BadInput, match="a.xml:3: cat: no area"):
        convert_boxes(tmp_path / "voc", "coco", tmp_path / "new")
    with pytest.raises(UnknownName, match="no form 'pascal'"):
        convert_boxes(tmp_path / "voc", "pascal", tmp_path / "new")
    with pytest.raises(CannotWrite, match="is there already"):
        convert_boxes(tmp_path / "voc", "coco", tmp_path / "voc")
    with pytest.raises(BadInput, match="lies in the data"):
        convert_boxes(tmp_path / "voc", "coco", tmp_path / "voc" / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["voc"]
    told = convert_boxes(tmp_path / "voc", "coco", tmp_path / "new", skip_bad=True)
    assert told[0].startswith("left out what cannot be used, 1 fault in 1 image with 2 boxes")
