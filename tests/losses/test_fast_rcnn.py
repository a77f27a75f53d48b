"""Fast R-CNN's loss by hand and as torchvision has it."""

import math

import pytest
import torch
from torchvision.models.detection.roi_heads import fastrcnn_loss

from zoo.losses.fast_rcnn import region_loss
from zoo.nn.regions.heads import WEIGHTS, RegionOutputs
from zoo.nn.regions.sampling import Regions
from zoo.ops.boxes.deltas import encode


def regions(count: int, classes: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, Regions]:
    draw = torch.Generator().manual_seed(seed)

    def boxes() -> torch.Tensor:
        corner = torch.rand(count, 2, generator=draw) * 100
        return torch.cat([corner, corner + 4 + torch.rand(count, 2, generator=draw) * 60], 1)

    labels = torch.randint(0, classes + 1, (count,), generator=draw)
    logits = torch.randn(count, classes + 1, generator=draw)
    deltas = torch.randn(count, classes + 1, 4, generator=draw)
    return logits, deltas, Regions(boxes(), labels, boxes())


def test_by_hand() -> None:
    # an object of class 1 with probability 1/2, whose box is said exactly but for dx; background
    logits = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    box = torch.tensor([[0.0, 0, 10, 10], [5, 5, 9, 9]])
    deltas = torch.zeros(2, 2, 4)
    deltas[0, 1, 0] = 2.0  # two away from 0: 2 - 1/18
    deltas[1] = 77.0  # of background nothing is asked
    parts = region_loss(RegionOutputs(logits, deltas, Regions(box, torch.tensor([1, 0]), box)))
    assert float(parts["class"]) == pytest.approx(math.log(2))
    assert float(parts["box"]) == pytest.approx((2 - 1 / 18) / 2)


def test_as_torchvision() -> None:
    logits, deltas, given = regions(50, 3, 0)
    parts = region_loss(RegionOutputs(logits, deltas, given))
    targets = encode(given.truth, given.boxes, WEIGHTS)
    theirs = fastrcnn_loss(logits, deltas.flatten(1), [given.labels], [targets])
    torch.testing.assert_close(torch.stack([parts["class"], parts["box"]]), torch.stack(theirs))


@pytest.mark.parametrize("count", [0, 5])
def test_without_objects_or_regions_it_is_finite(count: int) -> None:
    logits, deltas, given = regions(count, 3, 1)
    logits, deltas = logits.requires_grad_(), deltas.requires_grad_()
    given = given._replace(labels=torch.zeros_like(given.labels))
    parts = region_loss(RegionOutputs(logits, deltas, given))
    (parts["class"] + parts["box"]).backward()
    assert not parts["box"].any()
    assert parts["class"].isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_the_objects_are_needed() -> None:
    logits, deltas, _ = regions(3, 2, 0)
    with pytest.raises(ValueError, match="objects"):
        region_loss(RegionOutputs(logits, deltas, None))
