"""zoo bench gru: it shows what it says; nothing here depends on how quick the machine is."""

import pytest
import torch

from zoo.bench import gru as module
from zoo.bench.gru import HEAD, SIZES, Row, Size, run
from zoo.errors import BadFile
from zoo.nn.sequence.gru import FusedGRU

SMALL = (Size(3, 2, 4, 2), Size(5, 2, 3, 1))


def test_the_smallest_run():
    rows = list(run(1, sizes=SMALL))
    assert [(row.size, row.reset) for row in rows] == [
        ("3 x 2, 2 x 4", "after"), ("3 x 2, 2 x 4", "before"),
        ("5 x 2, 1 x 3", "after"), ("5 x 2, 1 x 3", "before"),
    ]  # fmt: skip
    for row in rows:
        assert min(row.ours, row.theirs, row.ours_cpu, row.theirs_cpu) > 0
        assert row.gain == pytest.approx(row.theirs / row.ours)  # of a single round
        assert len(row.cells()) == len(HEAD)


def test_the_sizes_are_those_of_the_two_language_models():
    assert [str(size) for size in SIZES] == ["35 x 20, 2 x 650", "100 x 32, 1 x 512"]


def test_a_row_of_the_table():
    row = Row("35 x 20, 2 x 650", "after", 0.5, 0.7, 1.4, 0.45, 0.65)
    assert row.cells() == ("35 x 20, 2 x 650", "after", "500", "700", "1.40", "450", "650")


def test_sides_that_disagree_are_not_timed():
    one, other, x = FusedGRU(3, 3), FusedGRU(3, 3), torch.randn(2, 4, 3)
    module._check_same_outputs(one, one, x)
    with pytest.raises(BadFile, match="different numbers"):
        module._check_same_outputs(one, other, x)
    with torch.no_grad():
        one.bias_hh_l0.fill_(torch.nan)
    with pytest.raises(BadFile):
        module._check_same_outputs(one, one, x)
