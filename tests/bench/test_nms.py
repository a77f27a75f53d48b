"""zoo bench nms: it shows what it says; nothing here depends on how quick the machine is."""

import pytest
import torch

from zoo.bench import nms as module
from zoo.bench.nms import HEAD, PEER, Row, made_up, run
from zoo.errors import BadFile, BadInput


def test_all_sides_at_each_number():
    rows = list(run(1, boxes=(30, 60)))
    assert [row.what for row in rows[:5]] == [
        PEER, "nms", "readable", f"{PEER}, by class", "nms, by class"
    ]  # fmt: skip
    assert [row.boxes for row in rows] == [30] * 5 + [60] * 5
    assert {row.kept for row in rows[5:8]} == {len(module.nms(*made_up(60)[:2], 0.5))}
    assert all(row.seconds > 0 and len(row.cells()) == len(HEAD) for row in rows)
    assert rows[0].ratio == rows[3].ratio == 1


def test_sides_that_differ_are_not_timed(monkeypatch):
    monkeypatch.setattr(module, "plain_nms", lambda boxes, scores, threshold: torch.arange(2))
    with pytest.raises(BadFile, match="do not keep the same of 30 boxes"):
        list(run(1, boxes=(30,)))
    with pytest.raises(BadInput, match="--boxes must be at least 1"):
        list(run(1, boxes=(0,)))


def test_a_row_of_the_table():
    cells = Row("nms", 1000, 187, 0.001, 0.002, 1.0, 1.25).cells()
    assert cells == ("nms", "1,000", "187", "1.00", "2.00", "1.00", "1.25")
