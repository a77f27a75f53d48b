"""The one entry: names, percent, orders of boxes and images, sets without anything, bad input."""

import math
import tracemalloc

import numpy as np
import pytest
import torch

import zoo
from tests.metrics.detection.sets import pycocotools, random_set
from zoo.data.root import data_folder
from zoo.metrics.detection.scores import PROTOCOLS, evaluate
from zoo.ops.boxes.objects import Detections, no_detections, objects


def test_the_means_are_those_of_the_protocols():
    found, truth, areas = random_set(0)
    scores = evaluate(found, truth, 3, areas=areas)
    assert scores.means.keys() == PROTOCOLS.keys()
    assert scores.means["map_coco"] == pytest.approx(100 * scores.coco.twelve["AP"])
    assert scores.means["map_coco50"] == pytest.approx(100 * scores.coco.twelve["AP50"])
    assert scores.means["map_voc10"] == pytest.approx(np.mean(scores.classes["map_voc10"]))


def test_the_order_of_images_and_of_boxes_changes_nothing():
    found, truth, areas = random_set(1, ties=False, images=20)
    first = evaluate(found, truth, 3, areas=areas)
    rng = torch.Generator().manual_seed(0)
    images = torch.randperm(len(found), generator=rng).tolist()
    shuffled = []
    for n in images:
        a, b = (torch.randperm(one.size, generator=rng) for one in (found[n], truth[n]))
        shuffled.append((found[n].pick(a), truth[n].pick(b), torch.tensor(areas[n])[b]))
    second = evaluate(*zip(*((f, t) for f, t, _ in shuffled), strict=True), 3,
                      areas=[area for *_, area in shuffled])  # fmt: skip
    assert list(first.means.values()) == pytest.approx(list(second.means.values()), abs=1e-10)
    assert first.coco.twelve == pytest.approx(second.coco.twelve, abs=1e-12)
    assert first.f1.best == second.f1.best


@pytest.mark.parametrize(
    ("found", "truth"),
    [
        ([], []),
        ([no_detections()], [objects([], [])]),
        ([no_detections()], [objects([[0, 0, 9, 9]], [1])]),
        (
            [Detections(torch.ones(1, 4), torch.tensor([0]), torch.tensor([0.9]))],
            [objects([], [])],
        ),
        (
            [Detections(torch.ones(1, 4), torch.tensor([0]), torch.tensor([0.9]))],
            [objects([[0, 0, 9, 9]], [0], difficult=[True], crowd=[True])],
        ),
    ],
)
def test_sets_without_objects_or_detections_have_a_score_of_zero(found, truth):
    scores = evaluate(found, truth, 2)
    assert scores.means == dict.fromkeys(PROTOCOLS, 0.0)
    assert scores.f1.best is None
    assert [counts.f1 for counts in scores.counts(0.5)] == [0, 0]


def test_a_box_that_is_not_finite_is_a_false_alarm_and_a_score_that_is_nan_is_left_out():
    truth = [objects([[0, 0, 9, 9]], [0])]
    boxes = [[0, 0, 9, 9], [0, 0, math.inf, math.inf], [math.nan] * 4, [0, 0, 9, 9]]
    scores = torch.tensor([0.5, 0.9, 0.8, math.nan])
    found = [Detections(torch.tensor(boxes), torch.zeros(4).long(), scores)]
    result = evaluate(found, truth, 1)
    assert result.means["map_voc10"] == pytest.approx(100 / 3)
    assert result.means["map_coco50"] == pytest.approx(100 / 3)
    assert result.matches[0].scores.tolist() == pytest.approx([0.9, 0.8, 0.5])


def test_boxes_without_an_area_match_nothing():
    truth = [objects([[5, 5, 5, 5]], [0])]
    found = [Detections(torch.full((1, 4), 5.0), torch.tensor([0]), torch.tensor([0.9]))]
    assert evaluate(found, truth, 1).means["map_coco"] == 0


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="detections of 0 images but objects of 1"):
        evaluate([], [objects([], [])], 2)
    with pytest.raises(ValueError, match=r"labels of the objects must be in 0 ... 1, got 0 ... 2"):
        evaluate([no_detections()] * 2, [objects([[0, 0, 9, 9]], [k]) for k in (0, 2)], 2)
    with pytest.raises(ValueError, match="0 areas for 1 objects"):
        evaluate([no_detections()], [objects([[0, 0, 9, 9]], [0])], 2, areas=[[]])


@pytest.mark.parametrize("box", [[60, 10, 10, 60], [0, 0, float("nan"), 9], [0, 0, 9, math.inf]])
def test_objects_whose_box_is_none_are_refused(box):
    with pytest.raises(ValueError, match="boxes of objects must be x1 <= x2, y1 <= y2, all finite"):
        evaluate([no_detections()], [objects([box], [0])], 1)


def test_fields_that_do_not_fit_each_other_are_refused():
    found = Detections(torch.zeros(2, 4), torch.zeros(1, dtype=torch.int64), torch.ones(1))
    with pytest.raises(ValueError, match=r"detections of image 0 must be .* got \(2, 4\), \(1,\)"):
        evaluate([found], [objects([], [])], 1)


@pytest.mark.long
def test_half_a_million_detections_of_one_class_need_no_more_than_400_mb():
    rng = torch.Generator().manual_seed(0)
    found, truth = [], []
    for _ in range(5000):
        low = 500 * torch.rand(20, 2, generator=rng)
        boxes = torch.cat([low, low + 8 + 150 * torch.rand(20, 2, generator=rng)], 1)
        truth.append(objects(boxes, [0] * 20))
        near = boxes.repeat(5, 1) + 4 * torch.randn(100, 4, generator=rng)
        scores = torch.rand(100, generator=rng).sort(descending=True).values
        found.append(Detections(near, torch.zeros(100).long(), scores))
    tracemalloc.start()
    scores = evaluate(found, truth, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 20 < scores.means["map_coco"] < 80
    assert peak < 400e6


@pytest.mark.long
@pytest.mark.parametrize("name", ["yolov3_tiny.bccd", "yolov3_tiny_half.bccd"])
def test_shipped_detectors_have_the_scores_that_pycocotools_gives(name):
    pytest.importorskip("pycocotools")
    if name not in zoo.list_weights():
        pytest.skip(f"{name} is not shipped")
    if not (data_folder() / "bccd").is_dir():
        pytest.skip("needs ZOO_DATA/bccd")
    result = zoo.evaluate(name, device="cpu")
    found, truth = result.task.detections("test")
    areas = [(one.boxes[:, 2:] - one.boxes[:, :2]).prod(1).tolist() for one in truth]
    stats, precision = pycocotools(found, truth, areas, 3)
    assert result.same
    assert result.scores["map_coco"] == pytest.approx(100 * stats[0], abs=1e-9)
    assert result.scores["map_coco50"] == pytest.approx(100 * stats[1], abs=1e-9)
    ours = evaluate(found, truth, 3)
    assert list(ours.coco.twelve.values()) == pytest.approx(stats, abs=1e-12)
    assert np.allclose(ours.coco.precision, precision, rtol=0, atol=1e-12)
