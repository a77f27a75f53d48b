"""zoo bench triplet: it shows what it says; nothing here depends on how quick the machine is."""

import sys

import pytest

from tests.losses.verification import loops
from zoo.bench import triplet as module
from zoo.bench.triplet import HEAD, MARGIN, OURS, PEER, Row, made_up, ours, run
from zoo.errors import BadFile, BadInput, Missing
from zoo.nn.unit_length import squared_distances, unit_length


def test_what_is_timed_is_the_definition():
    vectors, labels = made_up(12)
    d = squared_distances(*[unit_length(vectors.detach())] * 2)
    assert ours(vectors, labels).item() == pytest.approx(
        loops.semi_hard_loss(d, labels, MARGIN).item(), rel=1e-5
    )
    assert module._triplets(vectors, labels) == len(loops.semi_hard(d, labels, MARGIN))


def test_both_sides_at_each_number(monkeypatch):
    """With ours as its own peer, which need not be installed."""
    monkeypatch.setattr(module, "peer", lambda: ours)
    rows = list(run(1, images=(8, 16)))
    assert [(row.what, row.images) for row in rows] == [
        (PEER, 8), (OURS, 8), (PEER, 16), (OURS, 16)
    ]  # fmt: skip
    assert all(row.seconds > 0 and len(row.cells()) == len(HEAD) for row in rows)


def test_sides_that_differ_are_not_timed(monkeypatch):
    monkeypatch.setattr(module, "peer", lambda: lambda vectors, labels: vectors.sum())
    with pytest.raises(BadFile, match="nothing to compare"):
        list(run(1, images=(8,)))
    with pytest.raises(BadInput, match="multiples of 4 from 8 on"):
        list(run(1, images=(10,)))


def test_the_peer_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning", None)
    with pytest.raises(Missing, match="pip install pytorch-metric-learning"):
        list(run(1, images=(8,)))


def test_a_row_of_the_table():
    cells = Row(OURS, 400, 12345, 0.001, 0.002, 0.5, 0.25).cells()
    assert cells == (OURS, "400", "12,345", "1.00", "2.00", "0.50", "0.25")
