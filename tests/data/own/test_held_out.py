"""One rule for what is set aside, whatever the medium."""

import pytest
import torch

from zoo.data.own.held_out import held_out
from zoo.errors import BadInput

LABELS = torch.tensor([0] * 60 + [1] * 30 + [2] * 9 + [3] * 1)


def test_a_tenth_each_in_proportion_and_nothing_twice():
    index = held_out(LABELS, ())
    assert {name: len(at) for name, at in index.items()} == {"train": 80, "dev": 10, "test": 10}
    assert torch.cat(list(index.values())).sort().values.tolist() == list(range(100))
    for name in ("dev", "test"):
        assert LABELS[index[name]].bincount(minlength=4).tolist() == [6, 3, 1, 0]


@pytest.mark.parametrize("named", [("test",), ("dev", "train")])
def test_what_is_named_is_not_drawn(named):
    index = held_out(LABELS, named)
    assert set(index) == {"train", "dev", "test"} - set(named) | {"train"}
    assert len(index["train"]) == 90


def test_with_all_parts_named_train_is_whole():
    assert held_out(LABELS, ("train", "dev", "test"))["train"].tolist() == list(range(100))


def test_another_seed_draws_others():
    one, other = held_out(LABELS, ())["test"], held_out(LABELS, (), seed=1)["test"]
    assert one.tolist() != other.tolist()
    assert one.tolist() == held_out(LABELS, ())["test"].tolist()


def test_too_few_are_refused():
    with pytest.raises(BadInput):
        held_out(torch.tensor([0, 1]), ())
