"""Precision-recall curves and F1: drawn, named if few, with a mean if many."""

import pytest
import torch
from PIL import Image

from tests.metrics.detection.sets import random_set
from zoo.metrics.detection.scores import evaluate
from zoo.ops.boxes.objects import Detections, no_detections, objects
from zoo.viz import detection_curves as module
from zoo.viz.detection_curves import GRID, detection_curves


@pytest.fixture
def axes(monkeypatch):
    """Both axes of what is drawn."""
    seen = []

    def kept(*shape, **size):
        figure, both = module_new_figure(*shape, **size)
        seen.extend(both)
        return figure, both

    module_new_figure = module.new_figure
    monkeypatch.setattr(module, "new_figure", kept)
    return seen


def texts(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_each_class_has_its_curve_and_the_threshold_is_marked(axes, tmp_path):
    found, truth, _ = random_set(0)
    scores = evaluate(found, truth, 3)
    detection_curves(scores, ("a", "b", "c"), tmp_path / "x.png", threshold=0.5, title="set")
    left, right = axes
    assert texts(left) == [f"{n} {ap:.1f}" for n, ap in zip("abc", scores.classes["map_voc10"],
                                                            strict=True)]  # fmt: skip
    assert texts(right) == ["threshold 0.5"]
    recall, precision = left.lines[1].get_data()
    assert recall[1:] == pytest.approx(100 * scores.matches[1].recall)
    assert precision[1:] == pytest.approx(100 * scores.matches[1].precision)
    with Image.open(tmp_path / "x.png") as image:
        assert image.width > 800


def test_of_many_classes_the_mean_has_a_name(axes, tmp_path):
    found, truth, _ = random_set(0, classes=20, images=20)
    scores = evaluate(found, truth, 20)
    detection_curves(scores, [str(n) for n in range(20)], tmp_path / "x.png")
    there = [ap for ap in scores.classes["map_voc10"] if ap is not None]
    assert texts(axes[0]) == [f"mean of {len(there)} classes {scores.means['map_voc10']:.1f}"]
    assert axes[0].lines[-1].get_ydata().mean() == pytest.approx(100 * sum(
        max(m.precision[m.recall >= r], default=0) for m in scores.matches if m.truths for r in GRID
    ) / len(there) / len(GRID))  # fmt: skip


@pytest.mark.parametrize(
    ("found", "truth"),
    [
        ([], []),
        ([no_detections()], [objects([[0, 0, 9, 9]], [0])]),
        ([Detections(torch.ones(1, 4), torch.tensor([0]), torch.tensor([0.5]))], [objects([], [])]),
    ],
)
def test_nothing_to_draw_is_no_error(found, truth, tmp_path):
    detection_curves(evaluate(found, truth, 1), ("a",), tmp_path / "x.png", threshold=0.25)
    assert (tmp_path / "x.png").stat().st_size
