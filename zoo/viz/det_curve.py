"""The DET curve: misses against false alarms per hour, one line for each detector.

Martin et al. 1997, "The DET curve in assessment of detection task performance": misses are plotted
on a normal-deviate axis, on which a detector with normally distributed scores is a straight line.
Deviations: false alarms are events per hour on a logarithmic axis, since a stream has no number of
trials; zero alarms are drawn as half an alarm. Very low thresholds, at which bursts merge and the
number of alarms decreases again, are not drawn. Proof: tests/viz/test_det_curve.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoo.metrics.trigger_word_events import Curve, Point
from zoo.viz.curves import new_figure, save

ENDS = (0.1, 99.9)  # limits of the axis of misses, in percent
TICKS = (0.1, 0.5, 1, 2, 5, 10, 20, 40, 60, 80, 90, 95, 99, 99.9)


def det_curve(
    curves: Mapping[str, Curve],
    path: Path,
    *,
    point: Point | None = None,
    title: str = "",
) -> None:
    """Draw one line for each named curve to a PNG.

    Args:
        point: the operating point, drawn with its 95 % intervals.
    """
    figure, axis = new_figure(1, 1, width=5.2, height=4.2)
    for name, curve in curves.items():
        points = _decreasing_part([p for p in curve if p.words])
        axis.plot(
            [_alarms(p) for p in points], [_clipped(p.misses) for p in points], label=name, lw=1
        )
    if point is not None and point.words:
        _operating(axis, point)
    axis.set_xscale("log")
    axis.set_yscale("function", functions=(_deviate, _percent))
    axis.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axis.minorticks_off()
    axis.set(ylim=ENDS, xlabel="false alarms per hour", ylabel="missed (%)", title=title)
    axis.title.set_fontsize(9)
    axis.grid(color="0.9")
    if axis.has_data():
        axis.legend(frameon=False, fontsize=8)
    save(figure, path)


def _decreasing_part(curve: list[Point]) -> list[Point]:
    """The points from the threshold with the most alarms upwards."""
    most = max((point.alarms for point in curve), default=0)
    highest = max((n for n, point in enumerate(curve) if point.alarms == most), default=0)
    return curve[highest:]


def _operating(axis: Any, point: Point) -> None:
    x, y = _alarms(point), _clipped(point.misses)
    low, high = map(_clipped, point.misses_interval())
    left, right = point.per_hour_interval()
    left = max(left, _alarms(point) / 10)  # a logarithmic axis has no 0
    axis.errorbar(
        [x],
        [y],
        xerr=[[x - min(left, x)], [max(right, x) - x]],
        yerr=[[y - min(low, y)], [max(high, y) - y]],
        fmt="ko",
        ms=4,
        lw=1,
        capsize=2,
        label=f"threshold {point.threshold:.3g}",
    )


def _alarms(point: Point) -> float:
    return max(point.alarms, 0.5) / point.hours


def _clipped(percent: float) -> float:
    return min(max(percent, ENDS[0]), ENDS[1])


def _deviate(percent: Any) -> Any:
    fraction = torch.from_numpy(np.asarray(percent, dtype=float) / 100).clamp(1e-6, 1 - 1e-6)
    return torch.special.ndtri(fraction).numpy()


def _percent(deviate: Any) -> Any:
    return 100 * torch.special.ndtr(torch.from_numpy(np.asarray(deviate, dtype=float))).numpy()
