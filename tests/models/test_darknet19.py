"""Darknet-19: Darknet's table, parity with its cfg file, the classifier's interface."""

import pytest

from tests.helpers.marks import long_if
from tests.models import checks
from tests.models.darknet_checks import check_counts, check_parity
from zoo import registry
from zoo.models.darknet19 import Darknet19, darknet19

BODY = (
    "c32-3 m2/2 c64-3 m2/2 c128-3 c64-1 c128-3 m2/2 c256-3 c128-1 c256-3 m2/2 "
    "c512-3 c256-1 c512-3 c256-1 c512-3 m2/2 c1024-3 c512-1 c1024-3 c512-1 c1024-3"
)
CFG = f"{BODY} l{{n}} a"
NARROW = "narrow_darknet19"
CHECKS = [long_if(check is checks.check_export_and_compile, check) for check in checks.ALL]


def narrow(num_classes: int = 10, in_chans: int = 3) -> Darknet19:
    """A sixteenth of the channels."""
    return Darknet19(num_classes, in_chans, divisor=16)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """The narrow network under a name, for the checks of every classifier."""
    full = registry.entry("darknet19")
    about = registry.Entry(narrow, full.paper, full.task, full.input_shape, full.stem, full.head)
    monkeypatch.setitem(registry._ENTRIES, NARROW, about)


def test_darknets_table():
    check_counts(darknet19, 256, 20_842_376, 83_427_124, 7.29)


@pytest.mark.parametrize("size", [(64, 64), (45, 70)])
def test_parity_with_the_cfg_file(size):
    check_parity(narrow, CFG.format(n=10), size, divisor=16)


@pytest.mark.long
def test_parity_at_full_width():
    check_parity(darknet19, CFG.format(n=1000), (64, 32))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check(NARROW, size=32)


@pytest.mark.long
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_the_same_at_full_width(check):
    check("darknet19", size=64)


def test_one_batch_is_learned_by_heart():
    checks.check_overfits(NARROW, lr=3e-3, steps=60, size=64, training=True)
