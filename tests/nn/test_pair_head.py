"""The two binary heads, against a loop over pairs and features."""

import math

import pytest
import torch

from zoo.nn import pair_head
from zoo.nn.pair_head import FORMS, PairHead


def features(count, size=5, seed=0):
    return torch.rand(count, size, generator=torch.Generator().manual_seed(seed)).double()


def head(form, size=5):
    torch.manual_seed(3)
    return PairHead(size, form).double()


def by_hand(made, one, other):
    """A logit, number by number, as the notes write it."""
    total = made.output.bias.item()
    for w, x, y in zip(made.output.weight[0].tolist(), one.tolist(), other.tolist(), strict=True):
        apart = abs(x - y)
        total += w * (apart if made.form == "weighted_l1" else apart**2 / (x + y))
    return total


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at_once", [1, 11, 10**6])
@torch.no_grad()
def test_every_pair_has_the_logit_of_the_formula(form, at_once, monkeypatch):
    """In pieces of any size: single pairs, some columns, all at once."""
    monkeypatch.setattr(pair_head, "MOST_AT_ONCE", at_once)
    made, a, b = head(form), features(4), features(3, seed=1)
    logits = made(a, b)
    assert logits.shape == (4, 3)
    expected = [[by_hand(made, x, y) for y in b] for x in a]
    assert torch.allclose(logits, torch.tensor(expected, dtype=torch.float64), atol=1e-12, rtol=0)
    assert torch.allclose(made(b, a), logits.T, atol=1e-12)  # symmetric
    assert torch.allclose(made.pairwise(a[1:], b), logits[1:].diagonal(), atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_gradients_are_those_of_finite_differences(form, monkeypatch):
    monkeypatch.setattr(pair_head, "MOST_AT_ONCE", 11)
    made, a, b = head(form), features(3).requires_grad_(), features(2, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(made, (a, b))
    made(a, b).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in made.parameters())


@pytest.mark.parametrize("form", FORMS)
def test_features_that_underflowed_have_finite_gradients(form):
    """0 + 0 and the smallest float32 beside it; equal features, whose difference is 0."""
    tiny = math.ldexp(1, -149)
    made = head(form, 4).float()
    a = torch.tensor([[0.0, tiny, 0.0, 0.5]], requires_grad=True)
    b = torch.tensor([[0.0, 0.0, tiny, 0.5]], requires_grad=True)
    logit = made(a, b)
    assert logit.item() == pytest.approx(made.output.bias.item(), abs=1e-6)
    logit.sum().backward()
    for gradient in (a.grad, b.grad, made.output.weight.grad):
        assert torch.isfinite(gradient).all()
        assert gradient.abs().max() < 10


def test_memory_does_not_grow_with_every_pair(monkeypatch):
    """No tensor of more numbers than MOST_AT_ONCE is made, forward or kept for backward."""
    monkeypatch.setattr(pair_head, "MOST_AT_ONCE", 64)
    kept, made = [], []
    whole = PairHead._logits

    def watched(self, a, b):
        made.append((a - b).numel())
        return whole(self, a, b)

    monkeypatch.setattr(PairHead, "_logits", watched)
    one = head("weighted_l1").requires_grad_(True)
    with torch.autograd.graph.saved_tensors_hooks(
        lambda x: kept.append(x.numel()) or x, lambda x: x
    ):
        one(features(20), features(30)).sum().backward()
    assert max(made) <= 64 < 20 * 30 * 5
    assert max(kept) <= 20 * 30


def test_another_form_is_refused():
    with pytest.raises(ValueError, match="head must be one of weighted_l1, chi_square, got 'l2'"):
        PairHead(4, "l2")
