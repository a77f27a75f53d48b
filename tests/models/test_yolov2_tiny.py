"""YOLOv2-tiny: Darknet's table for both of its cfg files, parity with them."""

import pytest

from tests.models.darknet_checks import check_counts, check_parity
from tests.models.detector_checks import ALL
from zoo.models.yolov2_tiny import WIDTHS, YOLOv2Tiny, yolov2_tiny, yolov2_tiny_voc

BODY = "c16-3 m2/2 c32-3 m2/2 c64-3 m2/2 c128-3 m2/2 c256-3 m2/2 c512-3 m2/1 c1024-3"


def narrow(last=512):
    """A quarter of the channels, 3 classes."""
    return YOLOv2Tiny(3, widths=tuple(w // 4 for w in (*WIDTHS, last)))


def test_darknets_table():
    check_counts(yolov2_tiny, 416, 11_232_057, 44_948_600, 5.41)
    check_counts(yolov2_tiny_voc, 416, 15_861_773, 63_471_560, 6.97)


@pytest.mark.parametrize("last", [512, 1024])
def test_parity_with_the_cfg_files(last):
    check_parity(lambda: narrow(last), f"{BODY} c{last}-3 l40", (64, 96), divisor=4)


@pytest.mark.long
def test_parity_at_full_width():
    check_parity(yolov2_tiny_voc, f"{BODY} c1024-3 l125", (32, 64))


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_what_every_detector_must_do(check):
    check(narrow, (64, 96))
