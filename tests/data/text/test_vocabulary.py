"""Words to numbers and back, and through a tensor of bytes."""

import pytest
import torch

from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput


def test_counting_orders_by_frequency_then_by_code_point():
    text = ["b", "a", "c", "b", "a", "d"]
    assert Vocabulary.count(text, special=()).words == ("a", "b", "c", "d")
    assert Vocabulary.count(text, least=2).words == ("<unk>", "a", "b")
    assert Vocabulary.count(text, most=1, special=("<pad>", "<unk>")).words == (
        "<pad>",
        "<unk>",
        "a",
    )


def test_a_special_word_that_occurs_is_there_once():
    assert Vocabulary.count(["<unk>", "x", "<unk>"]).words == ("<unk>", "x")


def test_unknown_words():
    assert Vocabulary(["a", "<unk>"]).encode(["z", "a"]) == [1, 0]
    with pytest.raises(BadInput, match="'z' is not in the vocabulary of 1"):
        Vocabulary(["a"]).encode(["a", "z"])


def test_there_and_back():
    words = ["\n", " ", "", "é", "一", "🙂", "a b"]
    packed = Vocabulary(words).pack()
    assert packed.dtype == torch.uint8
    assert Vocabulary.unpack(packed).words == tuple(words)
    vocabulary = Vocabulary(words)
    assert vocabulary.decode(vocabulary.encode(words)) == words
    assert len(vocabulary) == 7
    assert "é" in vocabulary
    assert "e" not in vocabulary


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "at least one"),
        (["a", "b", "a"], "'a' is in the vocabulary twice"),
        (["a\0"], "zero byte"),
    ],
)
def test_no_vocabulary(words, said):
    with pytest.raises(BadInput, match=said):
        Vocabulary(words)


@pytest.mark.parametrize("packed", [[255, 254], [97, 0, 97]])
def test_bytes_that_are_none(packed):
    with pytest.raises(BadFile, match="no vocabulary"):
        Vocabulary.unpack(torch.tensor(packed, dtype=torch.uint8))
    with pytest.raises(BadFile, match="no vocabulary"):
        Vocabulary.unpack(torch.tensor([0.5]))
