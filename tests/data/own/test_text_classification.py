"""The user's texts in a CSV."""

import pytest

from zoo.data.own.text_classification import kinds_of, own_data, to_measure
from zoo.data.text.sentences import SPECIAL
from zoo.errors import BadInput


@pytest.fixture
def table(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text,label\n", "no texts to train with"),
        ("text,label\nx,good\ny,good\n", "one class only, 'good'"),
        ("text,label\nx,good\n \t,bad\n", "line 3: the text is empty"),
        (
            "text,label,split\nx,a,train\ny,b,train\nz,c,test\n",
            r"no texts to train with have the label 'c' .line 4.",
        ),
        ("text,label\nx,good\n" + "y " * 10_001 + ",bad\n", "line 3: the text has 10001 words"),
    ],
)
def test_lines_that_cannot_be_used_are_named(table, text, said):
    with pytest.raises(BadInput, match=said):
        own_data(table(text))


def test_what_the_table_does_not_set_aside_is_set_aside(table):
    lines = [f"word{i} film,{'good' if i % 3 else 'bad'}" for i in range(60)]
    splits = own_data(table("\n".join(["text,label", *lines])))
    assert [len(part) for part in splits.parts().values()] == [48, 6, 6]
    assert splits.train.classes == ("bad", "good")
    assert splits.dev.labels.bincount().tolist() == [2, 4]
    assert splits.vocabulary.words[:3] == (*SPECIAL, "film")
    held = {*splits.dev.texts, *splits.test.texts}
    assert len(held | {*splits.train.texts}) == 60
    assert not any(text.split()[0] in splits.vocabulary for text in held)  # only train's words
    again = own_data(table("\n".join(["text,label", *lines]), "other.csv"))
    assert again.digest() == splits.digest()


def test_copies_of_a_text_that_fall_into_train_and_another_part_are_told(table):
    lines = [f"word{i} film,{'good' if i % 3 else 'bad'}" for i in range(40)]
    assert len(own_data(table("\n".join(["text,label", *lines]))).notices) == 1
    told = own_data(table("\n".join(["text,label", *lines * 4]))).notices[-1]
    assert told == "also in train, which flatters the scores: 16 of 16 of dev, 16 of 16 of test"


def test_texts_of_the_tables_test_part_that_train_has_too_are_told(table):
    lines = [f"w{i},{'ab'[i % 2]},train" for i in range(20)]
    splits = own_data(table("\n".join(["text,label,split", *lines, "W3,b,test", "new,a,test"])))
    assert "also in train, which flatters the scores: 1 of 2 of test" in splits.notices


def test_a_split_that_the_table_has_is_kept(table):
    lines = ["text,label,split", *(f"w{i},{'ab'[i % 2]},train" for i in range(20))]
    path = table("\n".join([*lines, "dev one,a,dev", "test one,b,test"]))
    splits = own_data(path)
    assert [len(part) for part in splits.parts().values()] == [20, 1, 1]
    assert splits.test.texts == ("test one",)
    parts, _ = to_measure(path, ("a", "b"), lambda names: ["test"])
    assert [row.content for row in parts["test"]] == ["test one"]
    with pytest.raises(BadInput, match=r"label 'b' .line 23.; expected a, c"):
        to_measure(path, ("a", "c"), lambda names: ["test"])


def test_going_on_from_a_vocabulary(table):
    path = table("text,label\n" + "new new old,a\nnew rare old,b\n" * 6)
    splits = own_data(path, (*SPECIAL, "old", "other"), least=7)
    assert splits.vocabulary.words == (*SPECIAL, "old", "other", "new")


def test_too_few_to_divide(table):
    with pytest.raises(BadInput, match="cannot be divided"):
        own_data(table("text,label\nx,a\ny,b\n"))
    parts, _ = to_measure(table("text,label\nx,a\ny,b\n"), ("a", "b"), list)
    assert len(parts[""]) == 2
    with pytest.raises(BadInput, match="no texts to test on"):
        to_measure(table("text,label\n"), ("a", "b"), list)


def test_what_was_read_is_told(table):
    lines = ["id;Review;Sentiment", *(f"{i};word {i};{'ab'[i % 2]}" for i in range(20))]
    splits = own_data(table("\n".join(lines)))
    assert splits.notices == (
        "read 20 texts in 2 classes (a 10, b 10): train 16, dev 2, test 2 (dev and test set aside "
        "from train)",
        "mine.csv: Review is taken for the text, Sentiment for the label; columns not used: id",
    )
    parts, told = to_measure(table("\n".join(lines)), ("a", "b"), list)
    assert kinds_of(parts[""]) == "20 texts in 2 classes (a 10, b 10)"
    assert told == splits.notices[1:]


def test_texts_that_cannot_be_used_are_named_at_once_or_left_out(table):
    lines = [*(f"w{i},{'ab'[i % 2]}" for i in range(20)), "y " * 10_001 + ",a", ",b"]
    path = table("\n".join(["text,label", *lines]))
    said = "2 of 22 rows cannot be used: line 22: the text has 10001 words; .*; line 23: the text"
    with pytest.raises(BadInput, match=said):
        own_data(path)
    splits = own_data(path, skip_bad=True)
    assert sum(len(part) for part in splits.parts().values()) == 20
    assert splits.notices[1].startswith("left out 2 of 22 rows that cannot be used: ")


def test_how_the_start_weights_read_is_told(table):
    path = table("text,label\n" + "new new old,a\nnew rare old,b\n" * 6)
    splits = own_data(path, (*SPECIAL, "old", "other"), least=7)
    words = len(splits.train) * 3
    rare = sum("rare" in text for text in splits.train.texts)
    assert splits.notices[-1] == (
        "texts are read as the weights read them, as words in lower case: 1 word of yours join "
        f"their 4, {100 * rare / words:.1f} % of the words of train are unknown to them"
    )
