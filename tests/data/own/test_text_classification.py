"""Sentences of one's own in a CSV."""

import pytest

from zoo.data.own.text_classification import own_sentences, read_rows, read_table, rows_to_test_on
from zoo.data.text.sentences import SPECIAL
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
        rows = read_table(table(text))
        assert [(r.text, r.label, r.split) for r in rows] == [
            ("a film", "good", "train"),
            ('too long, and "bad"', "bad", "dev"),
            ("x", "bad", "train"),
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected the header text,label"),
        ("a,b\nx,y\n", "got 'a,b'"),
        ("text,label\n", "no sentences to train with"),
        ("text,label\nx,good\ny,good\n", "one class only, 'good'"),
        ("text,label\nx,good\n \t,bad\n", "line 3: the text has 0 words"),
        ("text,label\nx,good\ny,\n", "line 3: the label is empty"),
        ("text,label\nx,good\ntoo long, and bad,bad\n", "line 3: 3 cells, expected 2; a text with"),
        ("text,label,split\nx,good,train\ny,bad,late\n", "line 3: split must be"),
        ("text,label,split\nx,a,train\ny,b,train\nz,c,test\n", "line 4: no training sentence"),
        ("text,label\nx,good\n" + "y " * 10_001 + ",bad\n", "line 3: the text has 10001 words"),
    ],
)
def test_lines_that_cannot_be_used_are_named(table, text, said):
    with pytest.raises(BadInput, match=said):
        read_table(table(text))


def test_files_that_cannot_be_read(table, tmp_path):
    with pytest.raises(Missing, match="no file"):
        read_rows(tmp_path / "none.csv")
    with pytest.raises(BadFile, match="not UTF-8"):
        read_rows(table(b"text,label\ncaf\xe9,good\n"))
    with pytest.raises(BadFile, match="line 2 is not CSV"):
        read_rows(table('text,label\n"x"y,good\n'))
    with pytest.raises(BadFile, match="field larger than field limit"):
        read_rows(table("text,label\n" + "word " * 1_000_000 + ",good\n"))


def test_what_the_table_does_not_set_aside_is_set_aside(table):
    lines = [f"word{i} film,{'good' if i % 3 else 'bad'}" for i in range(60)]
    splits = own_sentences(table("\n".join(["text,label", *lines])))
    assert [len(part) for part in splits.parts().values()] == [48, 6, 6]
    assert splits.train.classes == ("bad", "good")
    assert splits.dev.labels.bincount().tolist() == [2, 4]
    assert splits.vocabulary.words[:3] == (*SPECIAL, "film")
    held = {*splits.dev.texts, *splits.test.texts}
    assert len(held | {*splits.train.texts}) == 60
    assert not any(text.split()[0] in splits.vocabulary for text in held)  # only train's words
    again = own_sentences(table("\n".join(["text,label", *lines]), "other.csv"))
    assert again.digest() == splits.digest()


def test_a_split_that_the_table_has_is_kept(table):
    lines = ["text,label,split", *(f"w{i},{'ab'[i % 2]},train" for i in range(20))]
    path = table("\n".join([*lines, "dev one,a,dev", "test one,b,test"]))
    splits = own_sentences(path)
    assert [len(part) for part in splits.parts().values()] == [20, 1, 1]
    assert splits.test.texts == ("test one",)
    assert [r.text for r in rows_to_test_on(path, ("a", "b"))] == ["test one"]
    with pytest.raises(BadInput, match="label 'b'; expected a, c"):
        rows_to_test_on(path, ("a", "c"))


def test_going_on_from_a_vocabulary(table):
    path = table("text,label\n" + "new new old,a\nnew rare old,b\n" * 6)
    splits = own_sentences(path, (*SPECIAL, "old", "other"), least=7)
    assert splits.vocabulary.words == (*SPECIAL, "old", "other", "new")


def test_too_few_to_divide(table):
    with pytest.raises(BadInput, match="cannot be divided"):
        own_sentences(table("text,label\nx,a\ny,b\n"))
    everything = rows_to_test_on(table("text,label\nx,a\ny,b\n"), ("a", "b"))
    assert len(everything) == 2
    with pytest.raises(BadInput, match="no sentences to test on"):
        rows_to_test_on(table("text,label\n"), ("a", "b"))
