"""Faster R-CNN: counts, shapes, gradients, one batch learned, the same answer alone."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.models import detector_checks
from zoo.losses.faster_rcnn import Objective
from zoo.models.faster_rcnn import FasterRCNN, faster_rcnn, faster_rcnn_small
from zoo.nn.regions.backbone import padded
from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.objects import Detections, Objects, objects

# Not: sizes (any will do), gradients (below, of the loss), export (NMS has no fixed size).
CHECKS = (
    detector_checks.check_alone_and_in_a_batch,
    detector_checks.check_detections,
    detector_checks.check_threshold,
    detector_checks.check_overlap,
    detector_checks.check_class_scores,
    detector_checks.check_reset_classifier,
    detector_checks.check_blocks,
)


def built(num_classes: int = 3) -> FasterRCNN:
    torch.manual_seed(0)
    return faster_rcnn_small(num_classes)


def batch() -> tuple[Tensor, list[Objects]]:
    """A red square, a blue rectangle and a red one, nothing."""
    images = torch.full((3, 3, 72, 100), 0.3)
    images[0, 0, 10:30, 20:40] = 1
    images[1, 2, 20:60, 8:38] = 1
    images[1, 0, 4:34, 60:90] = 1
    truth = [
        objects([[20, 10, 40, 30]], [0]),
        objects([[8, 20, 38, 60], [60, 4, 90, 34]], [2, 0]),
        objects([], []),
    ]
    return images, truth


def loss(model: FasterRCNN, images: Tensor, truth: list[Objects], seed: int = 0) -> dict:
    rng = torch.Generator().manual_seed(seed)
    return Objective(model)(model, images, truth, seen=0, rng=rng)


def test_count() -> None:
    convolutions = [(3, 16), (16, 32), (32, 32), (32, 64), (64, 64), (64, 128)] + [(128, 128)] * 4
    backbone = sum(9 * a * b + 2 * b for a, b in convolutions)
    rpn = 128 * 128 * 9 + 128 + 128 * 12 + 12 + 128 * 48 + 48
    heads = 128 * 49 * 256 + 256 + 256 * 256 + 256 + 256 * 4 + 4 + 256 * 16 + 16
    assert backbone + rpn + heads == 2_566_944
    assert sum(p.numel() for p in built().parameters()) == 2_566_944


def test_count_of_the_papers_network() -> None:
    vgg = 14_714_688
    rpn = (512 * 512 * 9 + 512) + (512 * 9 + 9) + (512 * 36 + 36)  # nine logits, not eighteen
    layers = (512 * 49 * 4096 + 4096) + (4096 * 4096 + 4096)
    last = (4096 * 21 + 21) + (4096 * 84 + 84)
    with torch.device("meta"):
        model = faster_rcnn()
        images = torch.zeros(1, 3, 600, 800)
        [maps] = model.backbone(padded(images, 16))
        assert model.rpn([maps], (608, 800)).objectness.shape == (1, 38 * 50 * 9)
    assert sum(p.numel() for p in model.parameters()) == vgg + rpn + layers + last == 137_073_622
    blocks = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(blocks) == sorted(id(p) for p in model.parameters())


def test_shapes() -> None:
    model, (images, truth) = built(), batch()
    outputs = model(images, truth, torch.Generator())
    assert outputs.proposed.anchors.shape == (9 * 13 * 12, 4)
    assert outputs.proposed.objectness.shape == (3, 9 * 13 * 12)
    assert outputs.regions.logits.shape == (3 * 64, 4)
    assert outputs.regions.deltas.shape == (3 * 64, 4, 4)
    assert all(
        (p >= 0).all() and (p <= torch.tensor([100, 72] * 2)).all() for p in outputs.proposals
    )
    assert model.eval().outputs(images).shape == (3, 10 + 4 + 16)


def test_every_parameter_is_trained() -> None:
    model, (images, truth) = built(), batch()
    torch.stack(list(loss(model, images, truth).values())).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name
    blocks = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(blocks) == sorted(id(p) for p in model.parameters())


@pytest.mark.parametrize(
    "truth",
    [
        objects([], []),
        objects([[5, 5, 5, 20], [5, 5, 20, 5]], [0, 1]),  # no area: log 0
        objects([[0, 0, 50, 50]], [1], crowd=[True]),
        objects([[90, 60, 99.9, 71.9]], [2]),
    ],
)
def test_images_with_little_to_learn_give_a_finite_loss(truth: Objects) -> None:
    model, (images, _) = built(), batch()
    parts = loss(model, images[:1], [truth])
    total = torch.stack(list(parts.values())).sum()
    total.backward()
    assert total.isfinite()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    assert (parts["box"] > 0) == (truth.size == 1 and not truth.crowd.any())


def found(model: FasterRCNN, images: Tensor) -> list[Detections]:
    with torch.no_grad():
        return model.eval().detect(images, threshold=0.0)


def test_the_answer_depends_on_nothing_else_in_the_batch() -> None:
    model, (images, _) = built(), batch()
    together, turned = found(model, images), found(model, images.flip(0))[::-1]
    for i, (one, other) in enumerate(zip(together, turned, strict=True)):
        [alone] = found(model, images[i : i + 1])
        assert one.size == 100
        for a, b in ((one, other), (one, alone)):
            assert torch.equal(a.labels, b.labels)
            torch.testing.assert_close(a.scores, b.scores, rtol=0, atol=1e-5)
            torch.testing.assert_close(a.boxes, b.boxes, rtol=0, atol=1e-3)


def test_one_line_of_5000_pixels() -> None:
    model = built()
    [one] = found(model, torch.rand(1, 3, 1, 5000))
    assert one.boxes.isfinite().all()
    assert (one.boxes[:, 3] <= 1).all()
    truth = [objects([[100, 0, 700, 1]], [0])]
    parts = loss(model.train(), torch.rand(1, 3, 1, 5000), truth)
    assert all(part.isfinite() for part in parts.values())


def test_one_batch_is_learned() -> None:
    model, (images, truth) = built(), batch()
    images, truth = images[1:2, :, :64, :96], truth[1:2]
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for step in range(20):
        torch.stack(list(loss(model, images, truth, step).values())).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    for one, expected in zip(model.eval().detect(images), truth, strict=True):
        overlap, nearest = iou(expected.boxes, one.boxes[: expected.size]).max(1)
        assert overlap.min() > 0.6
        assert torch.equal(one.labels[nearest], expected.labels)


def test_the_same_seed_gives_the_same_loss() -> None:
    model, (images, truth) = built(), batch()
    one, two, other = (loss(model, images, truth, seed) for seed in (0, 0, 1))
    assert torch.equal(one["class"], two["class"])
    assert not torch.equal(one["class"], other["class"])


def test_other_classes() -> None:
    model, (images, _) = built(), batch()
    model.reset_classifier(7)
    assert model.num_classes == 7
    assert model(images).regions.logits.shape[1] == 8


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_detector(check: Callable[..., None]) -> None:
    check(lambda: faster_rcnn_small(3), (40, 56))
