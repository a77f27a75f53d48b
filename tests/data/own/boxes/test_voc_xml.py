"""VOC's XML: corners as they stand, flags, sizes, parts of an object; what is refused."""

import pytest

from zoo.data.own.boxes.voc_xml import read_voc_xml
from zoo.errors import BadFile

BOX = "<bndbox><ymin>2</ymin><xmin>1.5</xmin><ymax>40</ymax><xmax>30</xmax></bndbox>"  # any order


def test_objects(tmp_path):
    path = tmp_path / "a.xml"
    part = BOX.replace("1.5", "7")  # VOC's person layout: its boxes are no objects
    path.write_text(
        "<annotation><filename> b c.jpg </filename>\n<size><width>64</width><height>48</height>"
        f"</size>\n<object><part>{part}</part><name>a cat</name>{BOX}</object>\n"
        f"<object><name>dog</name><difficult>1</difficult>\n{BOX}</object></annotation>",
        encoding="utf-8",
    )
    picture = read_voc_xml(path)
    assert (picture.image, picture.size) == ("b c.jpg", (64, 48))
    assert picture.boxes == (
        ("a cat", (1.5, 2.0, 30.0, 40.0), 3, False, False, ""),
        ("dog", (1.5, 2.0, 30.0, 40.0), 4, True, False, ""),
    )


@pytest.mark.parametrize(("word", "difficult"), [("True", True), ("False", False), ("NO", False)])
def test_words_for_difficult(tmp_path, word, difficult):
    path = tmp_path / "a.xml"
    path.write_text(
        f"<annotation><object><name>a</name><difficult>{word}</difficult>{BOX}</object>"
        "</annotation>",
        encoding="utf-8",
    )
    assert read_voc_xml(path).boxes[0].difficult == difficult


def test_an_image_without_objects_and_a_size_that_is_not_known(tmp_path):
    path = tmp_path / "a.xml"
    size = "<size><width>0</width><height>0</height></size>"
    for text in ("<annotation/>", f"<annotation>{size}</annotation>"):
        path.write_text(text, encoding="utf-8")
        picture = read_voc_xml(path)
        assert (picture.image, picture.size, picture.boxes) == ("", None, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html/>", "a.xml:1: <html> is not <annotation>"),
        ("<annotation>\n<object/></annotation>", "a.xml:2: the object has no <name>"),
        ("<annotation><object><name>a</name></object></annotation>", "has 0 <bndbox>"),
        (f"<annotation><object><name>a</name>{BOX}{BOX}</object></annotation>", "has 2 <bndbox>"),
        (
            f"<annotation><object><name>a</name>{BOX}</object></annotation>".replace("1.5", "left"),
            "a.xml:1: <xmin> is 'left', expected a number",
        ),
        (
            f"<annotation><object><name>a</name>{BOX.replace('xmax', 'width')}</object>"
            "</annotation>",
            "<bndbox> has no <xmax>",
        ),
        (
            "<annotation>\n<size><width>inf</width><height>9</height></size></annotation>",
            "a.xml:2: the size is inf x 9, expected pixels",
        ),
    ],
)
def test_what_is_refused(tmp_path, text, message):
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=message):
        read_voc_xml(path)
