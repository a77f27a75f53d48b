"""Folders of VOC's XML: its own layout with lists, names that disagree, what has no partner."""

import shutil

import pytest

from tests.data.own.boxes.sets import PLAIN, voc_text, write_image, write_voc
from zoo.data.own.boxes.box_list import list_boxes
from zoo.errors import BadInput


def voc_devkit(root, lists, pictures=PLAIN):
    """VOC's own layout, with lists of names."""
    home = root / "VOCdevkit" / "VOC2007"
    (home / "Annotations").mkdir(parents=True)
    (home / "ImageSets" / "Main").mkdir(parents=True)
    for number, (name, boxes) in enumerate(pictures.items()):
        write_image(home / "JPEGImages" / f"{name}.jpg", number)
        text = voc_text(boxes, name=f"{name}.jpg")
        (home / "Annotations" / f"{name}.xml").write_text(text, encoding="utf-8")
    for name, text in lists.items():
        (home / "ImageSets" / "Main" / f"{name}.txt").write_bytes(text.encode())
    return home


def splits(listed):
    return {name: [one.image.stem for one in part] for name, part in listed.parts.items()}


def test_the_lists_of_the_devkit_are_the_splits(tmp_path):
    lists = {"train": "a\r\n", "val": "b\r\n\r\n", "trainval": "a\nb\n", "cat_train": "a  1\n"}
    home = voc_devkit(tmp_path, {**lists, "test": "c"})
    expected = {"train": ["a"], "dev": ["b"], "test": ["c"]}
    for place in (tmp_path, home.parent, home):
        assert splits(list_boxes(place)) == expected
    shutil.rmtree(home / "ImageSets")
    assert splits(list_boxes(home)) == {"train": ["a", "b", "c"]}


def test_trainval_alone_is_train_and_what_is_in_no_list_is_told(tmp_path):
    home = voc_devkit(tmp_path, {"trainval": "a\n", "test": "b"})
    listed = list_boxes(home)
    assert splits(listed) == {"train": ["a"], "test": ["b"]}
    assert "in no list of ImageSets (1: c.xml)" in listed.notices[-1]


def test_a_name_in_two_lists_and_one_without_a_file(tmp_path):
    home = voc_devkit(tmp_path, {"train": "a\nc\nnone\n", "test": "b\na\n"})
    faults = list(map(str, list_boxes(home).faults))
    assert faults == [
        "ImageSets/Main/train.txt:1: a is in ImageSets/Main/test.txt:2 already",
        "ImageSets/Main/train.txt:3: there is no XML file for none",
    ]


def test_another_file_name_inside_is_told_or_found(tmp_path):
    write_voc(tmp_path)
    (tmp_path / "a.xml").write_text(voc_text([], name="renamed.png"), encoding="utf-8")
    (tmp_path / "b.xml").rename(tmp_path / "other.xml")  # its <filename> is b.png
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a", "c", "b"]}
    assert listed.faults == ()
    assert "1 XML file with another <filename>: the image with the name of" in listed.notices[0]


def test_images_without_xml_are_told_and_xml_without_image_is_a_fault(tmp_path):
    write_voc(tmp_path)
    (tmp_path / "a.xml").unlink()
    (tmp_path / "b.png").unlink()
    listed = list_boxes(tmp_path)
    assert list(map(str, listed.faults)) == ["b.xml:1: there is no image b.png for it"]
    assert listed.notices == ("left out: images without an XML file (1: a.png)",)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "a.xml:1: no XML: no element found; expected an XML file of PASCAL VOC"),
        ("<annotation>\n<object/></annotation>", "a.xml:2: the object has no <name>"),
        (voc_text([("cat", "nan", 1, 9, 9)]), "a.xml:3: cat: not finite: x nan to 9, y 1 to 9"),
        (voc_text([("cat", 9, 1, 1, 9)]), "a.xml:3: cat: the first corner is beyond the second"),
        (voc_text([], size=(640, 480)), "a.xml:1: a.png is said to be 640 x 480, it is 64 x 48"),
        (
            "\ufeff" + voc_text([("cat", 1, 1, 9, 9)] * 2),
            "a.xml:4: cat: the box of cat that",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_line(tmp_path, content, fault):
    write_voc(tmp_path)
    (tmp_path / "a.xml").write_bytes(content.replace("\n", "\r\n").encode())
    listed = list_boxes(tmp_path)
    assert len(listed.faults) == 1
    assert str(listed.faults[0]).startswith(fault)
    with pytest.raises(BadInput, match="has 1 fault in 3 images"):
        listed.settled(listed.faults)


def test_difficult_objects_are_kept_as_such(tmp_path):
    write_voc(tmp_path)
    text = voc_text([("cat", 1, 1, 9, 9)], more="<difficult>1</difficult>")
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    assert [box.difficult for box in list_boxes(tmp_path).parts["train"][0].boxes] == [True]
