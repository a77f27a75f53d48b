"""One-shot answers and k nearest neighbours, against counting and against scikit-learn."""

from collections import Counter

import pytest
import torch
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from zoo.metrics.verification.nearest import (
    identification_error,
    most_of_nearest,
    one_shot_wrong,
)

NAN, INF = torch.nan, torch.inf


def test_one_shot_answers():
    table = torch.tensor(
        [[3.0, 1, 2], [0.5, 1, 2], [NAN, 7, NAN], [NAN, NAN, NAN], [INF, INF, INF]]
    )
    wrong = one_shot_wrong(table, torch.tensor([1, 1, 1, 0, 0]))
    assert wrong.tolist() == [False, True, False, True, True]


@pytest.mark.parametrize("k", [1, 3, 4, 7, 50])
def test_most_of_the_nearest_by_counting(k):
    draw = torch.Generator().manual_seed(k)
    table = torch.rand(60, 25, generator=draw)
    labels = torch.randint(0, 5, (25,), generator=draw)
    found = most_of_nearest(table, labels, k)
    for row, answer in zip(table, found.tolist(), strict=True):
        near = [int(labels[i]) for i in row.argsort()[:k]]
        counts = Counter(near)
        top = [one for one in near if counts[one] == max(counts.values())]
        assert answer == top[0]


@pytest.mark.parametrize("k", [1, 3])
def test_identification_is_scikit_learns_leave_one_out(k):
    draw = torch.Generator().manual_seed(3)
    labels = torch.arange(2).repeat_interleave(20)  # two: odd k have no ties
    points = torch.randn(40, 3, generator=draw) + labels[:, None]
    neighbours = KNeighborsClassifier(k)
    right = cross_val_score(neighbours, points.numpy(), labels.numpy(), cv=LeaveOneOut()).mean()
    error = identification_error(torch.cdist(points, points), labels, k)
    assert error == pytest.approx(100 * (1 - right))
    assert 0 < error < 50


def test_an_image_without_another_of_its_identity_is_not_asked_for():
    points = torch.tensor([[0.0], [0.1], [5.0], [0.05]])
    table = torch.cdist(points, points)
    labels = torch.tensor([0, 0, 1, 2])  # 0.05 is nearest to both of identity 0
    assert identification_error(table, labels) == 100
    assert identification_error(table[:3, :3], labels[:3]) == 0
    assert identification_error(table[2:, 2:], labels[2:]) == 0  # nothing to ask
