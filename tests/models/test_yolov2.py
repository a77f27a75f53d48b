"""YOLOv2: Darknet's table, parity with its cfg file."""

from functools import partial

import pytest
import torch

from tests.models.darknet_checks import check_counts, check_parity
from tests.models.detector_checks import LONG_LAST
from tests.models.test_darknet19 import BODY
from zoo.models.yolov2 import VOC_ANCHORS, YOLOv2, yolov2

CFG = f"{BODY} c1024-3 c1024-3 r-9 c64-1 g r-1,-4 c1024-3 l{{n}}"


def narrow():
    """A sixteenth of the channels, 3 classes."""
    return YOLOv2(3, divisor=16)


def test_darknets_table():
    check_counts(yolov2, 608, 50_962_889, 203_934_264, 62.94)
    check_counts(partial(yolov2, 20, anchors=VOC_ANCHORS), 416, 50_655_389, 202_704_264, 29.36)


@pytest.mark.parametrize("size", [(64, 64), (32, 96)])
def test_parity_with_the_cfg_file(size):
    check_parity(narrow, CFG.format(n=40), size, divisor=16)


@pytest.mark.long
def test_parity_at_full_width():
    check_parity(yolov2, CFG.format(n=425), (32, 64))


def test_shape():
    with torch.device("meta"):
        assert yolov2(4)(torch.zeros(2, 3, 416, 320)).shape == (2, 45, 13, 10)


@pytest.mark.parametrize("check", LONG_LAST, ids=lambda check: check.__name__)
def test_what_every_detector_must_do(check):
    check(narrow, (64, 96))
