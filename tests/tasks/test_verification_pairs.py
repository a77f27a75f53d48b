"""All pairs of a set, each once, in pieces or not; the most mistaken of them."""

import pytest
import torch

from tests.helpers.identities import TinyFaceNet
from zoo.data.image.identities.pairs import UNREAD, FoldedPairs
from zoo.metrics.verification.nearest import identification_error
from zoo.tasks import verification_pairs
from zoo.tasks.verification_pairs import (
    folded_mistakes,
    folded_scores,
    identified,
    most_mistaken,
    pair_scores,
    whole_identities,
)

LABELS = torch.tensor([0, 1, 0, 2, 1, 0, 2])
MODEL = TinyFaceNet()


def vectors():
    return torch.randn(7, 8, generator=torch.Generator().manual_seed(0))


def by_loop():
    x, found = vectors(), {True: [], False: []}
    for i in range(7):
        for j in range(i + 1, 7):
            apart = float((x[i] - x[j]).square().sum())
            found[bool(LABELS[i] == LABELS[j])].append((apart, i, j))
    return found


@pytest.mark.parametrize("at_once", [1, 20, 1000])
def test_every_pair_counts_once(monkeypatch, at_once):
    monkeypatch.setattr(verification_pairs, "AT_ONCE", at_once)
    found = pair_scores(MODEL, vectors(), LABELS)
    expected = by_loop()
    for values, same in zip(found, (True, False), strict=True):
        assert values.sort().values.tolist() == pytest.approx(
            sorted(apart for apart, _, _ in expected[same]), abs=1e-4
        )


@pytest.mark.parametrize("at_once", [1, 1000])
def test_the_worst_of_both_kinds(monkeypatch, at_once):
    monkeypatch.setattr(verification_pairs, "AT_ONCE", at_once)
    expected = by_loop()
    threshold = 13.0
    accepts = sorted(one for one in expected[False] if one[0] <= threshold)
    rejects = sorted((one for one in expected[True] if one[0] > threshold), reverse=True)
    assert len(accepts) > 2
    assert len(rejects) > 2
    for found, wanted in zip(
        most_mistaken(MODEL, vectors(), LABELS, 2, threshold), (accepts, rejects), strict=True
    ):
        values, first, second = (one.tolist() for one in found)
        assert list(zip(first, second, strict=True)) == [one[1:] for one in wanted[:2]]
        assert values == pytest.approx([one[0] for one in wanted[:2]], abs=1e-4)


def test_pairs_of_a_list_are_compared_without_those_that_are_not_there():
    first, second = torch.tensor([0, 0, 1, UNREAD, 3]), torch.tensor([2, 1, 3, 2, 6])
    same = torch.tensor([True, False, False, True, True])
    folded = FoldedPairs(first, second, same, torch.tensor([0, 0, 0, 1, 1]))
    x = vectors()
    apart = [float((x[i] - x[j]).square().sum()) for i, j in ((0, 2), (0, 1), (1, 3), (3, 6))]
    found = folded_scores(MODEL, x, folded)
    assert found[0].tolist() == pytest.approx([apart[0], apart[3]])
    assert found[1].tolist() == pytest.approx(apart[1:3])
    accepts, rejects = folded_mistakes(MODEL, x, folded, 5, threshold=-1.0)
    assert len(accepts.values) == 0
    worst = sorted([(apart[0], 0, 2), (apart[3], 3, 6)], reverse=True)
    assert rejects.first.tolist() == [one[1] for one in worst]
    assert rejects.values.tolist() == pytest.approx([one[0] for one in worst])
    accepts, _ = folded_mistakes(MODEL, x, folded, 1, threshold=99.0)
    assert accepts.values.tolist() == pytest.approx([min(apart[1:3])])


@pytest.mark.parametrize("at_once", [1, 1000])
def test_who_it_is_by_the_nearest_others(monkeypatch, at_once):
    monkeypatch.setattr(verification_pairs, "AT_ONCE", at_once)
    apart = torch.cdist(vectors(), vectors()).fill_diagonal_(torch.inf)
    one = float((LABELS[apart.argmin(1)] != LABELS).double().mean())
    found = identified(MODEL, vectors(), LABELS, (1, 6))
    assert found[0] == pytest.approx(100 * one)
    assert found[1] == identification_error(apart, LABELS, 6)


def test_of_a_large_set_whole_identities_are_drawn():
    labels = torch.arange(10).repeat(6)
    rows = whole_identities(labels, most=25)
    assert len(rows) == 24
    assert labels[rows].bincount(minlength=10).unique().tolist() == [0, 6]
