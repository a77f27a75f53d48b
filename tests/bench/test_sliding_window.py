"""zoo bench sliding_window: it shows what it says; nothing depends on how quick the machine is."""

import pytest
import torch

from zoo.bench import sliding_window as module
from zoo.bench.sliding_window import HEAD, Row, run
from zoo.errors import BadFile, BadInput


def test_all_sides():
    rows = list(run(1, size=40))
    assert [row.what for row in rows] == ["convolution", "crops in a batch", "crop by crop"]
    assert {row.windows for row in rows} == {9}
    assert all(row.seconds > 0 and len(row.cells()) == len(HEAD) for row in rows)
    assert rows[0].ratio == 1


def test_sides_that_differ_are_not_timed(monkeypatch):
    monkeypatch.setattr(module, "by_crops", lambda model, window, *_: torch.zeros(1, 10, 3, 3))
    with pytest.raises(BadFile, match="nothing to compare"):
        list(run(1, size=40))
    with pytest.raises(BadInput, match="--size must be at least 32, got 30"):
        list(run(1, size=30))


def test_a_row_of_the_table():
    cells = Row("crop by crop", "lenet5", 128, 625, 0.1, 0.2, 70.0, 71.5).cells()
    expected = ("crop by crop", "lenet5", "128 x 128", "625", "100.00", "200.00", "70.00", "71.50")
    assert cells == expected
