"""GloVe, the network: the paper's formula and the gradient of its loss."""

import numpy as np
import torch

from zoo import registry
from zoo.losses.glove import glove_loss, weighting
from zoo.models.glove import GloVe


def test_scores_are_the_formula():
    torch.manual_seed(0)
    model = GloVe(vocab_size=9, embedding_dim=4).double()
    i, j = torch.tensor([0, 8, 3, 3]), torch.tensor([8, 0, 3, 1])
    tables = (model.table.vectors.weight, model.context.vectors.weight)
    w, c, b, d = (p.detach().numpy() for p in (*tables, model.bias, model.context_bias))
    by_hand = [
        sum(w[a, k] * c[e, k] for k in range(4)) + b[a] + d[e]
        for a, e in zip(i.tolist(), j.tolist(), strict=True)
    ]
    np.testing.assert_allclose(model(i, j).detach().numpy(), by_hand, rtol=1e-12)


def test_parameters_and_start():
    torch.manual_seed(0)
    model = GloVe(vocab_size=1000, embedding_dim=20)
    assert sum(p.numel() for p in model.parameters()) == 2 * 1000 * 21
    for parameter in model.parameters():  # U(-1/2, 1/2) / dim
        assert parameter.abs().max() <= 0.025
        assert abs(parameter.std().item() - 0.05 / 12**0.5) < 1e-3


def test_what_is_kept_is_the_sum_of_both_tables():
    model = GloVe(vocab_size=5, embedding_dim=3)
    kept, fresh = model.vectors(), registry.entry("glove").build(vocab_size=5, embedding_dim=3)
    fresh.load_state_dict(kept.state_dict())
    expected = model.table.vectors.weight + model.context.vectors.weight
    torch.testing.assert_close(fresh(torch.arange(5)), expected)


def test_gradients_of_the_loss_are_the_closed_form():
    torch.manual_seed(0)
    model = GloVe(vocab_size=6, embedding_dim=3).double()
    i, j = torch.tensor([0, 2, 2, 5]), torch.tensor([1, 2, 4, 0])
    x = torch.tensor([0.5, 3.0, 150.0, 20.0]).double()

    def loss(*parameters):
        names = [name for name, _ in model.named_parameters()]
        scores = torch.func.functional_call(
            model, dict(zip(names, parameters, strict=True)), (i, j)
        )
        return glove_loss(scores, x)

    assert torch.autograd.gradcheck(loss, tuple(model.parameters()))
    loss(*model.parameters()).backward()
    slope = (weighting(x) * (model(i, j) - x.log()) / 4).detach()
    table, bias = torch.zeros(6, 3).double(), torch.zeros(6).double()
    for n in range(4):
        table[i[n]] += slope[n] * model.context(j[n]).detach()
        bias[j[n]] += slope[n]
    torch.testing.assert_close(model.table.vectors.weight.grad, table, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(model.context_bias.grad, bias, rtol=1e-12, atol=1e-15)
