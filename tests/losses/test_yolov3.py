"""YOLOv3's loss: its gradient is Darknet's delta, written by hand in plain loops."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from tests.helpers.hostile_boxes import FILLS, fill, hostile
from tests.losses.darknet import (
    HEIGHT,
    KINDS,
    WIDTH,
    Heads,
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
from zoo.losses.yolov3 import Objective
from zoo.ops.boxes.objects import Objects, objects

ANCHORS = [(10.0, 14.0), (23.0, 27.0), (37.0, 58.0), (81.0, 82.0), (60.0, 20.0), (90.0, 60.0)]
MASKS = [[3, 4, 5], [0, 1, 2]]
PUBLISHED = [[3, 4, 5], [1, 2, 3]]  # the tiny network's: 3 in both heads, 0 in none
STRIDES = [32, 16]


def heads(images: int, seed: int = 0, masks=MASKS, dtype=torch.float64, scale=1.0) -> Heads:
    draw = torch.Generator().manual_seed(seed)
    maps = [
        scale
        * torch.randn(
            images,
            len(mask) * (5 + KINDS),
            HEIGHT // stride,
            WIDTH // stride,
            generator=draw,
            dtype=dtype,
        )
        for mask, stride in zip(masks, STRIDES, strict=True)
    ]
    return Heads(maps, ANCHORS, masks, STRIDES, KINDS)


def deltas(output: Tensor, mask, truths_of_images, ignore: float) -> Tensor:
    """What Darknet's yolo layer leaves for one head's map, (N, A, h, w, 5 + K)."""
    raw = split(output)
    found = torch.zeros_like(raw)
    h, w = raw.shape[2:4]
    for b, n, j, i in itertools.product(*map(range, raw.shape[:4])):
        values = raw[b, n, j, i].tolist()
        box = predicted(values, ANCHORS[mask[n]], i, j, w, h)
        best = max((iou(box, truth.box) for truth in truths_of_images[b]), default=0)
        found[b, n, j, i, 4] = 0 if best > ignore else 0 - sigmoid(values[4])
    for b, truths in enumerate(truths_of_images):
        for truth in truths:
            best_n = best_shape(truth.box, ANCHORS)
            if best_n in mask:
                i, j = cell_of(truth.box.x, w), cell_of(truth.box.y, h)
                place = b, mask.index(best_n), j, i
                write(found[place], raw[place].tolist(), truth, ANCHORS[best_n], (w, h, i, j))
    return found


def write(delta: Tensor, raw: list[float], truth: Truth, anchor, cell) -> None:
    """The deltas of one truth, over what was there, into those of its place (5 + K,)."""
    box, (w, h, i, j) = truth.box, cell
    scale = 2 - box.w * box.h
    delta[0] = scale * (box.x * w - i - sigmoid(raw[0]))
    delta[1] = scale * (box.y * h - j - sigmoid(raw[1]))
    delta[2] = scale * (math.log(box.w * WIDTH / anchor[0]) - raw[2])
    delta[3] = scale * (math.log(box.h * HEIGHT / anchor[1]) - raw[3])
    delta[4] = 1 - sigmoid(raw[4])
    second = delta[5] != 0  # another truth was here
    for k in range(KINDS):
        if k == truth.label:
            delta[5 + k] = 1 - sigmoid(raw[5 + k])
        elif not second:
            delta[5 + k] = 0 - sigmoid(raw[5 + k])


def total(network: Heads, labels, **settings) -> Tensor:
    loss = Objective(network, **settings)
    images = torch.zeros(len(labels), 3, HEIGHT, WIDTH)
    rng = torch.Generator()
    return torch.stack(list(loss(network, images, labels, seen=0, rng=rng).values())).sum()


def check(network: Heads, labels: list[Objects], ignore: float) -> list[Tensor]:
    """The gradient of N times the loss is minus the delta; gives the deltas."""
    (total(network, labels, ignore=ignore) * len(labels)).backward()
    facts = [to_truths(each) for each in labels]
    expected = []
    for output, mask in zip(network.maps, network.masks, strict=True):
        expected.append(deltas(output.detach(), mask, facts, ignore))
        torch.testing.assert_close(-split(output.grad), expected[-1], atol=1e-10, rtol=1e-10)
    return expected


@pytest.mark.parametrize("masks", [MASKS, PUBLISHED])
@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_darknets_delta(seed, masks):
    labels = [some(3 * seed, 7), objects([], []), some(3 * seed + 1, 1), some(3 * seed + 2, 25)]
    found = check(heads(4, seed, masks), labels, ignore=0.3)
    present = [each[..., 4] for each in found]
    assert all((each == 0).any() for each in present)  # ignored ones are in the case
    assert all((each > 0).any() for each in present)  # and ones with an object


def test_images_without_objects_train_objectness_only():
    network = heads(2)
    check(network, [objects([], [])] * 2, ignore=0.7)
    grad = split(network.maps[0].grad)
    assert grad[..., 4].all()
    assert not grad[..., :4].any()
    assert not grad[..., 5:].any()


def test_two_objects_in_one_place_leave_the_last_box_and_both_classes():
    near = [[20, 20, 60, 80], [22, 21, 62, 79]]  # one anchor, (37, 58), and one cell
    network = heads(1)
    found = check(network, [objects(near, [1, 3])], ignore=0.7)
    kinds = found[1][0, 2, 3, 2, 5:]
    assert [value > 0 for value in kinds.tolist()] == [False, True, False, True]
    swapped = heads(1)
    total(swapped, [objects(near[::-1], [3, 1])]).backward()
    assert not torch.equal(swapped.maps[1].grad, network.maps[1].grad)


def test_of_equal_anchors_the_first_has_the_object():
    network = heads(1)
    network.anchors = [
        (20.0, 40.0),
        (40.0, 20.0),
        (60.0, 20.0),
        (20.0, 40.0),
        (9.0, 9.0),
        (8.0, 8.0),
    ]
    total(network, [objects([[10, 10, 40, 40]], [0])]).backward()  # 30 x 30: 0 = 1 = 3
    sizes = [split(each.grad)[0, ..., 2] for each in network.maps]
    assert not sizes[0].any()
    assert sizes[1].nonzero().tolist() == [[0, 1, 1]]


def test_a_center_on_the_far_border_counts_to_the_last_cell():
    edge = objects([[118, 86, 138, 106]], [2])  # center at (128, 96)
    network = heads(1)
    check(network, [edge], ignore=0.7)
    assert split(network.maps[1].grad)[0, ..., 0].nonzero().tolist() == [[1, 5, 7]]


def test_a_prediction_on_an_object_is_not_punished():
    label = [objects([[20, 20, 60, 80]], [0])]
    free, tight = heads(1, scale=0.3), heads(1, scale=0.3)
    check(free, label, ignore=1.0)
    check(tight, label, ignore=0.1)
    changed = split(free.maps[1].grad != tight.maps[1].grad)
    assert changed[..., 4].any()
    assert not changed[..., :4].any()
    assert not changed[..., 5:].any()


def test_difficult_objects_and_crowds_train_no_box_and_are_ignored():
    box = [20.0, 20.0, 60.0, 80.0]
    for flags in ({"difficult": [True, False]}, {"crowd": [True, False]}):
        marked = objects([box, [70, 10, 100, 40]], [0, 1], **flags)
        plain = objects(marked.boxes[1:], [1])
        one, other = heads(1), heads(1)
        total(one, [marked], ignore=0.2).backward()
        total(other, [plain], ignore=0.2).backward()
        changed = split(one.maps[1].grad != other.maps[1].grad)
        assert not changed[..., :4].any()
        assert not changed[..., 5:].any()
        assert changed[..., 4].any()  # some prediction covers the marked one and goes unpunished


def test_the_parts_are_the_sums_per_image_and_zero_at_the_truth():
    label = objects([[36, 32, 73, 90]], [1])  # center (54.5, 61), the size of anchor 2
    network = heads(1)
    with torch.no_grad():
        for each in network.maps:
            split(each)[..., 4:] = -40
        mine = split(network.maps[1])[0, 2, 3, 3]
        share = torch.tensor([54.5 / 16 - 3, 61 / 16 - 3])
        mine[:2] = torch.logit(share)
        mine[2:4] = 0
        mine[4], mine[6] = 40, 40
    loss = Objective(network)
    parts = loss(network, torch.zeros(1, 3, HEIGHT, WIDTH), [label], seen=0, rng=torch.Generator())
    assert list(parts) == ["center", "size", "objectness", "classes"]
    entropy = -(share * share.log() + (1 - share) * (1 - share).log()).sum()
    weight = 2 - 37 * 58 / WIDTH / HEIGHT
    assert parts["center"].item() == pytest.approx(weight * entropy.item())
    assert parts["size"].item() == pytest.approx(0, abs=1e-12)
    assert parts["objectness"].item() < 1e-12
    assert parts["classes"].item() < 1e-12


def test_halves_are_computed_in_float32():
    labels = [some(0, 9), some(1, 4)]
    network = heads(2, dtype=torch.bfloat16)
    exact = Heads([each.detach().double() for each in network.maps], ANCHORS, MASKS, STRIDES, KINDS)
    with torch.autocast("cpu", torch.bfloat16):
        loss = total(network, labels)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(total(exact, labels).item(), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("how", FILLS)
def test_no_valid_object_makes_nan(how, dtype):
    labels = hostile(WIDTH, HEIGHT, KINDS)
    network = heads(len(labels), dtype=dtype, scale=0.0)
    for each in network.maps:
        fill(each, how)
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        loss = total(network, labels)
    loss.backward()
    assert loss.isfinite()
    assert loss > 0
    assert all(each.grad.isfinite().all() for each in network.maps)
