"""A CSV of examples and labels: read in any dress; what cannot be used is named with its line."""

import pytest

from zoo.data.own.csv_table import classes_of, read_rows, rows_to_test_on
from zoo.errors import BadFile, BadInput, Missing


@pytest.fixture
def table(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_rows_in_any_dress(table):
    plain = 'text,label,split\na film,good,train\n"too long, and ""bad""",bad,val\n\nx,bad,train\n'
    windows = b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").replace("text", " TEXT ").encode()
    for text in (plain, windows):
        rows = read_rows(table(text), "text")
        assert [(r.content, r.label, r.split, r.line) for r in rows] == [
            ("a film", "good", "train", 2),
            ('too long, and "bad"', "bad", "dev", 3),
            ("x", "bad", "train", 5),
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected the header text,label or text,label,split, got ''"),
        ("a,b\nx,y\n", "got 'a,b'"),
        ("text,label\nx,good\ny,\n", "line 3: the label is empty"),
        ("text,label\nx,good\n ,bad\n", "line 3: the text is empty"),
        ("text,label\nx,good\ntoo long, and bad,bad\n", "line 3: 3 cells, expected 2; a cell with"),
        ("text,label,split\nx,good,train\ny,bad,late\n", "line 3: split must be"),
    ],
)
def test_lines_that_cannot_be_used_are_named(table, text, said):
    with pytest.raises(BadInput, match=said):
        list(read_rows(table(text), "text"))


def test_files_that_cannot_be_read(table, tmp_path):
    with pytest.raises(Missing, match=r"no file .*none\.csv; expected a CSV with the header text"):
        list(read_rows(tmp_path / "none.csv", "text"))
    with pytest.raises(BadFile, match="not UTF-8"):
        list(read_rows(table(b"text,label\ncaf\xe9,good\n"), "text"))
    with pytest.raises(BadFile, match="line 2 is not CSV"):
        list(read_rows(table('text,label\n"x"y,good\n'), "text"))
    with pytest.raises(BadFile, match="field larger than field limit"):
        list(read_rows(table("text,label\n" + "word " * 1_000_000 + ",good\n"), "text"))


def test_classes_are_those_of_the_training_rows(table):
    path = table("text,label,split\nx,b,train\ny,a,train\nz,a,test\n")
    rows = list(read_rows(path, "text"))
    assert classes_of(path, rows, "sentence") == ("a", "b")
    with pytest.raises(BadInput, match=r"line 4: no training sentence has label 'a'"):
        classes_of(path, rows[2:], "sentence")
    with pytest.raises(BadInput, match="one class only, 'b'; expected two"):
        classes_of(path, rows[:1], "sentence")


def test_what_is_measured_on(table):
    path = table("text,label,split\nx,b,train\ny,a,train\nz,a,test\n")
    rows = list(read_rows(path, "text"))
    assert rows_to_test_on(path, rows, ("a", "b"), "sentence") == rows[2:]
    assert rows_to_test_on(path, rows[:2], ("a", "b"), "sentence") == rows[:2]
    with pytest.raises(BadInput, match="line 4: label 'a'; expected b, c$"):
        rows_to_test_on(path, rows, ("b", "c"), "sentence")
    with pytest.raises(BadInput, match="no sentences to test on"):
        rows_to_test_on(path, [], ("b", "c"), "sentence")
