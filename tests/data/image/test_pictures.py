"""The order of the batches, and what a set of pictures must be."""

import pytest
import torch

from zoo.data.image.pictures import Pictures, Splits, shuffled
from zoo.data.image.preprocess import PictureFrontEnd


def batches(*args, **options):
    return [(number, index.tolist()) for number, index, _ in shuffled(*args, **options)]


def pictures(count, first=0):
    number = torch.arange(first, first + count)
    return Pictures(number.to(torch.uint8).view(-1, 1, 1, 1), number % 2, ("a", "b"))


# the order


@pytest.mark.parametrize(("count", "size"), [(10, 4), (12, 4), (7, 1), (100, 33)])
def test_each_example_comes_at_most_once_in_an_epoch(count, size):
    found = batches(count, size, seed=0, epoch=0)
    assert [number for number, _ in found] == list(range(count // size))
    assert {len(index) for _, index in found} == {size}
    seen = [i for _, index in found for i in index]
    assert len(set(seen)) == len(seen) == count // size * size
    assert set(seen) <= set(range(count))


def test_what_one_epoch_leaves_out_another_has():
    seen = {
        i for epoch in range(20) for _, index in batches(10, 4, seed=0, epoch=epoch) for i in index
    }
    assert seen == set(range(10))


@pytest.mark.parametrize("start", range(6))
def test_start_skips_exactly_that_many(start):
    assert batches(23, 4, seed=1, epoch=2, start=start) == batches(23, 4, seed=1, epoch=2)[start:]


def test_order_depends_on_seed_and_epoch():
    orders = [batches(50, 50, seed=s, epoch=e)[0][1] for s in (0, 1) for e in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4
    assert orders[0] == batches(50, 50, seed=0, epoch=0)[0][1]
    assert orders[0] != sorted(orders[0])


def test_order_does_not_depend_on_torchs_own_generator():
    torch.manual_seed(1)
    first, state = batches(50, 5, seed=0, epoch=0), torch.get_rng_state()
    torch.manual_seed(2)
    assert batches(50, 5, seed=0, epoch=0) == first
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("world", [1, 2, 3, 6])
def test_ranks_share_the_global_batch(world):
    alone = batches(40, 12, seed=3, epoch=1)
    ranks = [list(shuffled(40, 12, seed=3, epoch=1, rank=r, world=world)) for r in range(world)]
    for of_each in zip(*ranks, strict=True):
        number = of_each[0][0]
        assert all(n == number for n, _, _ in of_each)
        assert all(index.tolist() == alone[number][1] for _, index, _ in of_each)
        shares = [index[mine].tolist() for _, index, mine in of_each]
        assert {len(share) for share in shares} == {12 // world}
        assert [i for share in shares for i in share] == alone[number][1]  # none twice, none lost
    assert len(ranks[0]) == len(alone) == 3


def test_batch_larger_than_the_set_is_the_set():
    ((number, index),) = batches(5, 128, seed=0, epoch=0)
    assert number == 0
    assert sorted(index) == list(range(5))


def test_batch_larger_than_the_set_is_shared_evenly():
    shares = [list(shuffled(5, 128, seed=0, epoch=0, rank=r, world=2)) for r in (0, 1)]
    picked = [share[0][1][share[0][2]].tolist() for share in shares]
    assert [len(share) for share in picked] == [2, 2]
    assert len({*picked[0], *picked[1]}) == 4


@pytest.mark.parametrize(("size", "world"), [(10, 3), (1, 2), (127, 8)])
def test_batch_that_cannot_be_shared_is_refused(size, world):
    with pytest.raises(ValueError, match=f"{size} cannot be shared by {world} processes evenly"):
        list(shuffled(1000, size, seed=0, epoch=0, world=world))


def test_nothing_gives_no_batches():
    assert batches(0, 4, seed=0, epoch=0) == []


# pictures


@pytest.mark.parametrize(
    "pixels",
    [
        torch.zeros(2, 1, 4, 4),
        torch.zeros(2, 4, 4, dtype=torch.uint8),
        torch.zeros(2, 1, 4, 4, 1, dtype=torch.uint8),
        torch.zeros(2, 1, 4, 4, dtype=torch.int64),
    ],
)
def test_pixels_of_another_shape_or_kind_are_refused(pixels):
    shape = tuple(pixels.shape)
    with pytest.raises(ValueError, match=r"pixels must be \(N, C, H, W\) uint8, got \(2") as caught:
        Pictures(pixels, torch.zeros(2, dtype=torch.int64), ("a",))
    assert f"{shape} {pixels.dtype}" in str(caught.value)


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 1), ()])
def test_labels_must_be_one_for_each_picture(shape):
    pixels = torch.zeros(2, 1, 4, 4, dtype=torch.uint8)
    with pytest.raises(ValueError, match="2 pictures but labels"):
        Pictures(pixels, torch.zeros(shape, dtype=torch.int64), ("a",))


def test_pick_takes_them_in_that_order():
    some = pictures(10).pick(torch.tensor([7, 2, 2]))
    assert some.pixels.flatten().tolist() == [7, 2, 2]
    assert some.labels.tolist() == [1, 0, 0]
    assert some.classes == ("a", "b")
    assert len(some) == 3
    assert pictures(10).pick(slice(8, None)).pixels.flatten().tolist() == [8, 9]


def splits(train=10, dev=3, test=2, **more):
    front_end = PictureFrontEnd((1, 1), mean=(0.5,), std=(0.5,))
    parts = pictures(train), pictures(dev, 50), pictures(test, 80)
    return Splits("numbers", "none", *parts, front_end, **more)


def test_parts_are_in_the_notes_order():
    assert list(splits().parts()) == ["train", "dev", "test"]
    four = splits(train_dev=pictures(1))
    assert list(four.parts()) == ["train", "train_dev", "dev", "test"]


def test_to_moves_every_part():
    moved = splits(train_dev=pictures(1)).to(torch.device("meta"))
    assert {part.pixels.device.type for part in moved.parts().values()} == {"meta"}
    assert {part.labels.device.type for part in moved.parts().values()} == {"meta"}
    assert moved.name == "numbers"


def test_digest_is_of_what_training_depends_on():
    assert splits().digest() == splits().digest() == splits(test=5).digest()
    assert len({splits().digest(), splits(train=11).digest(), splits(dev=4).digest()}) == 3
    changed = splits()
    changed.dev.labels[0] = 1 - changed.dev.labels[0]
    assert changed.digest() != splits().digest()
