"""Hadsell's loss beside a loop over all pairs; its gradient where vectors coincide."""

import pytest
import torch

from zoo.losses.verification.contrastive import contrastive
from zoo.nn.unit_length import squared_distances

LABELS = torch.tensor([0, 1, 0, 2, 1, 0])


def test_it_equals_a_loop_over_all_pairs():
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = {True: [], False: []}
    for i in range(6):
        for j in range(i):
            distance, same = float((x[i] - x[j]).norm()), bool(LABELS[i] == LABELS[j])
            found[same].append(distance**2 / 2 if same else max(0, 2.5 - distance) ** 2 / 2)
    assert 0 < sum(value > 0 for value in found[False]) < len(found[False])
    expected = sum(sum(values) / len(values) / 2 for values in found.values())
    assert float(contrastive(squared_distances(x, x), LABELS, 2.5)) == pytest.approx(expected)


def test_gradients_are_finite_where_vectors_coincide():
    x = torch.ones(6, 4, requires_grad=True)
    value = contrastive(squared_distances(x, x), LABELS)
    value.backward()
    assert value.item() == pytest.approx(0.25, abs=1e-5)
    assert x.grad.isfinite().all()
