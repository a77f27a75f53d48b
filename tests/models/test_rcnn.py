"""R-CNN's first step: crops, one at a time; one batch learned, odd images."""

from collections.abc import Callable

import pytest
import torch

from tests.helpers.marks import long_if
from tests.models import detector_checks
from tests.models.rcnn_checks import CHECKS, SIZE, check_learns, check_odd_images, painted
from zoo.models.rcnn import CropJudge, rcnn


@pytest.mark.parametrize("check", [*(long_if(True, one) for one in CHECKS[:3]), CHECKS[3]])
def test_detector(check: Callable[..., None]) -> None:
    check(lambda: rcnn(3), SIZE)


def test_it_learns() -> None:
    check_learns(rcnn(3))


def test_odd_images() -> None:
    check_odd_images(rcnn(3))


def test_a_crop_is_the_region_and_what_is_around_it() -> None:
    judge = rcnn(3).judge
    assert isinstance(judge, CropJudge)
    image = torch.arange(100.0).expand(1, 3, 80, 100)  # each pixel is its column
    [crop] = judge.crops(image, [torch.tensor([[20.0, 30, 60, 50]])])
    assert crop.shape == (3, 56, 56)
    wide = 40 / (1 - 32 / 227)  # the region is all but 16 of 227 on either side
    columns = 40 - wide / 2 + (torch.arange(56) + 0.5) * wide / 56
    torch.testing.assert_close(crop[0, 5], columns, rtol=0, atol=1e-3)


def test_one_at_a_time_is_as_all_at_once() -> None:
    model = detector_checks.made(lambda: rcnn(3), SIZE)
    images, _ = painted()
    regions = [torch.tensor([[4.0, 4, 30, 30], [2, 9, 40, 44]]), torch.tensor([[9.0, 1, 50, 20]])]
    with torch.no_grad():
        logits, _ = model.judge(images[:2], regions)
        for layer in model.judge.modules():
            layer.training = layer is model.judge  # batch norm stays as it is
        together, _ = model.judge(images[:2], regions)
    torch.testing.assert_close(logits, together, rtol=0, atol=1e-5)
