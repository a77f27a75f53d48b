"""The curve becomes a picture: the lines and points are where the numbers are."""

import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from zoo.metrics.verification.roc import roc_curve
from zoo.viz.roc import LEAST, roc_figure

CURVE = roc_curve(torch.tensor([0.1, 0.4]), torch.tensor([0.3, 0.9, 1.0]))


def drawn(monkeypatch, path, **options):
    """The lines of the figure: ((x, y), label) of each, and the title."""
    kept = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure,
        "savefig",
        lambda self, *args, **more: (kept.append(self), save(self, *args, **more)),
    )
    roc_figure(CURVE, path, **options)
    (axis,) = kept[0].axes
    return [(line.get_xydata().tolist(), line.get_label()) for line in axis.lines], axis.get_title()


@pytest.mark.parametrize("threshold", [None, 0.2, -5.0, 9.0])
def test_it_is_drawn(tmp_path, threshold):
    roc_figure(CURVE, tmp_path / "roc.png", threshold=threshold, title="a network")
    with Image.open(tmp_path / "roc.png") as image:
        assert image.width > 400


def test_the_curve_the_equal_error_rate_and_the_threshold_are_where_they_are(tmp_path, monkeypatch):
    lines, title = drawn(monkeypatch, tmp_path / "roc.png", threshold=0.35, title="a network")
    assert title == "a network"
    (curve, _), (eer, named), (used, of) = lines
    third = pytest.approx(100 / 3)
    assert curve[:4] == [[LEAST, 0], [LEAST, 50], [third, 50], [third, 100]]
    assert named == f"EER {CURVE.eer:.2f} %"
    assert eer == [[CURVE.eer, 100 - CURVE.eer]]
    assert CURVE.eer == third  # at 0.4 a third of two is accepted, none of the same rejected
    assert used == [[third, 50]]  # 0.1 and 0.3 are below 0.35
    assert of == "threshold 0.35"
