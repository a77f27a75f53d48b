"""YOLOv3: Darknet's table, parity with its cfg file."""

from functools import partial

import pytest
import torch

from tests.models.darknet_checks import check_counts, check_parity
from tests.models.detector_checks import LONG_LAST
from tests.models.test_darknet53 import BODY
from zoo.models.yolov3 import YOLOv3, yolov3

FIRST = "c512-1 c1024-3 c512-1 c1024-3 c512-1 c1024-3 l{n} y r-4 c256-1 u r-1,61 "
SECOND = "c256-1 c512-3 c256-1 c512-3 c256-1 c512-3 l{n} y r-4 c128-1 u r-1,36 "
THIRD = "c128-1 c256-3 c128-1 c256-3 c128-1 c256-3 l{n} y"
CFG = f"{BODY} {FIRST}{SECOND}{THIRD}"


def narrow():
    """An eighth of the channels, 3 classes."""
    return YOLOv3(3, width=4)


def test_darknets_table():
    check_counts(yolov3, 608, 61_949_149, 248_007_048, 140.69)
    check_counts(yolov3, 416, 61_949_149, 248_007_048, 65.86)
    check_counts(partial(yolov3, 20), 416, 61_626_049, 246_714_648, 65.43)


@pytest.mark.parametrize("size", [(64, 64), (32, 96)])
def test_parity_with_the_cfg_file(size):
    check_parity(narrow, CFG.format(n=24), size, divisor=8)


@pytest.mark.long
def test_parity_at_full_width():
    check_parity(yolov3, CFG.format(n=255), (32, 64))


def test_shapes():
    with torch.device("meta"):
        maps = yolov3(4)(torch.zeros(2, 3, 416, 320))
    assert [tuple(m.shape) for m in maps] == [(2, 27, 13, 10), (2, 27, 26, 20), (2, 27, 52, 40)]


@pytest.mark.parametrize("check", LONG_LAST, ids=lambda check: check.__name__)
def test_what_every_detector_must_do(check):
    check(narrow, (64, 96))
