"""YOLOv1: the count of the paper's network, parity with its cfg file."""

import re

import pytest
import torch

from tests.models.darknet_checks import check_parity
from tests.models.detector_checks import LONG_LAST
from zoo.models.yolov1 import FIGURE_3, YOLOv1, yolov1
from zoo.nn.darknet import leaky_he

CFG = (
    "b64-7/2 m2/2 b192-3 m2/2 b128-1 b256-3 b256-1 b512-3 m2/2 "
    "b256-1 b512-3 b256-1 b512-3 b256-1 b512-3 b256-1 b512-3 b512-1 b1024-3 m2/2 "
    "b512-1 b1024-3 b512-1 b1024-3 b1024-3 b1024-3/2 b1024-3 b1024-3 f4096 o{n}"
)
NARROW = re.sub(r"-(\d+)", lambda channels: f"-{int(channels[1]) // 16}", FIGURE_3)


def narrow(grid=2, boxes=8):
    """A sixteenth of the channels, 3 classes, 2 x 2 cells; boxes as large as the image."""
    model = YOLOv1(3, grid=grid, boxes=boxes, hidden_size=256, figure=NARROW)
    leaky_he(model.head)
    torch.nn.init.ones_(model.head.bias[-4 * boxes * grid**2 :])
    return model


def test_parameters():
    """VOC: 7 x 7 cells of 20 classes and 2 boxes."""
    with torch.device("meta"):
        model = yolov1()
        assert model(torch.zeros(2, 3, 448, 448)).shape == (2, 7 * 7 * 30)
    assert sum(p.numel() for p in model.parameters()) == 271_703_550
    assert len(model.darknet_layers()) == 26


@pytest.mark.parametrize("grid", [1, 2])
def test_parity_with_the_cfg_file(grid):
    size = (64 * grid, 64 * grid)
    check_parity(lambda: narrow(grid, 2), CFG.format(n=13 * grid**2), size, divisor=16)


@pytest.mark.long
def test_parity_with_all_channels():
    check_parity(lambda: yolov1(grid=1), CFG.format(n=30), (64, 64))


def test_a_grid_without_cells():
    with pytest.raises(ValueError, match="must be at least 1, got 0, 2, 4096"):
        YOLOv1(grid=0)


def test_dropout_follows_the_first_fully_connected_layer():
    hidden = narrow().train().hidden
    assert hidden[2].p == 0.5
    torch.manual_seed(0)
    assert 80 < (hidden[2](torch.ones(1, 256)) != 0).sum() < 180


@pytest.mark.parametrize("check", LONG_LAST, ids=lambda check: check.__name__)
def test_what_every_detector_must_do(check):
    check(narrow, (128, 128))
