"""The vocabulary of the user's text, and how one goes on from another."""

import gzip

import pytest

from zoo.data.own.language_model import own_data, texts_at, to_measure
from zoo.data.text.text_file import TextFile
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput


def written(tmp_path, data):
    path = tmp_path / "own.txt"
    path.write_bytes(data)
    return path


def test_by_characters_it_is_all_of_the_file(tmp_path):
    path = written(tmp_path, gzip.compress(b"ab" * 100 + b"\r\nz"))
    assert own_data(path, "characters").vocabulary.words == ("\n", "a", "b", "z")


def test_by_words_it_is_what_occurs_twice_in_the_training_part(tmp_path):
    path = written(tmp_path, b"to be or not to be\n" * 90 + b"once\n" + b"later later\n" * 20)
    parts = own_data(path, "words")
    found = parts.vocabulary
    assert set(found.words) == {"<unk>", "<eos>", "to", "be", "or", "not"}
    assert parts.test.token_ids.tolist()[-3:] == found.encode(["<unk>", "<unk>", "<eos>"])


def test_what_is_new_comes_after_what_is_known(tmp_path):
    known = Vocabulary("zb")
    path = written(tmp_path, b"abc" * 30)
    assert own_data(path, "characters", known).vocabulary.words == tuple("zbac")
    with pytest.raises(BadInput, match="not in the vocabulary"):
        own_data(path, "characters", known, grow=False)


def test_all_of_it_and_its_parts(tmp_path):
    text = TextFile(written(tmp_path, b"abba"))
    whole, parts = to_measure([text], text.path.name, "characters", Vocabulary("ab"))
    assert len(whole.test) == 4
    assert parts is None  # too short for them
    text = TextFile(written(tmp_path, b"abba" * 10))
    whole, parts = to_measure([text], text.path.name, "characters", Vocabulary("ab"))
    assert parts is not None
    assert sum(map(len, parts.parts().values())) == len(whole.test) == 40
    with pytest.raises(BadInput, match="not in the vocabulary"):
        to_measure([text], text.path.name, "characters", Vocabulary("a"))


def test_a_file_that_is_no_text(tmp_path):
    with pytest.raises(BadFile, match="not UTF-8"):
        own_data(written(tmp_path, b"\xff\xfe\x00"), "characters")


def test_what_was_read_is_told(tmp_path):
    path = written(tmp_path, b"abc" * 40)
    told = "read 120 characters with a vocabulary of {}: train 102, dev 6, test 12 (dev and test"
    assert own_data(path, "characters").notices[0].startswith(told.format(3))
    first, second = own_data(path, "characters", Vocabulary("zb")).notices
    assert first.startswith(told.format(4))
    assert second == (
        "the text is read as the weights read theirs, by characters: 2 characters of yours join "
        "their 2"
    )


@pytest.fixture
def folder(tmp_path):
    for name, text in (("Train.txt", "ab" * 40), ("valid.txt", "abc" * 5), ("TEST.txt", "abd" * 4)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_folder_has_a_file_for_each_part(folder):
    splits = own_data(folder, "characters")
    assert {name: len(part) for name, part in splits.parts().items()} == {
        **{"train": 80, "dev": 15, "test": 12}
    }
    assert splits.vocabulary.words == tuple("abcd")
    assert splits.notices == (
        "read 107 characters with a vocabulary of 4: train 80, dev 15, test 12",
    )
    whole, parts = to_measure(texts_at(folder), "x", "characters", splits.vocabulary)
    assert len(whole.test) == 107
    assert parts.test.token_ids.tolist() == splits.test.token_ids.tolist()
    words = own_data(folder, "words", Vocabulary(["<unk>", "<eos>"]), grow=False)
    assert [len(part) for part in words.parts().values()] == [2, 2, 2]


def test_a_folder_without_one_of_them_is_refused(folder):
    (folder / "valid.txt").unlink()
    with pytest.raises(BadInput, match="has no text for dev; expected a text file, or a folder"):
        own_data(folder, "characters")
    (folder / "val.txt").write_text("ab")
    (folder / "dev.txt").write_text("ab")
    with pytest.raises(BadInput, match=r"has dev\.txt and val\.txt: both mean dev"):
        texts_at(folder)
