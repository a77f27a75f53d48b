"""XML: lines of elements, encodings, and what is refused."""

import pytest

from zoo.data.own.boxes.xml_tree import read_xml
from zoo.errors import BadFile, Missing


def test_elements_know_their_lines_and_texts(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(b"\xef\xbb\xbf<a>\r\n <b> x\r\n</b>\r\n <b>&lt;y</b><c/>\r\n</a>")  # BOM, CRLF
    root = read_xml(path, "XML")
    assert [(one.tag, one.line, one.text.strip()) for one in root.inside] == [
        ("b", 2, "x"),
        ("b", 4, "<y"),
        ("c", 4, ""),
    ]
    assert root.word("b") == "x"
    assert root.word("none") == ""
    path.write_bytes('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"))
    assert read_xml(path, "XML").text == "é"


BOMB = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>\n<a>&y;</a>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BOMB, "a.xml:1: a document type"),
        (b'\n<!DOCTYPE a SYSTEM "/etc/passwd"><a/>', "a.xml:2: a document type"),
        (b"", "a.xml:1: no XML: no element found"),
        (b"<a>\n<b></a>", "a.xml:2: no XML: mismatched tag"),
        (b"<a>&x;</a>", "a.xml:1: no XML: undefined entity"),
        (b"<a>" * 100, "a.xml:1: more than 64 elements"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "encoding"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "a.xml:1: no XML"),
    ],
)
def test_what_is_refused(tmp_path, content, message):
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=message) as caught:
        read_xml(path, "XML")
    assert "\n" not in str(caught.value)
    assert "cannot be read" not in str(caught.value) or "encoding" in message


def test_a_missing_file(tmp_path):
    with pytest.raises(Missing, match=r"there is no file .*a\.xml; expected XML"):
        read_xml(tmp_path / "a.xml", "XML")
