"""What R-CNN and Fast R-CNN are both held to, beside tests/models/detector_checks.py."""

import torch
from torch import Tensor

from tests.models import detector_checks
from zoo.losses.fast_rcnn import Objective
from zoo.nn.regions.given import GivenRegionsDetector
from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.objects import Objects, objects

SIZE = (40, 56)

# Not: sizes (any will do), gradients (by the loss, below), export (selective search is no network),
# overlap and detections, which ask random weights for 20 boxes of a few proposals.
CHECKS = (
    detector_checks.check_alone_and_in_a_batch,
    detector_checks.check_threshold,
    detector_checks.check_class_scores,
    detector_checks.check_reset_classifier,
    detector_checks.check_blocks,
)


def painted() -> tuple[Tensor, list[Objects]]:
    """A red square and a blue rectangle, the same elsewhere, nothing."""
    images = torch.full((3, 3, 64, 80), 0.3)
    images[0, 0, 10:34, 20:44] = 1
    images[0, 2, 36:60, 8:48] = 1
    images[1, 0, 30:54, 50:74] = 1
    truth = [
        objects([[20, 10, 44, 34], [8, 36, 48, 60]], [0, 2]),
        objects([[50, 30, 74, 54]], [0]),
        objects([], []),
    ]
    return images, truth


def check_learns(model: GivenRegionsDetector) -> None:
    torch.manual_seed(0)
    images, truth = painted()
    objective, optimizer = Objective(model), torch.optim.AdamW(model.parameters(), lr=2e-3)
    for step in range(18):
        rng = torch.Generator().manual_seed(step)
        parts = objective(model.train(), images, truth, seen=0, rng=rng)
        torch.stack(list(parts.values())).sum().backward()
        if not step:
            assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimizer.step()
        optimizer.zero_grad()
    for one, expected in zip(model.eval().detect(images[:2]), truth, strict=False):
        overlap, nearest = iou(expected.boxes, one.boxes).max(1)
        assert overlap.min() > 0.7
        assert torch.equal(one.labels[nearest], expected.labels)


def check_odd_images(model: GivenRegionsDetector) -> None:
    """One line, one pixel, one colour: there is a proposal, and no number is NaN."""
    for image, truth in (
        (torch.rand(1, 3, 1, 5000), objects([[10, 0, 700, 1]], [1])),
        (torch.zeros(1, 3, 1, 1), objects([], [])),
        (torch.full((1, 3, 40, 30), 7.0), objects([[5, 5, 5, 20]], [0])),
    ):
        rng = torch.Generator().manual_seed(0)
        parts = Objective(model)(
            model.train(), image.repeat(2, 1, 1, 1), [truth] * 2, seen=0, rng=rng
        )
        assert all(part.isfinite() for part in parts.values())
        with torch.no_grad():
            [found] = model.eval().detect(image, threshold=0.0)
        assert found.boxes.isfinite().all()
        assert found.size > 0
