"""YOLOv1's loss: its gradient is Darknet's delta, written by hand in plain loops."""

import math

import pytest
import torch
from torch import Tensor, nn

from tests.helpers.hostile_boxes import FILLS, fill, hostile
from tests.losses.darknet import HEIGHT, KINDS, WIDTH, Box, Truth, cell_of, iou, some, to_truths
from zoo.losses.yolov1 import Objective
from zoo.ops.boxes.objects import Objects, objects

GRID, BOXES = 4, 3
CELLS = GRID * GRID
ENTRIES = CELLS * (KINDS + 5 * BOXES)


class Grid(nn.Module):
    """Stands for a network: gives the numbers that it holds."""

    grid, boxes, num_classes = GRID, BOXES, KINDS

    def __init__(self, images: int, seed: int = 0, dtype=torch.float64, shift: float = 0.3) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        values = torch.randn(images, ENTRIES, generator=draw, dtype=dtype)
        self.values = nn.Parameter(values * 0.4 + shift)

    def forward(self, images: Tensor) -> Tensor:
        return self.values


def class_at(cell: int) -> int:
    return cell * KINDS


def confidence_at(cell: int, box: int) -> int:
    return CELLS * KINDS + cell * BOXES + box


def box_at(cell: int, box: int) -> int:
    return CELLS * (KINDS + BOXES) + (cell * BOXES + box) * 4


def out_box(values: list[float], cell: int, number: int) -> Box:
    """The predicted box, its center from the corner of its cell, all in shares of the image."""
    x, y, w, h = values[box_at(cell, number) : box_at(cell, number) + 4]
    return Box(x / GRID, y / GRID, w * w, h * h)


def best_box(values: list[float], cell: int, truth: Box) -> int:
    """By IoU; while none overlaps, by the root of the squared differences."""
    best, best_iou, best_distance = -1, 0.0, math.inf
    for number in range(BOXES):
        out = out_box(values, cell, number)
        found = iou(out, truth)
        distance = math.dist(out, truth)
        if best_iou > 0 or found > 0:
            if found > best_iou:
                best, best_iou = number, found
        elif distance < best_distance:
            best, best_distance = number, distance
    return best


def write(delta: Tensor, values: list[float], truth: Truth, cell: int) -> None:
    """The deltas of one truth into those of its image (ENTRIES,)."""
    x = truth.box.x * GRID - cell % GRID
    y = truth.box.y * GRID - cell // GRID
    inside = truth.box._replace(x=x / GRID, y=y / GRID)
    for k in range(KINDS):
        delta[class_at(cell) + k] = (k == truth.label) - values[class_at(cell) + k]
    best = best_box(values, cell, inside)
    place = confidence_at(cell, best)
    delta[place] = iou(out_box(values, cell, best), inside) - values[place]
    place = box_at(cell, best)
    wished = (x, y, math.sqrt(truth.box.w), math.sqrt(truth.box.h))
    for entry in range(4):
        delta[place + entry] = 5 * (wished[entry] - values[place + entry])


def deltas(output: Tensor, truths_of_images) -> Tensor:
    """What Darknet's detection layer leaves, (N, S S (K + 5 B))."""
    found = torch.zeros_like(output)
    for b, truths in enumerate(truths_of_images):
        values = output[b].tolist()
        for cell in range(CELLS):
            for number in range(BOXES):
                place = confidence_at(cell, number)
                found[b, place] = 0.5 * (0 - values[place])
        taken = set()
        for truth in truths:
            cell = cell_of(truth.box.y, GRID) * GRID + cell_of(truth.box.x, GRID)
            if cell not in taken:
                write(found[b], values, truth, cell)
            taken.add(cell)
    return found


def total(network: Grid, labels) -> Tensor:
    images = torch.zeros(len(labels), 3, HEIGHT, WIDTH)
    parts = Objective(network)(network, images, labels, seen=0, rng=torch.Generator())
    return torch.stack(list(parts.values())).sum()


def check(network: Grid, labels: list[Objects]) -> Tensor:
    """The gradient of N times the loss is minus the delta; gives the delta."""
    (total(network, labels) * len(labels)).backward()
    expected = deltas(network.values.detach(), [to_truths(each) for each in labels])
    torch.testing.assert_close(-network.values.grad, expected, atol=1e-10, rtol=1e-10)
    return expected


@pytest.mark.parametrize("shift", [0.3, 30.0])  # the boxes touch the objects, or none does
@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_darknets_delta(seed, shift):
    labels = [some(3 * seed, 7), objects([], []), some(3 * seed + 1, 1), some(3 * seed + 2, 20)]
    check(Grid(4, seed, shift=shift), labels)


def test_images_without_objects_train_confidence_only():
    found = check(Grid(2), [objects([], [])] * 2)
    first, last = confidence_at(0, 0), box_at(0, 0)
    assert found[:, first:last].all()
    assert not found[:, :first].any()
    assert not found[:, last:].any()


def test_of_two_objects_in_one_cell_the_first_counts():
    boxes = [[20, 20, 40, 40], [10, 10, 50, 46]]
    both, alone = Grid(1), Grid(1)
    check(both, [objects(boxes, [1, 2])])
    total(alone, [objects(boxes[:1], [1])]).backward()
    assert torch.equal(both.values.grad, alone.values.grad)


def test_of_equal_boxes_the_first_is_responsible():
    network = Grid(1)
    network.values.data.fill_(0.25)
    found = check(network, [objects([[40, 30, 60, 40]], [0])])
    cell = GRID + 1
    assert found[0, box_at(cell, 0) : box_at(cell, 0) + 4].all()
    assert not found[0, box_at(cell, 1) : box_at(cell, 0) + 4 * BOXES].any()


def test_a_center_on_the_far_border_counts_to_the_last_cell():
    found = check(Grid(1), [objects([[118, 86, 138, 106]], [2])])
    assert found[0, class_at(CELLS - 1) : class_at(CELLS)].all()


def test_difficult_objects_and_crowds_do_not_count():
    for flags in ({"difficult": [True, False]}, {"crowd": [True, False]}):
        marked = objects([[20, 20, 60, 80], [70, 10, 100, 40]], [0, 1], **flags)
        one, other = Grid(1), Grid(1)
        total(one, [marked]).backward()
        total(other, [objects(marked.boxes[1:], [1])]).backward()
        assert torch.equal(one.values.grad, other.values.grad)


def test_the_parts_vanish_at_the_truth():
    network = Grid(1)
    with torch.no_grad():
        network.values.zero_()
        cell, at = GRID + 1, box_at(GRID + 1, 1)
        network.values[0, class_at(cell) + 3] = 1
        network.values[0, confidence_at(cell, 1)] = 1
        sizes = [math.sqrt(20 / WIDTH), math.sqrt(10 / HEIGHT)]
        network.values[0, at : at + 4] = torch.tensor([18 / 32, 11 / 24, *sizes])
    label = [objects([[40, 30, 60, 40]], [3])]
    images = torch.zeros(1, 3, HEIGHT, WIDTH)
    parts = Objective(network)(network, images, label, seen=0, rng=torch.Generator())
    assert list(parts) == ["center", "size", "confidence", "classes"]
    assert all(part < 1e-12 for part in parts.values())


def test_halves_are_computed_in_float32():
    labels = [some(0, 9), some(1, 4)]
    network, exact = Grid(2, dtype=torch.bfloat16), Grid(2)
    exact.values.data = network.values.detach().double()
    with torch.autocast("cpu", torch.bfloat16):
        loss = total(network, labels)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(total(exact, labels).item(), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("how", FILLS)
def test_no_valid_object_makes_nan(how, dtype):
    labels = hostile(WIDTH, HEIGHT, KINDS)
    network = Grid(len(labels), dtype=dtype)
    fill(network.values, how)
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        loss = total(network, labels)
    loss.backward()
    assert loss.isfinite()
    assert loss > 0
    assert network.values.grad.isfinite().all()
