"""P x K batches: who is in them, and that a resumed or shared run sees the same."""

import pytest
import torch

from zoo.data.image.identities.batches import groups_of, people_and_images
from zoo.errors import BadInput

LABELS = torch.tensor([4, 0, 1, 2, 0, 1, 2, 0, 3, 1, 4, 4, 2, 2])  # 3 has one image


def batches(**options):
    return list(people_and_images(LABELS, 2, 3, seed=1, epoch=0, **options))


def test_a_batch_has_p_identities_with_k_images_each():
    for _, rows, share in batches():
        who, count = LABELS[rows].unique(return_counts=True)
        assert len(who) == 2
        assert count.tolist() == [3, 3]
        assert rows[share].equal(rows)
        assert 3 not in who


def test_images_repeat_only_where_there_are_too_few():
    ((_, rows, _), *_) = people_and_images(LABELS, 4, 4, seed=0, epoch=0)
    for who in (0, 1, 2, 4):
        own = rows[LABELS[rows] == who]
        assert len(own.unique()) == min(4, int((who == LABELS).sum()))


def test_an_epoch_has_each_identity_once_and_epochs_differ():
    seen = torch.cat([LABELS[rows].unique() for _, rows, _ in batches()])
    assert sorted(seen.tolist()) == [0, 1, 2, 4]
    epochs = [list(people_and_images(LABELS, 2, 3, seed=1, epoch=e)) for e in range(6)]
    assert len({tuple(rows.tolist()) for one in epochs for _, rows, _ in one}) > 6


def test_resumed_and_shared_runs_see_the_same():
    whole = batches()
    assert [n for n, _, _ in whole] == [0, 1]
    ((number, rows, _),) = batches(start=1)
    assert number == 1
    assert rows.equal(whole[1][1])
    for rank in range(2):
        for (_, rows, share), (_, again, _) in zip(batches(rank=rank, world=2), whole, strict=True):
            assert rows.equal(again)
            assert len(LABELS[rows[share]].unique()) == 1


def test_grouped_epochs_keep_groups_together():
    labels = torch.arange(24).repeat(3)
    groups = [i % 4 for i in range(24)]
    same = {}
    for grouped in (0.0, 1.0):
        rows = [
            torch.tensor(groups)[labels[rows]].unique()
            for _, rows, _ in people_and_images(
                labels, 3, 2, seed=0, epoch=5, groups=groups, grouped=grouped
            )
        ]
        same[grouped] = sum(len(one) == 1 for one in rows)
    assert same[0.0] < 3
    assert same[1.0] >= 4


def test_groups_are_what_stands_before_the_slash():
    assert groups_of(["a", "b"]) == [0, 0]
    assert groups_of(["B/x/1", "A/1", "B/x/2"]) == [1, 0, 1]


@pytest.mark.parametrize(
    ("people", "images", "world", "words"),
    [(3, 2, 2, "shared"), (2, 1, 1, "at least 2"), (1, 2, 1, "training needs 2")],
)
def test_what_makes_no_pair_is_refused(people, images, world, words):
    with pytest.raises(BadInput, match=words):
        next(people_and_images(LABELS, people, images, 0, 0, world=world))
