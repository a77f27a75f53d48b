"""YOLOv2's loss: its gradient is the delta of Darknet on a GPU, written by hand in plain loops."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from tests.helpers.hostile_boxes import FILLS, fill, hostile
from tests.losses.darknet import (
    HEIGHT,
    KINDS,
    WIDTH,
    Truth,
    best_shape,
    cell_of,
    iou,
    predicted,
    sigmoid,
    some,
    split,
    to_truths,
)
from zoo.losses.yolov2 import Objective
from zoo.ops.boxes.objects import Objects, objects

STRIDE = 16
CELLS = WIDTH // STRIDE, HEIGHT // STRIDE
ANCHORS = [(0.6, 0.9), (1.5, 1.7), (3.5, 2.0), (2.0, 4.0), (5.0, 4.5)]  # in cells
PIXELS = [(w * STRIDE, h * STRIDE) for w, h in ANCHORS]
LATE = 1_000_000  # images seen: no warm-up


class Head(nn.Module):
    """Stands for a network: gives the map that it holds."""

    anchors, stride, num_classes = ANCHORS, STRIDE, KINDS

    def __init__(self, images: int, seed: int = 0, dtype=torch.float64) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        shape = (images, len(ANCHORS) * (5 + KINDS), CELLS[1], CELLS[0])
        self.map = nn.Parameter(torch.randn(shape, generator=draw, dtype=dtype))

    def forward(self, images: Tensor) -> Tensor:
        return self.map


def slope(out: float) -> float:
    """Of the sigmoid, from its value."""
    return out * (1 - out)


def deltas(output: Tensor, truths_of_images, ignore: float, warm: bool) -> Tensor:
    """What Darknet's region layer leaves, (N, A, h, w, 5 + K), the sigmoids' slopes included."""
    raw = split(output)
    found = torch.zeros_like(raw)
    h, w = raw.shape[2:4]
    for b, n, j, i in itertools.product(*map(range, raw.shape[:4])):
        values = raw[b, n, j, i].tolist()
        box = predicted(values, PIXELS[n], i, j, w, h)
        best = max((iou(box, truth.box) for truth in truths_of_images[b]), default=0)
        score = sigmoid(values[4])
        found[b, n, j, i, 4] = 0 if best > ignore else (0 - score) * slope(score)
        if warm:
            write_box(found[b, n, j, i], values, (0.5, 0.5), (0.0, 0.0), 0.01)
    for b, truths in enumerate(truths_of_images):
        for truth in truths:
            n = best_shape(truth.box, PIXELS)
            i, j = cell_of(truth.box.x, w), cell_of(truth.box.y, h)
            write(found[b, n, j, i], raw[b, n, j, i].tolist(), truth, n, (w, h, i, j))
    return found


def write_box(delta: Tensor, raw: list[float], offset, logs, scale: float) -> None:
    for entry in (0, 1):
        out = sigmoid(raw[entry])
        delta[entry] = scale * (offset[entry] - out) * slope(out)
        delta[2 + entry] = scale * (logs[entry] - raw[2 + entry])


def write(delta: Tensor, raw: list[float], truth: Truth, n: int, cell) -> None:
    """The deltas of one truth, over what was there, into those of its place (5 + K,)."""
    box, (w, h, i, j) = truth.box, cell
    logs = math.log(box.w * WIDTH / PIXELS[n][0]), math.log(box.h * HEIGHT / PIXELS[n][1])
    write_box(delta, raw, (box.x * w - i, box.y * h - j), logs, 2 - box.w * box.h)
    score = sigmoid(raw[4])
    delta[4] = 5 * (iou(predicted(raw, PIXELS[n], i, j, w, h), box) - score) * slope(score)
    powers = [math.exp(x) for x in raw[5:]]
    for k, power in enumerate(powers):
        delta[5 + k] = (k == truth.label) - power / sum(powers)


def total(network: Head, labels, seen: int = LATE, **settings) -> Tensor:
    loss = Objective(network, **settings)
    images = torch.zeros(len(labels), 3, HEIGHT, WIDTH)
    parts = loss(network, images, labels, seen=seen, rng=torch.Generator())
    return torch.stack(list(parts.values())).sum()


def check(network: Head, labels: list[Objects], ignore: float, seen: int = LATE) -> Tensor:
    """The gradient of N times the loss is minus the delta; gives the delta."""
    (total(network, labels, seen, ignore=ignore) * len(labels)).backward()
    facts = [to_truths(each) for each in labels]
    expected = deltas(network.map.detach(), facts, ignore, seen != LATE)
    torch.testing.assert_close(-split(network.map.grad), expected, atol=1e-10, rtol=1e-10)
    return expected


@pytest.mark.parametrize("seen", [0, LATE])
@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_darknets_delta(seed, seen):
    labels = [some(3 * seed, 7), objects([], []), some(3 * seed + 1, 1), some(3 * seed + 2, 25)]
    found = check(Head(4, seed), labels, 0.3, seen)
    assert (found[..., 4] == 0).any()  # ignored ones are in the case
    assert found[..., :4].all() == (seen == 0)  # in the warm-up every box is drawn somewhere


def test_the_warm_up_ends_with_the_batch_that_completes_it():
    labels = [some(0, 3), some(1, 2)]
    warm, late = total(Head(2), labels, 0), total(Head(2), labels, LATE)
    assert warm > late
    for seen, expected in ((12_797, warm), (12_798, late), (12_800, late)):
        assert total(Head(2), labels, seen) == expected


def test_images_without_objects_train_objectness_only():
    network = Head(2)
    check(network, [objects([], [])] * 2, 0.6)
    grad = split(network.map.grad)
    assert grad[..., 4].all()
    assert not grad[..., :4].any()
    assert not grad[..., 5:].any()


def test_of_two_objects_in_one_place_the_last_counts():
    near = [[20, 20, 52, 84], [22, 21, 54, 83]]  # one anchor, 32 x 64, and one cell
    both, alone = Head(1), Head(1)
    found = check(both, [objects(near, [1, 3])], 0.6)
    kinds = found[0, 3, 3, 2, 5:]
    assert [value > 0 for value in kinds.tolist()] == [False, False, False, True]
    total(alone, [objects(near[1:], [3])]).backward()
    place = (0, 3, 3, 2)
    assert torch.equal(split(both.map.grad)[place], split(alone.map.grad)[place])


def test_of_equal_anchors_the_first_has_the_object():
    network = Head(1)
    network.anchors = [(9.0, 9.0), (1.0, 2.0), (2.0, 1.0), (1.0, 2.0), (8.0, 8.0)]
    total(network, [objects([[24, 24, 48, 48]], [0])]).backward()
    assert split(network.map.grad)[0, ..., 2].nonzero().tolist() == [[1, 2, 2]]


def test_a_center_on_the_far_border_counts_to_the_last_cell():
    network = Head(1)
    check(network, [objects([[118, 86, 138, 106]], [2])], 0.6)
    assert split(network.map.grad)[0, ..., 0].nonzero().tolist() == [[1, 5, 7]]


def test_difficult_objects_and_crowds_train_no_box_and_are_ignored():
    for flags in ({"difficult": [True, False]}, {"crowd": [True, False]}):
        marked = objects([[20, 20, 60, 80], [70, 10, 100, 40]], [0, 1], **flags)
        one, other = Head(1), Head(1)
        total(one, [marked], ignore=0.2).backward()
        total(other, [objects(marked.boxes[1:], [1])], ignore=0.2).backward()
        changed = split(one.map.grad != other.map.grad)
        assert not changed[..., :4].any()
        assert not changed[..., 5:].any()
        assert changed[..., 4].any()  # some prediction covers the marked one and goes unpunished


def test_the_parts_vanish_at_the_truth():
    network = Head(1)
    with torch.no_grad():
        split(network.map)[..., 4:] = -40
        mine = split(network.map)[0, 3, 3, 3]
        mine[:2] = torch.logit(torch.tensor([54.5 / 16 - 3, 61 / 16 - 3]))
        mine[2:4] = 0
        mine[4], mine[6] = 40, 40
    label = [objects([[38.5, 29, 70.5, 93]], [1])]  # 32 x 64 about (54.5, 61)
    images = torch.zeros(1, 3, HEIGHT, WIDTH)
    loss = Objective(network)
    parts = loss(network, images, label, seen=LATE, rng=torch.Generator())
    assert sorted(parts) == ["center", "classes", "objectness", "size"]
    assert all(part < 1e-10 for part in parts.values())


def test_halves_are_computed_in_float32():
    labels = [some(0, 9), some(1, 4)]
    network, exact = Head(2, dtype=torch.bfloat16), Head(2)
    exact.map.data = network.map.detach().double()
    with torch.autocast("cpu", torch.bfloat16):
        loss = total(network, labels, 0)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(total(exact, labels, 0).item(), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("how", FILLS)
def test_no_valid_object_makes_nan(how, dtype):
    labels = hostile(WIDTH, HEIGHT, KINDS)
    network = Head(len(labels), dtype=dtype)
    fill(network.map, how)
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        loss = total(network, labels, 0)
    loss.backward()
    assert loss.isfinite()
    assert loss > 0
    assert network.map.grad.isfinite().all()
