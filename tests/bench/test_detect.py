"""zoo bench detect: it shows what it says; nothing here depends on how quick the machine is."""

import pytest
import torch

from zoo.bench import detect as module
from zoo.bench.detect import EAGER, FAST, HEAD, Row, random_detector, run
from zoo.errors import BadFile, BadInput


@pytest.fixture(autouse=True)
def no_bfloat16(monkeypatch):
    monkeypatch.setattr(module, "has_bfloat16", lambda example: False)


def test_both_sides_find_the_same():
    eager, fast = run(1, size=64)
    assert (eager.what, eager.form, fast.what) == (EAGER, "eager", FAST)
    assert eager.boxes == fast.boxes > 0
    assert eager.speed == eager.cpu_speed == 1
    assert all(row.seconds > 0 and len(row.cells()) == len(HEAD) for row in (eager, fast))


def test_sides_that_differ_are_not_timed(monkeypatch):
    other = random_detector(64).model
    torch.nn.init.normal_(other.heads[0].weight)
    monkeypatch.setattr(module, "optimize", lambda model, example: other)
    with pytest.raises(BadFile, match="eager and optimized|eager finds"):
        list(run(1, size=64))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"size": 100}, "size must be a multiple of 32, got 100"),
        ({"size": 0}, "size must be a multiple of 32, got 0"),
        ({"weights": "lenet5.mnist"}, "lenet5.mnist is no detector"),
    ],
)
def test_what_cannot_be_measured_is_refused(settings, said):
    with pytest.raises(BadInput, match=said):
        next(run(1, **settings))


def test_a_row_of_the_table():
    cells = Row("eager", "eager", 12, 0.1, 0.25, 1.0, 1.5).cells()
    assert cells == ("eager", "eager", "12", "100.0", "250.0", "1.00", "1.50")
