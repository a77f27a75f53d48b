"""The order of the batches: shuffled, and in batches of similar length."""

import pytest
import torch

from zoo.data.batches import bucketed, by_length, shuffled
from zoo.errors import BadInput


def batches(*args, **options):
    return [(number, index.tolist()) for number, index, _ in shuffled(*args, **options)]


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


def test_batches_have_like_lengths_and_every_sentence_once():
    lengths = torch.arange(1000) % 37
    found = list(bucketed(lengths, 10, seed=0, epoch=0))
    assert [number for number, _ in found] == list(range(100))
    assert sorted(torch.cat([index for _, index in found]).tolist()) == list(range(1000))
    spread = [int(lengths[index].max() - lengths[index].min()) for _, index in found]
    assert sum(spread) / len(spread) < 3  # 36 over all
    assert [int(lengths[i].max()) for _, i in found] != sorted(
        int(lengths[i].max()) for _, i in found
    )


def test_the_order_depends_on_seed_and_epoch_only_and_starts_anywhere():
    lengths = torch.arange(103) % 7
    order = [index.tolist() for _, index in bucketed(lengths, 10, seed=0, epoch=2)]
    torch.rand(3)
    assert len(order) == 10  # three are left over
    assert [i.tolist() for _, i in bucketed(lengths, 10, seed=0, epoch=2, start=4)] == order[4:]
    assert [i.tolist() for _, i in bucketed(lengths, 10, seed=0, epoch=3)] != order
    assert [i.tolist() for _, i in bucketed(lengths, 10, seed=1, epoch=2)] != order


def test_a_set_smaller_than_a_batch_is_one_batch():
    assert [len(i) for _, i in bucketed(torch.ones(7), 50, seed=0, epoch=0)] == [7]
    assert [len(i) for _, i in bucketed(torch.ones(7), 50, seed=0, epoch=0, world=2)] == [6]
    assert list(bucketed(torch.ones(0), 50, seed=0, epoch=0)) == []
    with pytest.raises(BadInput, match="cannot be shared by 2"):
        next(bucketed(torch.ones(7), 5, seed=0, epoch=0, world=2))


def test_for_prediction_every_example_comes_once_and_a_long_one_alone():
    lengths = torch.tensor([3, 9_000, 1, 2_000, 2_000, 5])
    found = [index.tolist() for index in by_length(lengths, 4_000)]
    assert sorted(n for index in found for n in index) == list(range(6))
    assert found[-1] == [1]
    assert all(len(i) * int(lengths[i].max()) <= 4_000 for i in found[:-1])
    assert list(by_length(torch.zeros(0, dtype=torch.long), 10)) == []
