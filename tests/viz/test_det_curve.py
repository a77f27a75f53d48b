"""The DET curve: drawn where it is, straight for normal scores."""

import numpy as np
import pytest
from PIL import Image

from zoo.metrics.trigger_word_events import Point
from zoo.viz.det_curve import _decreasing_part, _deviate, _percent, det_curve

CURVE = tuple(Point(t / 10, 100, m, a, 5.0) for t, m, a in [(1, 0, 900), (5, 6, 9), (9, 100, 0)])


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_the_point_in_use_is_drawn_over_the_curves(tmp_path):
    det_curve({"a": CURVE}, tmp_path / "one.png")
    det_curve({"a": CURVE}, tmp_path / "point.png", point=CURVE[1], title="alexa")
    plain, with_point = pixels(tmp_path / "one.png"), pixels(tmp_path / "point.png")
    blue = (plain[:, :, 2] - plain[:, :, 0]) > 60
    assert blue.sum() > 200
    assert (with_point.sum(2) < 60).sum() > (plain.sum(2) < 60).sum()


@pytest.mark.parametrize("point", [CURVE[0], CURVE[2], Point(0.5, 0, 0, 3, 1.0)])
def test_the_ends_of_the_scale_are_drawn_too(tmp_path, point):
    det_curve({"a": CURVE, "b": (point,)}, tmp_path / "x.png", point=point)
    assert pixels(tmp_path / "x.png").shape[2] == 3


def test_nothing_to_draw_is_no_error(tmp_path):
    det_curve({}, tmp_path / "x.png")
    assert (tmp_path / "x.png").exists()


def test_the_axis_is_in_normal_deviates():
    percent = np.array([2.275013, 15.865525, 50.0, 84.134475])
    np.testing.assert_allclose(_deviate(percent), [-2, -1, 0, 1], atol=1e-6)
    np.testing.assert_allclose(_percent(_deviate(percent)), percent)


def test_the_curve_begins_where_bursts_no_longer_flow_together():
    counts = [1, 40, 900, 900, 30, 0]
    points = [Point(n / 10, 9, 0, alarms, 1.0) for n, alarms in enumerate(counts)]
    assert [point.alarms for point in _decreasing_part(points)] == [900, 30, 0]
    assert _decreasing_part([]) == []
