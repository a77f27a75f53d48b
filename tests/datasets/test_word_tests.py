"""The published files, and files that are none."""

import pytest

from zoo.datasets import word_tests as module
from zoo.datasets.word_tests import place, questions, rated_pairs, word_list, word_pairs
from zoo.errors import BadFile, Missing


def test_the_published_files(zoo_data):
    sections = questions()
    assert [len(s) for s in sections.values()][:5] == [506, 4524, 866, 2467, 506]
    assert sum(map(len, sections.values())) == 19_544
    pairs = rated_pairs()
    assert len(pairs) == 353
    assert pairs[0] == ("love", "sex", 6.77)
    assert len(word_pairs(place("debiaswe/definitional_pairs.json"))) == 10
    assert len(word_list(place("debiaswe/gender_specific_full.json"))) == 1441
    assert word_list(place("debiaswe/professions.json"))[0] == "accountant"
    assert all(place(name).is_file() for name in module.SHA256)


def test_own_files(tmp_path):
    file = tmp_path / "q.txt"
    file.write_text(": capitals of\na b c d\r\n\n: plural\nx y z w\n")
    assert questions(file) == {
        "capitals of": [("a", "b", "c", "d")],
        "plural": [("x", "y", "z", "w")],
    }
    file.write_text("# comment\ncat\tdog\t7.5\n")
    assert rated_pairs(file) == [("cat", "dog", 7.5)]
    file.write_text('[["nurse", 0.1, -0.3], "doctor"]')
    assert word_list(file) == ["nurse", "doctor"]


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (questions, "a b c d\n", "line 1: expected ': section' or 4 words"),
        (questions, ": s\na b c\n", "line 2: expected"),
        (questions, "\n", "holds no questions"),
        (questions, b"\xff", "not UTF-8"),
        (rated_pairs, "a\tb\n", "line 1: expected word, word, number"),
        (rated_pairs, "a\tb\tc\n", "line 1: expected word, word, number"),
        (rated_pairs, "# only\n", "holds no pairs"),
        (word_pairs, "[", "not JSON"),
        (word_pairs, "[]", "not empty"),
        (word_pairs, '{"a": 1}', "expected a list"),
        (word_pairs, '[["a", "b", "c"]]', "expected pairs"),
        (word_pairs, '[["a", 1]]', "expected pairs"),
        (word_list, "[1]", "expected words"),
        (word_list, '[""]', "expected words"),
    ],
)
def test_bad_files_are_told(tmp_path, reader, text, said):
    file = tmp_path / "file"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFile, match=said):
        reader(file)


def test_files_that_are_not_there_or_others(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"no .*questions-words.txt; put"):
        questions()
    with pytest.raises(Missing, match="no file"):
        questions(tmp_path / "none")
    (tmp_path / "word_vectors").mkdir()
    (tmp_path / "word_vectors" / "wordsim353.tsv").write_text("a\tb\t1\n")
    with pytest.raises(BadFile, match="not the published file"):
        rated_pairs()
