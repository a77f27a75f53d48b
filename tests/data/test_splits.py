"""Dividing examples: disjoint, complete, the same each time."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data.splits import divide, stratified
from zoo.errors import BadInput


@settings(max_examples=60, deadline=None, database=None)
@given(
    count=st.integers(1, 200),
    dev=st.integers(0, 99),
    test=st.integers(0, 99),
    seed=st.integers(0, 9),
)
def test_divide_is_disjoint_and_complete(count, dev, test, seed):
    parts = {"train": 0, "dev": dev, "test": test}
    if dev + test >= count:
        with pytest.raises(BadInput):
            divide(count, parts, seed)
        return
    index = divide(count, parts, seed)
    assert {name: len(i) for name, i in index.items()} == {
        "train": count - dev - test,
        "dev": dev,
        "test": test,
    }
    assert sorted(torch.cat(list(index.values())).tolist()) == list(range(count))


def test_divide_is_the_same_each_time_and_another_with_another_seed():
    parts = {"train": 0, "dev": 100}
    first, again, other = divide(1000, parts), divide(1000, parts, 0), divide(1000, parts, 1)
    assert torch.equal(first["dev"], again["dev"])
    assert set(first["dev"].tolist()) != set(other["dev"].tolist())


def test_divide_shuffles_and_leaves_torchs_own_generator_alone():
    before = torch.get_rng_state()
    index = divide(1000, {"train": 0, "dev": 500})
    assert torch.equal(torch.get_rng_state(), before)
    assert 200 < index["dev"].lt(500).sum() < 300  # from both halves alike


@pytest.mark.parametrize(
    ("count", "parts"),
    [
        (0, {"train": 0}),
        (5, {"train": 0, "dev": 5}),
        (5, {"train": 0, "dev": 6}),
        (5, {"train": 4, "dev": 2}),
        (5, {"train": 0, "dev": -1}),
        (5, {"train": -1, "dev": 1}),
    ],
)
def test_what_cannot_be_divided_is_refused(count, parts):
    wanted = ", ".join(f"{name} {size}" for name, size in parts.items())
    with pytest.raises(BadInput, match=f"{count} examples cannot be divided into {wanted} with"):
        divide(count, parts)


# ---- stratified ---------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None, database=None)
@given(
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    dev=st.integers(0, 40),
    test=st.integers(0, 40),
    seed=st.integers(0, 9),
)
def test_stratified_is_disjoint_complete_and_of_the_size_asked_for(counts, dev, test, seed):
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    parts = {"train": 0, "dev": dev, "test": test}
    if dev + test >= len(labels):
        with pytest.raises(BadInput):
            stratified(labels, parts, seed)
        return
    index = stratified(labels, parts, seed)
    assert sorted(torch.cat(list(index.values())).tolist()) == list(range(len(labels)))
    assert (len(index["dev"]), len(index["test"])) == (dev, test)


@settings(max_examples=80, deadline=None, database=None)
@given(counts=st.lists(st.integers(1, 60), min_size=2, max_size=8), seed=st.integers(0, 99))
def test_stratified_tenths_hold_the_classes_in_proportion(counts, seed):
    """Each class of three or more is in every part, and within one of its share."""
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))]
    full = [n >= 3 for n in counts]
    size = max(len(labels) // 10, sum(full), 1)
    if 2 * size >= len(labels):
        return
    index = stratified(labels, {"train": 0, "dev": size, "test": size}, seed)
    got = {k: labels[v].bincount(minlength=len(counts)).tolist() for k, v in index.items()}
    for label, count in enumerate(counts):
        if full[label]:
            assert got["train"][label] >= 1
            assert got["dev"][label] >= 1
            assert got["test"][label] >= 1
        elif sum(counts) - 2 * size > 3 * len(counts):  # nobody had to give what he needed
            assert got["train"][label] == count
        assert abs(got["dev"][label] - size * count / len(labels)) <= 2.5


def test_a_class_of_three_or_more_is_in_every_part_that_has_room_for_each_class():
    for counts in product(range(3, 9), repeat=2):
        labels = torch.arange(2).repeat_interleave(torch.tensor(counts))
        for dev, test in product(range(2, 9), repeat=2):
            if sum(counts) - dev - test < 2:
                continue
            for index in stratified(labels, {"train": 0, "dev": dev, "test": test}).values():
                assert set(labels[index].tolist()) == {0, 1}, (counts, dev, test)


def test_stratified_depends_on_the_seed_only():
    labels = torch.arange(60) % 3
    draws = [stratified(labels, {"train": 0, "dev": 9}, seed)["dev"].tolist() for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_the_division_of_the_shipped_recipes_is_as_it_was():
    """Their cards were measured on it: recorded before the stratified one was added."""
    index = divide(1000, {"train": 0, "dev": 100, "test": 50}, seed=0)
    assert index["dev"][:6].tolist() == [390, 946, 154, 332, 292, 285]
    assert index["test"][:6].tolist() == [161, 126, 750, 119, 252, 996]
