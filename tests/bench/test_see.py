"""zoo bench see: it shows what it says; nothing here depends on how quick the machine is."""

import pytest
import torch

from zoo.bench import see as module
from zoo.bench.see import HEAD, Row, run
from zoo.errors import BadFile, Missing


def test_both_sides_of_both_methods():
    pytest.importorskip("captum")
    rows = list(run(1, networks=("lenet5",)))
    assert [row.what for row in rows] == [
        "integrated gradients, captum", "integrated gradients, zoo",
        "occlusion, captum", "occlusion, zoo",
    ]  # fmt: skip
    assert all(row.seconds > 0 and len(row.cells()) == len(HEAD) for row in rows)
    assert rows[0].ratio == rows[2].ratio == 1


def test_sides_that_differ_are_not_timed(monkeypatch):
    pytest.importorskip("captum")
    monkeypatch.setattr(module, "_integrated", lambda model, image: torch.zeros(1, 32, 32))
    with pytest.raises(BadFile, match="do not give the same integrated gradients of lenet5"):
        list(run(1, networks=("lenet5",)))


def test_without_captum(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(Missing, match="pip install captum"):
        list(run(1))


def test_a_row_of_the_table():
    cells = Row("occlusion, zoo", "lenet5", "1x32x32", 0.001, 0.002, 1.0, 1.25).cells()
    assert cells == ("occlusion, zoo", "lenet5", "1x32x32", "1.0", "2.0", "1.00", "1.25")
