"""The inputs of --verify: words two by two, and tables of pairs."""

import argparse

import pytest

from tests.helpers.tiny_verifier import tiny_verifier
from zoo.cli.predict_files import Names
from zoo.cli.predict_inputs import Input
from zoo.cli.predict_pairs import pair_predictor, pairs
from zoo.errors import BadInput, ZooError


def given(words):
    return [one.pair if isinstance(one, Input) else one for batch in pairs(words) for one in batch]


def arguments(*words, file=(), text=False):
    return argparse.Namespace(name="n", input=list(words), file=list(file), text=text)


def test_words_are_taken_two_by_two():
    assert given(["a", "b", "c", "d"]) == [("a", "b"), ("c", "d")]
    assert len(list(pairs(["a"] * 600))) == 3  # batches


def test_a_table_has_a_pair_a_line(tmp_path, capsys):
    (tmp_path / "a.png").touch()
    table = tmp_path / "pairs.CSV"
    table.write_text("first,second\na.png, b.png\n\n/c.png,http://h/d.png\na\n,b\nx,y\n")
    found = given([str(table), "e", "f"])
    assert found[0] == ("e", "f")
    assert found[1] == (str(tmp_path / "a.png"), str(tmp_path / "b.png"))
    assert found[2] == ("/c.png", "http://h/d.png")
    assert [str(one).removeprefix(f"{table} ") for one in found[3:5]] == [
        "line 5: 1 cells; expected two names of images",
        "line 6: 2 cells; expected two names of images",
    ]
    assert found[5] == (str(tmp_path / "x"), str(tmp_path / "y"))
    err = capsys.readouterr().err
    assert err == f"note: {table}: line 1 is taken for a heading: first, second\n"


def test_a_table_that_holds_nothing_is_an_error_in_its_place(tmp_path):
    (tmp_path / "empty.csv").write_text("\n")
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe,\n")
    found = given([str(tmp_path / name) for name in ("empty.csv", "odd.csv", "none.csv")])
    assert all(isinstance(one, ZooError) for one in found)
    assert "holds no pair" in str(found[0])


def test_what_cannot_be_pairs_is_refused():
    verifier = tiny_verifier()
    assert pair_predictor(verifier, arguments("a", "b")).draws
    for words in ([], ["a"], ["a", "b", "c"], ["a", "x.csv"]):
        with pytest.raises(BadInput, match="takes images two by two"):
            pair_predictor(verifier, arguments(*words))
    with pytest.raises(BadInput, match="leave out --file and --text"):
        pair_predictor(verifier, arguments("a", "b", text=True))
    with pytest.raises(BadInput, match="n does not compare two inputs; leave out --verify"):
        pair_predictor(verifier.in_pairs(), arguments("a", "b"))


def test_a_file_of_a_pair_is_named_after_both():
    names = Names()
    found = [names.of(Input(("x/a.png", "y/b.jpg"), pair=("x/a.png", "y/b.jpg"))) for _ in "12"]
    assert found == ["a_b", "a_b_2"]
    long = "c" * 300 + ".png"
    assert len(names.of(Input((long, long), pair=(long, long)))) < 200
