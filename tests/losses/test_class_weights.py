"""Every class counts the same in the loss."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.losses.class_weights import class_weights, weighted_cross_entropy


@settings(max_examples=60, deadline=None, database=None)
@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=7).filter(any))
def test_weights_are_inverse_frequencies_with_mean_one(counts):
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    weights = class_weights(labels, len(counts))
    assert weights[labels].mean().item() == pytest.approx(1, rel=1e-5)
    shares = [w * n for w, n in zip(weights.tolist(), counts, strict=True) if n]
    assert shares == pytest.approx([shares[0]] * len(shares), rel=1e-5)
    assert all(w == 0 for w, n in zip(weights.tolist(), counts, strict=True) if not n)


def test_the_loss_is_the_closed_formula():
    """1/N sum_i w[y_i] (log sum_j exp z_ij - z_iy), in float64 and by hand."""
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(9, 4, generator=draw, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 0, 0, 0, 0, 1, 1, 2, 3])
    weight = class_weights(labels, 4).double()
    assert weight.tolist() == pytest.approx([9 / 20, 9 / 8, 9 / 4, 9 / 4])
    by_hand = 0.0
    for z, y in zip(logits.tolist(), labels.tolist(), strict=True):
        by_hand += (
            weight[y].item() * (torch.tensor(z, dtype=torch.float64).logsumexp(0).item() - z[y]) / 9
        )
    loss = weighted_cross_entropy(logits, labels, weight)
    assert loss.item() == pytest.approx(by_hand, rel=1e-12)
    loss.backward()
    slope = weight[labels][:, None] * (logits.softmax(1) - F.one_hot(labels, 4)) / 9
    assert torch.allclose(logits.grad, slope, atol=1e-12)


def test_over_the_whole_set_it_is_the_mean_of_the_classes_losses():
    logits, labels = torch.randn(12, 3), torch.tensor([0] * 8 + [1] * 3 + [2])
    each = [F.cross_entropy(logits[labels == k], labels[labels == k]) for k in range(3)]
    loss = weighted_cross_entropy(logits, labels, class_weights(labels, 3))
    assert loss.item() == pytest.approx(sum(each).item() / 3, rel=1e-5)


def test_an_examples_weight_does_not_depend_on_its_neighbours():
    """Halves of a batch, averaged, are the batch: ranks and accumulated parts may share it."""
    logits, labels = torch.randn(8, 3), torch.tensor([0, 0, 0, 0, 1, 1, 2, 2])
    weight = class_weights(labels, 3)
    parts = [weighted_cross_entropy(logits[i], labels[i], weight) for i in (slice(4), slice(4, 8))]
    whole = weighted_cross_entropy(logits, labels, weight)
    assert whole.item() == pytest.approx(sum(parts).item() / 2, rel=1e-6)


def test_equal_classes_are_weighted_equally():
    logits, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    loss = weighted_cross_entropy(logits, labels, class_weights(labels, 3))
    assert torch.allclose(loss, F.cross_entropy(logits, labels))
