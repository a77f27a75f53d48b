"""R-CNN's second step: what it shares with the others, one batch learned, odd images."""

from collections.abc import Callable

import pytest
import torch

from tests.models import detector_checks
from tests.models.rcnn_checks import CHECKS, SIZE, check_learns, check_odd_images, painted
from zoo.models.fast_rcnn import fast_rcnn
from zoo.models.faster_rcnn import faster_rcnn_small


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_detector(check: Callable[..., None]) -> None:
    check(lambda: fast_rcnn(3), SIZE)


def test_it_learns() -> None:
    check_learns(fast_rcnn(3))


def test_odd_images() -> None:
    check_odd_images(fast_rcnn(3))


def test_backbone_and_heads_are_faster_rcnns() -> None:
    """With the same weights and regions both say the same."""
    later = detector_checks.made(lambda: faster_rcnn_small(3), SIZE)
    earlier = fast_rcnn(3).eval()
    shared = {k: v for k, v in later.state_dict().items() if not k.startswith("rpn.")}
    earlier.judge.load_state_dict(shared)
    images, _ = painted()
    with torch.no_grad():
        theirs = later(images)
        ours = earlier.said_of(images, theirs.proposals)
    assert torch.equal(ours.logits, theirs.regions.logits)
    assert torch.equal(ours.deltas, theirs.regions.deltas)
