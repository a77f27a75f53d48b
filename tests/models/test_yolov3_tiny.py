"""YOLOv3-tiny: Darknet's table, parity with its cfg file, the maps, the anchors' masks."""

import pytest
import torch

from tests.models.darknet_checks import check_counts, check_parity
from tests.models.detector_checks import ALL
from zoo.models import yolov3_tiny as file


def on_paper(**arguments):
    with torch.device("meta"):
        return file.yolov3_tiny(**arguments).eval()


CFG = (
    "c16-3 m2/2 c32-3 m2/2 c64-3 m2/2 c128-3 m2/2 c256-3 m2/2 c512-3 m2/1 c1024-3 "
    "c256-1 c512-3 l{n} y r-4 c128-1 u r-1,8 c256-3 l{n} y"
)


def narrow(num_classes=3):
    """A quarter of the channels."""
    return file.YOLOv3Tiny(num_classes, widths=tuple(w // 4 for w in file.WIDTHS))


def test_darknets_table():
    check_counts(file.yolov3_tiny, 416, 8_852_366, 35_434_956, 5.56)


@pytest.mark.parametrize("size", [(64, 64), (32, 96)])
def test_parity_with_the_cfg_file(size):
    check_parity(narrow, CFG.format(n=24), size, divisor=4)


@pytest.mark.long
def test_parity_at_full_width():
    check_parity(file.yolov3_tiny, CFG.format(n=255), (96, 64))


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_what_every_detector_must_do(check):
    check(narrow, (64, 96))


def test_half_has_half_the_channels_of_every_layer():
    with torch.device("meta"):
        half = file.yolov3_tiny_half()
    heads = list(half.heads)
    for ours, full in zip(half.darknet_layers(), on_paper().darknet_layers(), strict=True):
        narrow, wide = (part if ours in heads else part.conv for part in (ours, full))
        assert ours in heads or 2 * narrow.out_channels == wide.out_channels
        assert wide.in_channels in (3, 2 * narrow.in_channels)


@pytest.mark.parametrize("size", [(416, 416), (320, 416), (32, 64)])
def test_shapes(size):
    maps = on_paper(num_classes=3)(torch.zeros(2, 3, *size, device="meta"))
    cells = [(size[0] // stride, size[1] // stride) for stride in (32, 16)]
    assert [tuple(m.shape) for m in maps] == [(2, 24, *cell) for cell in cells]


def test_each_head_has_the_anchors_of_its_mask():
    """The published weights have 1, 2, 3 in the second head; a box there is an anchor's size."""
    for second in ((0, 1, 2), (1, 2, 3)):
        torch.manual_seed(0)
        model = file.yolov3_tiny(1, masks=((3, 4, 5), second)).eval()
        for head in model.heads:
            torch.nn.init.zeros_(head.weight)
            torch.nn.init.zeros_(head.bias)
        boxes, scores = model.decode(torch.zeros(1, 3, 32, 32))
        expected = [file.ANCHORS[i] for i in (3, 4, 5, *second * 4)]  # 1 cell, then 2 x 2
        assert torch.allclose((boxes[0, :, 2:] - boxes[0, :, :2]), torch.tensor(expected).float())
        assert torch.allclose(scores, torch.tensor(0.25))
