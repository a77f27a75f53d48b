"""Locked dropout and dropped words: which numbers are dropped together, and the mean."""

import pytest
import torch
from torch import nn

from zoo.errors import BadInput
from zoo.nn.dropout import LockedDropout, WordDropout


def test_the_same_mask_at_every_step_another_for_every_example():
    torch.manual_seed(0)
    out = LockedDropout(0.5)(torch.ones(4, 7, 100))
    assert set(out.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(out, out[:, :1].expand_as(out))
    assert not torch.equal(out[0], out[1])
    assert not torch.equal(LockedDropout(0.5)(torch.ones(4, 7, 100)), out)


@pytest.mark.parametrize("p", [0.1, 0.65])
def test_what_is_kept_keeps_the_mean(p):
    torch.manual_seed(0)
    out = LockedDropout(p)(torch.ones(200, 2, 500))
    assert out.mean().item() == pytest.approx(1, abs=0.02)
    assert (out == 0).double().mean().item() == pytest.approx(p, abs=0.01)
    table = nn.Embedding(100_000, 1)
    nn.init.ones_(table.weight)
    out = WordDropout(p)(torch.arange(100_000).view(10, -1), table)
    assert out.mean().item() == pytest.approx(1, abs=0.02)


def test_in_eval_mode_and_without_p_nothing_happens():
    x, table, tokens = torch.randn(2, 3, 4), nn.Embedding(5, 4), torch.tensor([[0, 4]])
    assert LockedDropout(0.5).eval()(x) is x
    assert LockedDropout(0.0)(x) is x
    assert torch.equal(WordDropout(0.5).eval()(tokens, table), table(tokens))
    assert torch.equal(WordDropout(0.0)(tokens, table), table(tokens))


def test_a_word_is_dropped_wherever_it_stands():
    torch.manual_seed(0)
    table, tokens = nn.Embedding(30, 6), torch.randint(0, 30, (5, 40))
    out = WordDropout(0.5)(tokens, table)
    fates = {}
    for word, vector in zip(tokens.flatten().tolist(), out.flatten(0, 1), strict=True):
        kept = bool(vector.any())
        assert torch.equal(vector, table.weight[word] * 2 * kept)
        assert fates.setdefault(word, kept) == kept
    assert set(fates.values()) == {True, False}


def test_gradients_reach_only_what_was_kept():
    torch.manual_seed(0)
    x = torch.ones(3, 4, 5, requires_grad=True)
    out = LockedDropout(0.4)(x)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())
    table, tokens = nn.Embedding(8, 3), torch.arange(8).view(1, -1)
    out = WordDropout(0.5)(tokens, table)
    out.sum().backward()
    kept = out[0].detach().any(dim=1)
    assert torch.equal(table.weight.grad, 2.0 * kept.unsqueeze(1).expand(8, 3))


@pytest.mark.parametrize("kind", [LockedDropout, WordDropout])
@pytest.mark.parametrize("p", [1, -0.1, 1.5, float("nan")])
def test_impossible_probabilities(kind, p):
    with pytest.raises(BadInput, match="p must be at least 0 and below 1, got"):
        kind(p)


def test_locked_dropout_needs_steps():
    with pytest.raises(BadInput, match=r"x must be \(N, T, D\), got \(2, 3\)"):
        LockedDropout()(torch.ones(2, 3))


def test_print_shows_p():
    assert repr(LockedDropout(0.3)) == "LockedDropout(p=0.3)"
    assert repr(WordDropout(0.3)) == "WordDropout(p=0.3)"
