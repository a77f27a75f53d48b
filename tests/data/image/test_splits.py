"""Dividing images: disjoint, complete, the labels with them."""

from dataclasses import replace

import pytest
import torch

from zoo.data.image.images import Images
from zoo.data.image.splits import mismatched, train_dev, train_dev_test
from zoo.errors import BadInput


def numbered(count, first=0, classes=("a", "b")):
    """Images whose one pixel is their number."""
    number = torch.arange(first, first + count)
    return Images(number.to(torch.uint8).view(-1, 1, 1, 1), number % 2, classes)


def numbers(images):
    found = images.pixels.flatten().tolist()
    assert images.labels.tolist() == [n % 2 for n in found]  # the labels went along
    return found


def test_mismatched_images_keep_the_digests_of_their_files():
    named = [
        replace(images, files=tuple(map(str, numbers(images))))
        for images in (numbered(60), numbered(15, first=100))
    ]
    parts = mismatched(*named, extra=4, train_dev=10, dev=6, test=5)
    for part in parts.values():
        assert part.files == tuple(map(str, numbers(part)))


def test_train_dev():
    train, dev = train_dev(numbered(20), dev=6)
    assert (len(train), len(dev)) == (14, 6)
    assert sorted(numbers(train) + numbers(dev)) == list(range(20))


def test_train_dev_test():
    parts = train_dev_test(numbered(20), dev=4, test=5, seed=3)
    assert [len(part) for part in parts] == [11, 4, 5]
    assert sorted(n for part in parts for n in numbers(part)) == list(range(20))
    again = train_dev_test(numbered(20), dev=4, test=5, seed=3)
    assert [numbers(part) for part in parts] == [numbers(part) for part in again]


def four(**changes):
    sizes = {"extra": 4, "train_dev": 10, "dev": 6, "test": 5, **changes}
    return mismatched(numbered(60), numbered(15, first=100), **sizes)


def test_mismatched_is_disjoint_and_complete():
    parts = four()
    assert {k: len(v) for k, v in parts.items()} == {
        "train": 54,
        "train_dev": 10,
        "dev": 6,
        "test": 5,
    }
    found = sorted(n for part in parts.values() for n in numbers(part))
    assert found == [*range(60), *range(100, 115)]


def test_dev_and_test_are_what_is_aimed_at():
    parts = four()
    assert min(numbers(parts["dev"]) + numbers(parts["test"])) >= 100
    assert sum(n >= 100 for n in numbers(parts["train"]) + numbers(parts["train_dev"])) == 4


def test_train_dev_is_drawn_from_all_that_trains():
    shares = [
        sum(n >= 100 for n in numbers(four(train_dev=32, seed=seed)["train_dev"]))
        for seed in range(20)
    ]
    assert 1 < sum(shares) / 20 < 3  # half of the four


def test_mismatched_is_the_same_each_time_and_another_with_another_seed():
    first, again, other = four(), four(), four(seed=1)
    assert [numbers(p) for p in first.values()] == [numbers(p) for p in again.values()]
    assert set(numbers(first["dev"])) != set(numbers(other["dev"]))


def test_nothing_of_the_target_may_train():
    parts = four(extra=0, dev=10)
    assert max(numbers(parts["train"]) + numbers(parts["train_dev"])) < 60


@pytest.mark.parametrize("changes", [{"dev": 7}, {"test": 0}, {"extra": -1, "dev": 11}])
def test_target_that_is_not_used_up_is_refused(changes):
    with pytest.raises(BadInput, match="of the target set, which has 15"):
        four(**changes)


@pytest.mark.parametrize("train_dev", [64, 65, -1])
def test_train_dev_that_leaves_nothing_is_refused(train_dev):
    with pytest.raises(BadInput, match="64 examples cannot be divided"):
        four(train_dev=train_dev)


def test_other_classes_are_refused():
    with pytest.raises(BadInput, match="classes differ"):
        mismatched(
            numbered(9), numbered(3, classes=("a", "c")), extra=1, train_dev=1, dev=1, test=1
        )
