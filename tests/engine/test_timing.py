"""Interleaved timing: everybody gets the same turns."""

import pytest

from zoo.engine.timing import Times, interleaved


def test_the_sides_take_turns_and_the_first_round_does_not_count():
    calls = []
    sides = {
        name: lambda name=name: calls.append(f"prepare {name}") or (lambda: calls.append(name))
        for name in "ab"
    }
    times = interleaved(sides, 3)
    forth, back = ["prepare a", "a", "prepare b", "b"], ["prepare b", "b", "prepare a", "a"]
    assert calls == [*forth, *back] * 2
    assert [len(times[name].wall) for name in "ab"] == [3, 3]
    assert [len(times[name].cpu) for name in "ab"] == [3, 3]


def test_what_prepares_is_not_timed():
    def slow():
        sum(range(2_000_000))
        return int

    times = interleaved({"slow to prepare": slow, "slow": lambda: slow}, 3)
    assert times["slow to prepare"].median < times["slow"].median / 10
    assert times["slow"].cpu_median > 0


def test_one_round_counts_however_little_time_there_is():
    times = interleaved({"a": lambda: int}, 50, most=0.0)
    assert len(times["a"].wall) == 1


def test_medians_and_the_ratio_round_by_round():
    one, two = Times([1.0, 50.0, 3.0], [4.0, 5.0, 6.0]), Times([2.0, 100.0, 2.0])
    assert one.median == 3.0
    assert one.cpu_median == 5.0
    assert one.ratio(two) == 0.5
    assert two.ratio(one) == pytest.approx(2.0)
