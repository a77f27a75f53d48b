"""Which anchor finds which truth: an example worked by hand, ties, none, and the random choice."""

import pytest
import torch
from torchvision.models.detection._utils import Matcher

from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.matching import BACKGROUND, BETWEEN, balanced_sample, match, trainable
from zoo.ops.boxes.objects import objects

# Two truths of 10 x 10 and 20 x 10 pixels. The anchors, with their IoU by hand:
TRUTH = [[0.0, 0, 10, 10], [100.0, 0, 120, 10]]
ANCHORS = [
    [0.0, 0, 10, 9],  # 90 / 100 with the first
    [0.0, 0, 10, 5],  # 50 / 100: between .3 and .7
    [5.0, 5, 15, 15],  # 25 / 175: background
    [110.0, 0, 130, 10],  # 100 / 300 with the second: its best, though only a third
    [90.0, 0, 110, 10],  # 100 / 300 as well: a tie
    [200.0, 0, 210, 10],  # nothing
]


def test_by_hand() -> None:
    table = iou(torch.tensor(TRUTH), torch.tensor(ANCHORS))
    expected = [[0.9, 0.5, 25 / 175, 0, 0, 0], [0, 0, 0, 1 / 3, 1 / 3, 0]]
    assert table.tolist() == [pytest.approx(row) for row in expected]
    plain = [0, BETWEEN, BACKGROUND, BETWEEN, BETWEEN, BACKGROUND]
    assert match(table, 0.3, 0.7).tolist() == plain
    assert match(table, 0.3, 0.7, best_too=True).tolist() == [0, BETWEEN, BACKGROUND, 1, 1, -1]
    assert match(table, 0.5, 0.5).tolist() == [0, 0, *[BACKGROUND] * 4]


@pytest.mark.parametrize("best_too", [False, True])
def test_as_torchvision(best_too: bool) -> None:
    table = torch.rand(7, 500, generator=torch.Generator().manual_seed(0))
    theirs = Matcher(0.7, 0.3, best_too)(table)
    assert torch.equal(match(table, 0.3, 0.7, best_too=best_too), theirs)


def test_a_truth_that_no_anchor_touches_matches_none() -> None:
    table = torch.tensor([[0.0, 0.0, 0.0], [0.9, 0.0, 0.0]])
    assert match(table, 0.3, 0.7, best_too=True).tolist() == [1, BACKGROUND, BACKGROUND]
    assert (Matcher(0.7, 0.3, True)(table) >= 0).all()  # torchvision: every anchor that is at 0


def test_without_truth_all_is_background() -> None:
    assert match(torch.zeros(0, 3), 0.3, 0.7, best_too=True).tolist() == [BACKGROUND] * 3
    assert match(torch.zeros(2, 0), 0.3, 0.7, best_too=True).tolist() == []


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_choice_is_balanced_and_filled_up() -> None:
    matched = torch.tensor([0] * 90 + [1] * 10 + [BACKGROUND] * 400 + [BETWEEN] * 50)
    rows = balanced_sample(matched, 64, 0.25, rng())
    assert len(rows) == len(set(rows.tolist())) == 64
    assert (matched[rows] >= 0).tolist() == [True] * 16 + [False] * 48
    assert (matched[rows[16:]] == BACKGROUND).all()
    assert torch.equal(rows, balanced_sample(matched, 64, 0.25, rng()))
    assert not torch.equal(rows, balanced_sample(matched, 64, 0.25, rng(1)))
    few = torch.tensor([0, 0, BACKGROUND, BETWEEN, BACKGROUND])
    assert sorted(balanced_sample(few, 64, 0.5, rng()).tolist()) == [0, 1, 2, 4]
    assert len(balanced_sample(torch.full((9,), BETWEEN), 4, 0.5, rng())) == 0
    assert len(balanced_sample(torch.zeros(9, dtype=torch.int64), 8, 0.25, rng())) == 2


def test_every_truth_has_the_same_chance() -> None:
    matched = torch.tensor([0] * 990 + [1] * 10 + [BACKGROUND] * 1000)
    first = [int(matched[balanced_sample(matched, 2, 0.5, rng(i))[0]]) for i in range(400)]
    assert 0.4 < sum(first) / 400 < 0.6  # drawn alike it would be 0.01


def test_what_cannot_be_learned_from_is_left_out() -> None:
    given = objects(
        [[0, 0, 10, 10], [5, 5, 5, 9], [5, 5, 9, 5], [9, 9, 3, 3], [0, 0, 50, 50]],
        [0, 1, 2, 3, 4],
        crowd=[False, False, False, False, True],
    )
    assert trainable(given).labels.tolist() == [0]
    assert trainable(objects([], [])).size == 0
