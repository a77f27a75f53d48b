"""The task: batches, loss, score, mistakes."""

import pytest
import torch
import torch.nn.functional as F

from tests import toy
from zoo.data.augment import shift
from zoo.errors import BadInput


def flat(batches):
    return [(pictures, labels) for pictures, labels in batches]


def test_starting_in_mid_epoch_gives_the_same_batches():
    task = toy.task(augment=shift(2))
    whole, part = flat(task.batches(3)), flat(task.batches(3, start=4))
    assert len(whole) == 6
    assert len(part) == 2
    for (a, b), (c, d) in zip(whole[4:], part, strict=True):
        assert torch.equal(a, c)
        assert torch.equal(b, d)


def test_order_and_augmentation_change_with_epoch_and_seed_only():
    first = flat(toy.task(augment=shift(2)).batches(0))
    again = flat(toy.task(augment=shift(2)).batches(0))
    other = flat(toy.task(augment=shift(2)).batches(1))
    seeded = flat(toy.task(seed=1, augment=shift(2)).batches(0))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0][0], other[0][0])
    assert not torch.equal(first[0][0], seeded[0][0])


def test_ranks_share_the_global_batch(monkeypatch):
    from zoo.engine import distributed

    whole = flat(toy.task(augment=shift(2)).batches(0))
    monkeypatch.setattr(distributed, "world", lambda: 2)
    halves = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        halves.append(flat(toy.task(augment=shift(2)).batches(0)))
    for (pictures, labels), (a, x), (b, y) in zip(whole, *halves, strict=True):
        assert torch.equal(pictures, torch.cat([a, b]))
        assert torch.equal(labels, torch.cat([x, y]))


def test_loss_is_cross_entropy_plus_the_notes_penalty():
    task = toy.task()
    task.model.eval()
    batch = next(iter(task.batches(0)))
    plain = F.cross_entropy(task.model(batch[0]), batch[1])
    assert torch.equal(task.loss(batch), plain)
    task.l2 = 3.0
    squares = sum(p.square().sum() for p in task.model.parameters() if p.dim() > 1)
    assert torch.allclose(task.loss(batch), plain + 3.0 / (2 * 96) * squares)


def test_error_counts_every_example_once_in_percent():
    task = toy.task()
    task.model.eval()
    dev = task.data.dev
    said = task.model(task.data.front_end.normalise(dev.pixels)).argmax(1)
    assert task.evaluate()["error"] == 100 * (said != dev.labels).sum().item() / 37
    assert task.evaluate("test")["error"] != task.evaluate("train")["error"]


def test_mistakes_are_wrong_and_most_confident_first():
    task = toy.task()
    found = task.mistakes("test", most=5)
    assert len(found) == 5
    assert all(one.label != one.predicted for one in found)
    sure = [one.probability for one in found]
    assert sure == sorted(sure, reverse=True)


def test_a_batch_size_below_one_is_refused():
    with pytest.raises(BadInput, match="at least 1"):
        toy.task(batch_size=0)
