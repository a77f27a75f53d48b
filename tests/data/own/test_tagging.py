"""CoNLL files of the user: one is divided, a folder is taken as it is."""

import pytest

from zoo.data.own.tagging import own_data, to_measure
from zoo.data.text.conll_columns import Asked
from zoo.errors import BadInput, Missing


def lines(count, name="w"):
    return "".join(f"{name}{n}\tB-x\nand\tO\n\n" for n in range(count))


def test_one_file_is_divided_and_a_folder_is_taken_as_it_is(tmp_path):
    path = tmp_path / "mine.conll"
    path.write_text(lines(30), encoding="utf-8")
    data = own_data(path)
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 24, "dev": 3, "test": 3}
    assert {item.words[0] for part in data.parts().values() for item in part.items} == {
        f"w{n}" for n in range(30)
    }
    assert data.train.classes == ("O", "B-x")
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "train.txt").write_text(lines(12), encoding="utf-8")
    (folder / "test.conll").write_text(lines(2, "t"), encoding="utf-8")
    data = own_data(folder)
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 11, "dev": 1, "test": 2}
    assert data.digest() == own_data(folder).digest()
    assert "w0" in data.front_end.vocabulary
    assert "t0" not in data.front_end.vocabulary


def test_too_few_sentences(tmp_path):
    path = tmp_path / "few.conll"
    path.write_text(lines(9), encoding="utf-8")
    with pytest.raises(BadInput, match="has 9 sentences to train with; expected 10 or more"):
        own_data(path)


def test_what_a_tagger_is_measured_on(tmp_path):
    path = tmp_path / "all.conll"
    path.write_text(lines(12), encoding="utf-8")
    assert [len(part) for part in to_measure(path, list)[0].values()] == [12]
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "train.txt").write_text(lines(12), encoding="utf-8")
    assert {name: len(part) for name, part in to_measure(folder, list)[0].items()} == {"train": 12}
    (folder / "test.tsv").write_text(lines(3, "t"), encoding="utf-8")
    test = to_measure(folder, lambda stated: ["test"])[0]["test"]
    assert [item.words[0] for item in test] == ["t0", "t1", "t2"]
    (folder / "train.txt").unlink()
    (folder / "test.tsv").unlink()
    with pytest.raises(Missing, match="no test file in"):
        to_measure(folder, list)


def test_a_folder_without_a_train_file(tmp_path):
    with pytest.raises(Missing, match=r"no train file .* expected train\.conll, train\.conllu"):
        own_data(tmp_path)


def test_the_columns_of_a_folder_are_those_of_train_or_those_asked_for(tmp_path):
    rows = "".join(f"{n}\tNN\tw{n}\tB-x\n{n}\tCC\tand\tO\n\n" for n in range(12))
    (tmp_path / "train.tsv").write_text(rows)
    (tmp_path / "test.tsv").write_text("1\tNN\tword\tO\n")
    with pytest.raises(BadInput, match=r"word_column=3 tag_column=4"):
        own_data(tmp_path)
    data = own_data(tmp_path, asked=Asked(word_column=3))
    assert data.test.items == ((("word",), ("O",)),)
    assert "words in column 3, tags in column 4, IOB2 of x" in data.notices[0]
    assert data.notices[1].endswith("no word has a tag but O")


def test_what_was_read_is_told(tmp_path):
    (tmp_path / "training.tsv").write_text(lines(20))
    (tmp_path / "Valid.tsv").write_text(lines(4))
    told = own_data(tmp_path).notices
    assert [note.partition(":")[0] for note in told[:2]] == ["training.tsv", "Valid.tsv"]
    assert told[2] == "read 24 sentences: train 18, dev 4, test 2 (test set aside from train)"


def test_sentences_of_test_that_train_has_too_are_told(tmp_path):
    (tmp_path / "train.tsv").write_text(lines(20))
    (tmp_path / "dev.tsv").write_text(lines(4, "d"))
    (tmp_path / "test.tsv").write_text(lines(4, "t") + lines(2))
    told = own_data(tmp_path).notices[-1]
    assert told == "also in train, which flatters the scores: 2 of 6 of test"


def test_tags_of_test_that_train_lacks_are_told(tmp_path):
    (tmp_path / "train.tsv").write_text(lines(20))
    (tmp_path / "test.tsv").write_text(lines(4, "t") + "Rome\tB-odd\n")
    told = own_data(tmp_path).notices
    assert "tags of dev or test that train lacks, so none can be found: B-odd" in told


def test_how_the_start_weights_read_is_told(tmp_path):
    path = tmp_path / "mine.conll"
    path.write_text(lines(30), encoding="utf-8")
    (tmp_path / "other.conll").write_text(lines(30, "v"), encoding="utf-8")
    front_end = own_data(tmp_path / "other.conll").front_end
    assert own_data(path, front_end).notices[-1] == (
        "words are read as the weights read them: 50.0 % of the words of train are unknown to "
        "them, and read by characters"
    )
