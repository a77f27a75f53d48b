"""The look-up of word vectors."""

import pytest
import torch
from torch import nn

from zoo.nn.embedding import WordEmbedding, grow


def test_a_look_up_is_a_product_with_one_hot_vectors():
    table = WordEmbedding(7, 3).double()
    numbers = torch.tensor([[5, 0], [1, 6]])
    one_hot = torch.nn.functional.one_hot(numbers, 7).double()
    assert torch.allclose(table(numbers), one_hot @ table.weight, atol=1e-12)
    assert table(numbers)[0, 1].abs().sum() == 0  # the padding


def test_the_padding_never_learns():
    table = WordEmbedding(7, 3)
    table(torch.tensor([[5, 0, 0]])).sum().backward()
    assert table.weight.grad[5].tolist() == [1, 1, 1]
    assert table.weight.grad[0].abs().sum() == 0


def test_words_are_hidden_in_training_only_and_the_padding_never():
    table = WordEmbedding(7, 3, dropout=0.25)
    torch.manual_seed(0)
    numbers = torch.tensor([5, 0]).repeat(1, 4000)
    hidden = table.train().drop(numbers)
    assert set(hidden[0, ::2].tolist()) == {1, 5}
    assert hidden[0, 1::2].abs().sum() == 0
    assert (hidden[0, ::2] == 1).float().mean().item() == pytest.approx(0.25, abs=0.03)
    assert torch.equal(table.eval().drop(numbers), numbers)


def test_looking_up_drops_no_word_even_in_training():
    table = WordEmbedding(7, 3, dropout=0.9).train()
    numbers = torch.tensor([[5, 6, 0, 2] * 50])
    assert torch.equal(table.look_up(numbers), table.weight[numbers])
    assert not torch.equal(table(numbers), table.weight[numbers])


def test_growing_keeps_the_old_words():
    model = nn.Sequential(WordEmbedding(5, 40), nn.Linear(40, 2))
    old = model[0].weight.detach().clone()
    model[0].weight.requires_grad_(False)
    assert grow(model, 500) is model
    weight = model[0].weight
    assert torch.equal(weight[:5], old)
    assert weight.shape == (500, 40)
    assert not weight.requires_grad
    assert weight[5:].std().item() == pytest.approx(old[1:].std().item(), rel=0.2)
    assert grow(model, 500)[0].weight.shape == (500, 40)


def test_sizes_that_make_no_table():
    with pytest.raises(ValueError, match="cannot shrink to 4"):
        WordEmbedding(5, 4).grow(4)
    with pytest.raises(ValueError, match="vocab_size must be at least 2"):
        WordEmbedding(1, 4)
    with pytest.raises(ValueError, match="dropout"):
        WordEmbedding(5, 4, dropout=1.0)
