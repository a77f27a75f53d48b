"""Lists in the published forms, and files that are none."""

import pytest

from zoo.data.text.word_tests import (
    place,
    read_analogies,
    read_rated_pairs,
    read_word_pairs,
    read_words,
)
from zoo.errors import BadFile, Missing


def test_own_files(tmp_path):
    file = tmp_path / "q.txt"
    file.write_text(": capitals of\na b c d\r\n\n: plural\nx y z w\n")
    assert read_analogies(file) == {
        "capitals of": [("a", "b", "c", "d")],
        "plural": [("x", "y", "z", "w")],
    }
    file.write_text("# comment\ncat\tdog\t7.5\n")
    assert read_rated_pairs(file) == [("cat", "dog", 7.5)]
    file.write_text('[["nurse", 0.1, -0.3], "doctor"]')
    assert read_words(file) == ["nurse", "doctor"]


@pytest.mark.parametrize(
    "text",
    [
        "old new 1.58\nsmart dumb 0.55\n",
        "word1\tword2\tPOS\tSimLex999\tconc\nold\tnew\tA\t1.58\t2\nsmart\tdumb\tA\t0.55\t3\n",
        "Word 1,Word 2,Human (mean)\nold,new,1.58\nsmart,dumb,.55\n",
        "old;new;A;1.58\nsmart;dumb;A;0.55\n",
    ],
)
def test_the_rating_is_found_where_it_stands(tmp_path, text):
    file = tmp_path / "pairs"
    file.write_text(text)
    assert read_rated_pairs(file) == [("old", "new", 1.58), ("smart", "dumb", 0.55)]


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (read_analogies, "a b c d\n", "line 1: expected ': section' or 4 words"),
        (read_analogies, ": s\na b c\n", "line 2: expected"),
        (read_analogies, "\n", "holds no questions"),
        (read_analogies, b"\xff", "not UTF-8"),
        (read_rated_pairs, "a\tb\n", "line 1: expected word, word, number"),
        (read_rated_pairs, "a\tb\tc\n", "line 1: expected word, word, number"),
        (read_rated_pairs, "# only\n", "holds no pairs"),
        (read_rated_pairs, "a\tb\t1\t2\nc\td\t3\t4\n", "columns 3, 4 hold numbers"),
        (read_rated_pairs, "1\ta\tb\t2.5\n", "line 1: expected word, word, number"),
        (read_rated_pairs, "7.5\told\tnew\n", "line 1: expected word, word, number"),
        (read_word_pairs, "[", "not JSON"),
        (read_word_pairs, "[]", "not empty"),
        (read_word_pairs, '{"a": 1}', "expected a list"),
        (read_word_pairs, '[["a", "b", "c"]]', "expected pairs"),
        (read_word_pairs, '[["a", 1]]', "expected pairs"),
        (read_words, "[1]", "expected words"),
        (read_words, '[""]', "expected words"),
    ],
)
def test_bad_files_are_told(tmp_path, reader, text, said):
    file = tmp_path / "file"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFile, match=said):
        reader(file)


def test_a_file_that_is_not_there_and_one_that_is_another(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"no .*pairs\.tsv; put pairs\.tsv of somewhere there"):
        place("pairs.tsv", "0" * 64, "somewhere")
    with pytest.raises(Missing, match="no file"):
        read_analogies(tmp_path / "none")
    (tmp_path / "word_vectors").mkdir()
    (tmp_path / "word_vectors" / "pairs.tsv").write_text("a\tb\t1\n")
    with pytest.raises(BadFile, match="not the published file"):
        place("pairs.tsv", "0" * 64, "somewhere")
