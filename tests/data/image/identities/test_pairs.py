"""Pairs in folds: one without an image is no number, and moves no other."""

import pytest
import torch

from zoo.data.image.identities.pairs import UNREAD, FoldedPairs


def squared(a, b):
    return ((a - b) ** 2).sum(1)


def test_values_of_pairs_that_are_there():
    vectors = torch.tensor([[0.0, 0], [3, 4], [1, 0]])
    pairs = FoldedPairs(
        torch.tensor([0, UNREAD, 2, 1]),
        torch.tensor([1, 0, UNREAD, 2]),
        torch.tensor([True, True, False, False]),
        torch.tensor([0, 0, 1, 1]),
    )
    assert len(pairs) == 4
    assert pairs.readable.tolist() == [True, False, False, True]
    found = pairs.values(vectors, squared)
    assert found.isnan().tolist() == [False, True, True, False]
    assert found[[0, 3]].tolist() == [25, 20]


def test_shapes_are_checked():
    row = torch.zeros(3, dtype=torch.int64)
    with pytest.raises(ValueError, match="same bool expected"):
        FoldedPairs(row, row, row, row)
    with pytest.raises(ValueError, match="same bool expected"):
        FoldedPairs(row, row[:2], row.bool(), row)
