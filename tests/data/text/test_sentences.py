"""Text to words to padded batches."""

import pytest
import torch

from zoo.data.text.sentences import (
    LONGEST,
    SentenceFrontEnd,
    Sentences,
    SentenceSplits,
    padded,
)
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput

FRONT_END = SentenceFrontEnd(Vocabulary(["<pad>", "<unk>", "a", "b", "c", "."]))


def some(texts, labels=None):
    return Sentences.encode(
        texts, labels or [i % 2 for i in range(len(texts))], ("n", "p"), FRONT_END
    )


def test_a_batch_is_filled_up_with_zeros():
    sentences = some(["a b c .", "z", "b b"])
    assert sentences.token_ids.dtype == torch.int32
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


def test_no_words_and_too_many():
    assert FRONT_END.token_ids("a b z") == [2, 3, 1]
    with pytest.raises(BadInput, match="no words in the text"):
        FRONT_END.token_ids(" \n")
    assert len(FRONT_END.token_ids("a " * LONGEST)) == LONGEST
    with pytest.raises(BadInput, match="1000000 words; at most"):
        FRONT_END.token_ids("a " * 1_000_000)


def test_splits_say_what_training_depends_on():
    def splits(train="a b", front_end=FRONT_END):
        return SentenceSplits("x", "y", some([train]), some(["b"]), some(["c"]), front_end)

    assert splits().digest() == splits().digest()
    assert splits().digest() != splits("b a").digest()
    other = SentenceFrontEnd(Vocabulary([*FRONT_END.vocabulary.words[:-1], "!"]))
    assert splits().digest() != splits(front_end=other).digest()
    assert list(splits().to(torch.device("cpu")).parts()) == ["train", "dev", "test"]
    assert splits().about() == {"classes": ["n", "p"], "words": 6}
    with pytest.raises(BadInput, match="begins with <pad> <unk>"):
        SentenceFrontEnd(Vocabulary(["a"]))


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="2 sentences but"):
        Sentences(("a", "b"), torch.zeros(2), torch.zeros(2), torch.zeros(2), ("x",))
