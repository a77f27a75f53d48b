"""A table of examples and labels: understood by its header, in any dress; bad lines are named."""

import pytest

from zoo.data.own.csv_table import Columns, Table, classes_of, read_table, stated_rows
from zoo.errors import BadFile, BadInput, Missing

TEXTS = Columns(("text", "sentence", "freetext"), "texts")


@pytest.fixture
def table(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def rows_of(path, **options):
    return list(read_table(path, TEXTS, **options).rows)


def plain(rows):
    return [(row.content, row.label, row.split, row.line) for row in rows]


def test_rows_in_any_dress(table):
    plain_text = (
        'text,label,split\na film,good,train\n"too long, and ""bad""",bad,val\n\nx,bad,train\n'
    )
    windows = b"\xef\xbb\xbf" + plain_text.replace("\n", "\r\n").replace("text", " TEXT ").encode()
    for text in (plain_text, windows):
        assert plain(rows_of(table(text))) == [
            ("a film", "good", "train", 2),
            ('too long, and "bad"', "bad", "dev", 3),
            ("x", "bad", "train", 5),
        ]


# ---- the header ---------------------------------------------------------------------------------


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["mine.csv", "mine.tsv", "mine"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_whatever_stands_between_the_cells(table, between, name, mark):
    lines = [["label", "text"], ["good", f'"a{between} ""b"""'], ["bad", "x"]]
    path = table(mark + "\n".join(between.join(line) for line in lines), name)
    assert [(r.content, r.label) for r in rows_of(path)] == [
        (f'a{between} "b"', "good"),
        ("x", "bad"),
    ]


@pytest.mark.parametrize(
    "header", ["Sentence,Category", "free-text,Class Name", "FREE TEXT,target", "text,y"]
)
def test_usual_names_of_columns(table, header):
    assert plain(rows_of(table(f"{header}\na,b\n"))) == [("a", "b", "train", 2)]


def test_columns_in_any_order_and_others_beside_them(table):
    text = 'id,"class",when,sentence,Set,\n1,good,now,a film,TEST,\n2,bad,then,x,,\n'
    read = read_table(table(text), TEXTS)
    assert plain(read.rows) == [("a film", "good", "test", 2), ("x", "bad", "train", 3)]
    assert read.divided
    assert read.notices == (
        "mine.csv: sentence is taken for the text, class for the label; columns not used: id, "
        "when, (no name)",
        "1 row without a split: train",
    )


def test_a_plain_table_has_nothing_to_tell(table):
    read = read_table(table("text,label,split\na,b,train\n"), TEXTS)
    assert read.notices == ()
    assert not read_table(table("text,label,split\na,b,\n"), TEXTS).divided


def test_our_own_name_is_preferred_and_the_other_is_told(table):
    read = read_table(table("class,text,label\n7,a,b\n"), TEXTS)
    assert plain(read.rows) == [("a", "b", "train", 2)]
    assert read.notices == ("mine.csv: columns not used: class",)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("text,class,category", "has the columns 'class' and 'category'; which is the label"),
        ("sentence,freetext,label", "'sentence' and 'freetext'; which is the text"),
        ("text,label,label", "'label' and 'label'; which is the label"),
        ("text,label,set,subset", "'set' and 'subset'; which is the split"),
    ],
)
def test_a_header_that_can_be_understood_in_two_ways_is_refused(table, header, said):
    with pytest.raises(BadInput, match=said):
        rows_of(table(f"{header}\na,b,c,d\n"))


@pytest.mark.parametrize(
    "text", ["", "a,b\nx,y\n", "text\nx\n", "label,split\nx,y\n", "a film,good\nx,bad\n"]
)
def test_another_header_is_refused_as_it_was_read(table, text):
    first = text.partition("\n")[0]
    said = (
        r"expected a header with text \(or sentence, freetext, ...\), label \(or class, category, "
        rf"target, ...\) and perhaps split, got {first!r}$"
    )
    with pytest.raises(BadInput, match=said):
        rows_of(table(text))


# ---- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text,label\nx,good\ny,\n", r"mine\.csv line 3: the label is empty"),
        ("text,label\nx,good\n ,bad\n", "line 3: the text is empty"),
        ("text,label\nx,good\ntoo long, and bad,bad\n", "line 3: 3 cells, expected 2; a cell"),
        ("text;label\nx;good\ny\n", "line 3: 1 cell, expected 2; a cell with ';' stands in qu"),
        ("text,label,split\nx,good,train\ny,bad,late\n", "line 3: split must be .* got 'late'"),
        ("a,Class,text,Subset\n,good,x,1\n", "line 2: Subset must be train, dev or test, got '1'"),
    ],
)
def test_lines_that_cannot_be_used_are_named(table, text, said):
    with pytest.raises(BadInput, match=said) as caught:
        rows_of(table(text))
    assert "\n" not in str(caught.value)


def test_all_of_them_are_named_at_once_or_left_out(table):
    path = table("text,label\nx,good\ny,\nz\nno,bad\nw,bad\n")

    def check(row):
        if row.content == "no":
            raise Missing(f"line {row.line}: there is no such thing")

    said = (
        r"mine\.csv: 3 of 5 rows cannot be used: line 3: the label is empty; line 4: 1 cell, .*"
        "; line 5: there is no such thing; mend or remove them, or leave them out with --skip-bad"
    )
    with pytest.raises(BadInput, match=said):
        rows_of(path, check=check)
    read = read_table(path, TEXTS, skip_bad=True, check=check)
    assert plain(read.rows) == [("x", "good", "train", 2), ("w", "bad", "train", 6)]
    assert len(read.notices) == 1
    assert "left out 3 of 5 rows that cannot be used" in read.notices[0]


def test_files_that_cannot_be_read(table, tmp_path):
    with pytest.raises(Missing, match=r"no file .*none\.csv; expected a CSV with the header text"):
        rows_of(tmp_path / "none.csv")
    with pytest.raises(BadFile, match="not UTF-8"):
        rows_of(table(b"text,label\ncaf\xe9,good\n"))
    with pytest.raises(BadFile, match="line 2 is not CSV"):
        rows_of(table('text,label\n"x"y,good\n'))
    with pytest.raises(BadFile, match="field larger than field limit"):
        rows_of(table("text,label\n" + "word " * 1_000_000 + ",good\n"))


# ---- classes ------------------------------------------------------------------------------------


def test_classes_are_those_of_the_training_rows(table):
    path = table("text,label,split\nx,b,train\ny,a,train\nz,a,test\nw,c,dev\nv,c,test\n")
    rows = rows_of(path)
    assert classes_of(path, rows[:3], "texts") == ("a", "b")
    with pytest.raises(BadInput, match=r"no texts to train with have the label 'c' \(line 5\)$"):
        classes_of(path, rows, "texts")
    with pytest.raises(BadInput, match="one class only, 'b'; expected two"):
        classes_of(path, rows[:1], "texts")


def test_what_is_measured_on(table):
    read = read_table(table("text,label,split\nx,b,train\ny,a,train\nz,a,test\n"), TEXTS)
    found = stated_rows(read, ("a", "b"), "texts", sorted)
    assert found == {"test": [read.rows[2]], "train": list(read.rows[:2])}
    with pytest.raises(BadInput, match=r"label 'a' \(line 4\); expected b, c$"):
        stated_rows(read, ("b", "c"), "texts", lambda names: ["test"])
    whole = read_table(table("text,label\nx,b\ny,a\n"), TEXTS)
    assert stated_rows(whole, ("a", "b"), "texts", list) == {"": list(whole.rows)}
    with pytest.raises(BadInput, match=r"mine\.csv has no texts to test on"):
        stated_rows(Table(read.path, (), False, ()), ("b", "c"), "texts", list)


def test_a_column_of_splits_under_another_name_is_refused(table):
    path = table("text,label,fold\na,good,Train\nb,bad,\nc,bad,test\n")
    with pytest.raises(BadInput, match="the column 'fold' has Train, test: are these the splits"):
        read_table(path, TEXTS)
    assert rows_of(table("text,label,fold\na,good,train\nb,bad,1\n"))
