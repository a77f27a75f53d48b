"""The readable model: scores, where it starts, CBOW's two gradients."""

import pytest
import torch

from zoo import registry
from zoo.errors import BadInput
from zoo.models.word2vec import Word2Vec, word2vec


def model(cbow_grad="exact"):
    made = Word2Vec(6, 4, cbow_grad).double()
    torch.nn.init.normal_(made.outputs.vectors.weight, generator=torch.Generator().manual_seed(1))
    return made


def test_it_starts_as_the_papers_program():
    made = Word2Vec(1000, 10)
    table = made.table.vectors.weight
    assert table.abs().max() <= 0.05
    assert abs(table.std().item() - 0.1 / 12**0.5) < 1e-3
    assert not made.outputs.vectors.weight.any()


def test_scores_are_products_with_the_mean_of_the_contexts():
    made = model()
    contexts, targets = torch.tensor([[0, 3, 5]]), torch.tensor([[1, 2]])
    kept = torch.tensor([[True, True, False]])
    table, outputs = made.table.vectors.weight, made.outputs.vectors.weight
    want = outputs[[1, 2]] @ (table[0] + table[3]) / 2
    assert torch.allclose(made(contexts, targets, kept)[0], want, atol=1e-12)


def test_cbows_gradients_differ_by_the_number_of_contexts():
    contexts, targets = torch.tensor([[0, 3, 5]]), torch.tensor([[1, 2]])
    gradients = []
    for kind in ("exact", "word2vec"):
        made = model(kind)
        made.table.vectors.weight.data.copy_(torch.arange(24.0).view(6, 4) / 24)
        made(contexts, targets).sum().backward()
        gradients.append(made.table.vectors.weight.grad)
    assert torch.allclose(3 * gradients[0], gradients[1], atol=1e-12)
    with pytest.raises(BadInput, match="exact or word2vec"):
        Word2Vec(3, 2, "other")


def test_what_is_kept_is_one_table():
    assert registry.entry("word2vec").task == "word_vectors"
    made = word2vec(7, 3)
    assert [tuple(p.shape) for p in made.parameters()] == [(7, 3)]
    assert made(torch.tensor([[1, 2]])).shape == (1, 2, 3)
    with pytest.raises(BadInput, match="at least 1"):
        word2vec(0, 3)
