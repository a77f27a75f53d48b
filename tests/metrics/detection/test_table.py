"""The table of AP by class."""

import torch

from zoo.metrics.detection.scores import PROTOCOLS, evaluate
from zoo.metrics.detection.table import HEADS, table, twelve_lines
from zoo.ops.boxes.objects import Detections, objects


def scores():
    truth = [
        objects([[0, 0, 40, 40], [100, 100, 140, 140]], [0, 0]),
        objects([[0, 0, 40, 40]], [1]),
    ]
    boxes = torch.tensor([[0.0, 0, 40, 40], [200, 200, 240, 240]])
    found = [
        Detections(boxes, torch.tensor([0, 1]), torch.tensor([0.9, 0.2])),
        Detections(boxes[:1], torch.tensor([1]), torch.tensor([0.8])),
    ]
    return evaluate(found, truth, 3)


def test_each_class_that_occurs_has_a_line_and_the_protocols_are_named():
    text = table(scores(), ("cat", "dog", "cow"), 0.5)
    lines = text.split("\n")
    assert lines[0].split() == ["AP,", "%", *HEADS.values(), "found", "missed", "false", "alarms"]
    assert lines[1].split() == ["cat", "50.00", "54.55", "50.50", "50.50", "1", "1", "0"]
    assert lines[2].split() == ["dog", "100.00", "100.00", "100.00", "100.00", "1", "0", "0"]
    assert lines[3].split() == ["mean,", "all", "75.00", "77.27", "75.25", "75.25", "2", "1", "0"]
    assert lines[4] == "at threshold 0.5 (IoU > .5): precision 100.0 %, recall 66.7 %, F1 80.0 %"
    assert all(meaning in text for meaning in PROTOCOLS.values())
    assert "cow" not in text
    assert lines[-1] == "fewer than 30 objects, too few for a reliable AP: cat, dog"


def test_a_lower_threshold_lets_false_alarms_in():
    assert table(scores(), ("cat", "dog", "cow"), 0.1).split("\n")[2].split()[-1] == "1"


def test_a_class_without_objects_has_no_score_but_false_alarms():
    nothing = evaluate(scores_of_a_stray_box(), [objects([], [])], 1)
    assert table(nothing, ("cat",), 0.1).split("\n")[1].split() == ["cat", *"----", "0", "0", "1"]


def scores_of_a_stray_box():
    return [Detections(torch.ones(1, 4), torch.tensor([0]), torch.tensor([0.9]))]


def test_the_twelve_numbers_are_fractions():
    lines = twelve_lines(scores()).split("\n")
    assert len(lines) == 6
    assert lines[0].split() == ["AP", "0.752", "AR", "1", "0.750"]
    assert lines[3].split() == ["AP", "small", "-1.000", "AR", "small", "-1.000"]
