"""Text to words to padded batches."""

import pytest
import torch

from zoo.data.text.sentences import (
    LONGEST,
    Sentences,
    SentenceSplits,
    bucketed,
    encode,
    padded,
    tokens,
)
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput

V = Vocabulary(["<pad>", "<unk>", "a", "b", "c", "."])


def some(texts, labels=None):
    return Sentences.encode(texts, labels or [i % 2 for i in range(len(texts))], ("n", "p"), V)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's GOOD.", "it 's good ."),
        ("Don\u2019t! You\u2019ll can't", "do n't ! you 'll ca n't"),
        ("\u201cwell-made\u201d film\u2014really", '" well-made " film -- really'),
        ("a  b\r\n\tc", "a b c"),
        ("J.R.R. 3,000", "j . r . r . 3 , 000"),
        ("Caf\u0065\u0301 \u00c9TUDE", "caf\u00e9 \u00e9tude"),
        ("wait...", "wait . . ."),
        ("the dogs' and/or 'quoted'", "the dogs ' and / or ' quoted '"),
        ("\u4e00\u4e8c \U0001f600!", "\u4e00\u4e8c \U0001f600 !"),
        (" \n ", ""),
    ],
)
def test_words_of_a_text(text, words):
    assert tokens(text) == words.split()


@pytest.mark.parametrize(
    "text",
    [
        "Isn't it?? --- 'tis; rock-'n'-roll, couldn't've n't 's",
        "x\x97y \x93q\x94 -- a--b -a- b_c \u0130stanbul \u2026 don't-ask",
        "simplistic , silly and tedious . it's so laddish",
    ],
)
def test_what_is_parted_stays_as_it_is(text):
    once = tokens(text)
    assert tokens(" ".join(once)) == once


def test_a_batch_is_filled_up_with_zeros():
    sentences = some(["a b c .", "z", "b b"])
    assert sentences.numbers.dtype == torch.int32
    assert sentences.offsets.tolist() == [0, 4, 5, 7]
    batch = sentences.padded(torch.tensor([1, 2]))
    assert batch.dtype == torch.int64
    assert batch.tolist() == [[1, 0], [3, 3]]
    assert sentences.padded(torch.tensor([0])).tolist() == [[2, 3, 4, 5]]
    assert sentences.padded(torch.tensor([], dtype=torch.int64)).shape == (0, 0)
    assert padded([[2, 3], [], [4]]).tolist() == [[2, 3], [0, 0], [4, 0]]
    assert padded([]).shape == (0, 0)


def test_picking_keeps_text_label_and_words_together():
    sentences = some(["a b c .", "z", "b b", "c"])
    for index in (torch.tensor([3, 0, 0]), slice(1, None, 2)):
        picked = sentences.pick(index)
        chosen = torch.arange(4)[index].tolist()
        assert picked.texts == tuple(sentences.texts[i] for i in chosen)
        assert picked.labels.tolist() == [i % 2 for i in chosen]
        whole = torch.arange(len(chosen))
        assert torch.equal(picked.padded(whole), sentences.padded(torch.tensor(chosen)))
    assert len(sentences.pick(slice(0, 0))) == 0


def test_batches_have_like_lengths_and_every_sentence_once():
    lengths = torch.arange(1000) % 37
    found = list(bucketed(lengths, 10, seed=0, epoch=0))
    assert [number for number, _ in found] == list(range(100))
    assert sorted(torch.cat([index for _, index in found]).tolist()) == list(range(1000))
    spread = [int(lengths[index].max() - lengths[index].min()) for _, index in found]
    assert sum(spread) / len(spread) < 3  # 36 over all
    assert [int(lengths[i].max()) for _, i in found] != sorted(
        int(lengths[i].max()) for _, i in found
    )


def test_the_order_depends_on_seed_and_epoch_only_and_starts_anywhere():
    lengths = torch.arange(103) % 7
    order = [index.tolist() for _, index in bucketed(lengths, 10, seed=0, epoch=2)]
    torch.rand(3)
    assert len(order) == 10  # three are left over
    assert [i.tolist() for _, i in bucketed(lengths, 10, seed=0, epoch=2, start=4)] == order[4:]
    assert [i.tolist() for _, i in bucketed(lengths, 10, seed=0, epoch=3)] != order
    assert [i.tolist() for _, i in bucketed(lengths, 10, seed=1, epoch=2)] != order


def test_a_set_smaller_than_a_batch_is_one_batch():
    assert [len(i) for _, i in bucketed(torch.ones(7), 50, seed=0, epoch=0)] == [7]
    assert [len(i) for _, i in bucketed(torch.ones(7), 50, seed=0, epoch=0, world=2)] == [6]
    assert list(bucketed(torch.ones(0), 50, seed=0, epoch=0)) == []
    with pytest.raises(BadInput, match="cannot be shared by 2"):
        next(bucketed(torch.ones(7), 5, seed=0, epoch=0, world=2))


def test_no_words_and_too_many():
    assert encode("a b z", V) == [2, 3, 1]
    with pytest.raises(BadInput, match="no words in the text"):
        encode(" \n", V)
    assert len(encode("a " * LONGEST, V)) == LONGEST
    with pytest.raises(BadInput, match="1000000 words; at most"):
        encode("a " * 1_000_000, V)


def test_splits_say_what_training_depends_on():
    def splits(train="a b", words=V):
        return SentenceSplits("x", "y", some([train]), some(["b"]), some(["c"]), words)

    assert splits().digest() == splits().digest()
    assert splits().digest() != splits("b a").digest()
    other = Vocabulary([*V.words[:-1], "!"])
    assert splits().digest() != splits(words=other).digest()
    assert list(splits().to(torch.device("cpu")).parts()) == ["train", "dev", "test"]
    assert splits().about() == {"classes": ["n", "p"], "words": 6}
    with pytest.raises(BadInput, match="begins with <pad> <unk>"):
        splits(words=Vocabulary(["a"]))


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="2 sentences but"):
        Sentences(("a", "b"), torch.zeros(2), torch.zeros(2), torch.zeros(2), ("x",))
