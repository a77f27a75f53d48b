"""Decoding by loops over cells and anchors, and selection by the textbook's greedy loop."""

import math

import pytest
import torch

from zoo.ops.boxes import yolo
from zoo.ops.boxes.yolo import Decoded

ANCHORS = ((10.0, 14.0), (23.0, 27.0))


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sigmoid(t):
    return 1 / (1 + math.exp(-t))


def by_hand(raw, anchors, stride, classes):
    """One image's map (A (5 + K), h, w) to rows of box and scores, as Darknet's loops go."""
    count, (channels, h, w) = len(anchors), raw.shape
    boxes, scores = [], []
    for row in range(h):
        for column in range(w):
            for a in range(count):
                x, y, tw, th, objectness, *rest = raw[:, row, column].tolist()[
                    a * channels // count : (a + 1) * channels // count
                ]
                cx, cy = (column + sigmoid(x)) * stride, (row + sigmoid(y)) * stride
                bw, bh = math.exp(tw) * anchors[a][0], math.exp(th) * anchors[a][1]
                boxes.append([cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2])
                scores.append([sigmoid(objectness) * p for p in classes(rest)])
    return torch.tensor(boxes, dtype=torch.float64), torch.tensor(scores, dtype=torch.float64)


def softmax(values):
    total = sum(math.exp(v) for v in values)
    return [math.exp(v) / total for v in values]


@pytest.mark.parametrize("version", [2, 3])
def test_decoding(version):
    raw = numbers(2, 2 * 8, 2, 3)
    if version == 3:
        decoded = yolo.decode_v3([raw], ANCHORS[::-1], [(1, 0)], [16])
    else:
        decoded = yolo.decode_v2(raw, [[w / 16, h / 16] for w, h in ANCHORS], 16)
    classes = softmax if version == 2 else lambda values: [sigmoid(v) for v in values]
    for image, boxes, scores in zip(raw, *decoded, strict=True):
        expected = by_hand(image, ANCHORS, 16, classes)
        assert torch.allclose(boxes, expected[0], rtol=0, atol=1e-10)
        assert torch.allclose(scores, expected[1], rtol=0, atol=1e-10)


def test_heads_of_v3_follow_each_other():
    maps = [numbers(1, 16, 1, 2), numbers(1, 8, 2, 4, seed=1)]
    together = yolo.decode_v3(maps, ((9.0, 8.0), *ANCHORS), [(1, 2), (0,)], [32, 16])
    alone = [yolo.decode_head(maps[0], ANCHORS, 32), yolo.decode_head(maps[1], [(9.0, 8.0)], 16)]
    for both, parts in zip(together, zip(*alone, strict=True), strict=True):
        assert torch.equal(both, torch.cat(parts, 1))


def test_decoding_of_v1():
    """2 x 2 cells, 2 boxes each, 3 classes, an image of 96 x 128 pixels."""
    raw = numbers(2, 2 * 2 * (3 + 2 * 5)).abs() / 2
    decoded = yolo.decode_v1(raw, 2, 2, (96, 128))
    for image, boxes, scores in zip(raw.tolist(), *decoded, strict=True):
        for cell in range(4):
            for box in range(2):
                x, y, w, h = image[12 + 8 + (cell * 2 + box) * 4 :][:4]
                cx, cy = (cell % 2 + x) / 2 * 128, (cell // 2 + y) / 2 * 96
                corners = [cx - w * w * 64, cy - h * h * 48, cx + w * w * 64, cy + h * h * 48]
                assert boxes[cell * 2 + box].tolist() == pytest.approx(corners)
                confidence = image[12 + cell * 2 + box]
                expected = [min(confidence * p, 1) for p in image[cell * 3 : cell * 3 + 3]]
                assert scores[cell * 2 + box].tolist() == pytest.approx(expected)


def test_no_number_of_a_network_makes_a_box_infinite():
    raw = torch.full((1, 16, 1, 1), 1e4)
    boxes = yolo.decode_head(raw, ANCHORS, 32).boxes
    assert torch.isfinite(boxes).all()
    assert torch.isfinite((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])).all()


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return both / (sum(areas) - both)


def greedy(boxes, scores, threshold, overlap, limit):
    """(score, label, box) of what is kept."""
    found = []
    for label in range(scores.shape[1]):
        ranked = sorted(zip(scores[:, label].tolist(), boxes.tolist(), strict=True), reverse=True)
        kept = []
        for score, box in ranked:
            if score > threshold and all(iou(box, other) <= overlap for _, other in kept):
                kept.append((score, box))
        found += [(score, label, box) for score, box in kept]
    return sorted(found, reverse=True)[:limit]


@pytest.mark.parametrize("limit", [5, 1000])
@pytest.mark.parametrize("first", [16, 4096])
def test_selection_is_greedy_for_each_class(limit, first, monkeypatch):
    monkeypatch.setattr(yolo, "FIRST", first)
    rng = torch.Generator().manual_seed(3)
    corner, size = (torch.rand(2, 150, 2, generator=rng) * 60 + 1 for _ in range(2))
    scores = torch.rand(2, 150, 3, generator=rng)
    boxes = torch.cat((corner, corner + size), 2)
    found = yolo.select(Decoded(boxes, scores), threshold=0.3, overlap=0.45, limit=limit)
    for detections, *image in zip(found, boxes, scores, strict=True):
        expected = greedy(*image, 0.3, 0.45, limit)
        assert detections.size == len(expected) == min(limit, detections.size)
        assert detections.labels.tolist() == [label for _, label, _ in expected]
        assert torch.equal(detections.scores, torch.tensor([score for score, _, _ in expected]))
        assert torch.equal(detections.boxes, torch.tensor([box for *_, box in expected]))


def test_nothing_above_the_threshold():
    decoded = Decoded(torch.rand(1, 4, 4), torch.rand(1, 4, 2) / 2)
    (found,) = yolo.select(decoded, threshold=0.5, overlap=0.45, limit=10)
    assert found.boxes.shape == (0, 4)
    assert found.labels.dtype == torch.int64
