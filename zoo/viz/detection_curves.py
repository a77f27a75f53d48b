"""Precision against recall of each class, and F1 against the threshold, in one figure.

Everingham et al. 2010, sec. 4.2; the curves are VOC's, the steps as they are, without envelope.
Proof: tests/viz/test_detection_curves.py.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.metrics.detection.scores import DetectionScores
from zoo.viz.curves import new_figure, save

MOST = 10  # classes with a colour and a name; of more classes all are grey, the mean is drawn
GRID = np.linspace(0, 1, 101)  # recalls of the mean


def detection_curves(
    scores: DetectionScores,
    classes: Sequence[str],
    path: Path,
    *,
    threshold: float | None = None,
    title: str = "",
) -> None:
    """Draw both to a PNG.

    Args:
        threshold: is marked.
    """
    figure, (left, right) = new_figure(1, 2, width=9, height=3.8)
    aps = scores.classes["map_voc10"]
    there = [k for k, ap in enumerate(aps) if ap is not None]
    named = len(there) <= MOST
    for place, k in enumerate(there):
        one = scores.matches[k]
        recall, precision = np.insert(one.recall, 0, 0), np.insert(one.precision, 0, 1)
        look: dict[str, Any] = {
            "color": f"C{place}",
            "lw": 1.2,
            "label": f"{classes[k]} {aps[k]:.1f}",
        }
        left.plot(100 * recall, 100 * precision, **(look if named else {"color": "0.8", "lw": 0.6}))
    if there and not named:
        label = f"mean of {len(there)} classes {scores.means['map_voc10']:.1f}"
        left.plot(100 * GRID, 100 * _mean(scores, there), color="C0", lw=1.5, label=label)
    left.set(xlim=(0, 101), ylim=(0, 102), xlabel="recall (%)", ylabel="precision (%)")
    if left.has_data():
        left.legend(frameon=False, fontsize=8, title="AP, VOC10", title_fontsize=8)
    curve = scores.f1
    right.plot(curve.thresholds, curve.f1, color="C0", lw=1.2)
    if threshold is not None:
        right.axvline(threshold, color="0.4", ls="--", lw=1, label=f"threshold {threshold:.3g}")
        right.legend(frameon=False, fontsize=8)
    right.set(xlim=(0, 1), ylim=(0, 102), xlabel="threshold", ylabel="F1, all classes (%)")
    figure.suptitle(title, fontsize=9)
    save(figure, path)


def _mean(scores: DetectionScores, rows: Sequence[int]) -> Any:
    """Mean over classes of the highest precision at each recall of ``GRID`` or beyond it."""
    total = np.zeros(len(GRID))
    for k in rows:
        one = scores.matches[k]
        total += [one.precision[one.recall >= recall].max(initial=0) for recall in GRID]
    return total / len(rows)
