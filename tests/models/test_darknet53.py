"""Darknet-53: Darknet's table, parity with its cfg file, the classifier's interface."""

import pytest

from tests.helpers.marks import long_if
from tests.models import checks
from tests.models.darknet_checks import check_counts, check_parity
from zoo import registry
from zoo.models.darknet53 import Darknet53, darknet53

BODY = " ".join(
    ["c32-3"]
    + [
        f"c{c}-3/2 " + " ".join([f"c{c // 2}-1 c{c}-3 s-3"] * repeats)
        for c, repeats in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))
    ]
)
CFG = f"{BODY} a l{{n}}"
NARROW = "narrow_darknet53"
CHECKS = [long_if(check is checks.check_export_and_compile, check) for check in checks.ALL]


def narrow(num_classes: int = 10, in_chans: int = 3) -> Darknet53:
    """An eighth of the channels."""
    return Darknet53(num_classes, in_chans, width=4)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """The narrow network under a name, for the checks of every classifier."""
    full = registry.entry("darknet53")
    about = registry.Entry(narrow, full.paper, full.task, full.input_shape, full.stem, full.head)
    monkeypatch.setitem(registry._ENTRIES, NARROW, about)


def test_darknets_table():
    check_counts(darknet53, 256, 41_609_928, 166_582_580, 18.57)


@pytest.mark.parametrize("size", [(64, 64), (45, 70)])
def test_parity_with_the_cfg_file(size):
    check_parity(narrow, CFG.format(n=10), size, divisor=8)


@pytest.mark.long
def test_parity_at_full_width():
    check_parity(darknet53, CFG.format(n=1000), (64, 32))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check(NARROW, size=32)


@pytest.mark.long
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_the_same_at_full_width(check):
    check("darknet53", size=64)


def test_one_batch_is_learned_by_heart():
    checks.check_overfits(NARROW, lr=3e-3, steps=60, size=64, training=True)
