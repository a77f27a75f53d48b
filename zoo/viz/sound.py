"""A figure of a sound: its spectrogram, a curve of probabilities below it, words and events.

Notes: course 5, week 3, "Speech recognition" and "Trigger word detection".
Proof: tests/viz/test_sound.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.viz.curves import new_figure

COLUMNS = 2000  # largest width of a figure in columns; more would not be visible


@dataclass(frozen=True)
class Mark:
    """An event (``end`` is None) or a word, in seconds from the first sample."""

    start: float
    end: float | None = None
    text: str = ""


class Overview:
    """A spectrogram of bounded size for a sound of any length.

    ``add`` appends features (T, D); ``columns`` (C, D) are maxima over ``frames_per_column``
    frames, which doubles whenever there are more than ``max_columns``.

    >>> overview = Overview(max_columns=4)
    >>> for n in range(6):
    ...     overview.add(torch.full((1, 2), float(n)))
    >>> overview.frames_per_column, overview.columns[:, 0].tolist()
    (2, [1.0, 3.0, 5.0])
    """

    def __init__(self, max_columns: int = COLUMNS) -> None:
        self.max_columns, self.frames_per_column = max_columns, 1
        self.complete: Tensor | None = None
        self.pending: Tensor | None = None

    def add(self, features: Tensor) -> None:
        """Append frames (T, D)."""
        features = features.detach().cpu()
        pending = features if self.pending is None else torch.cat([self.pending, features])
        full = len(pending) // self.frames_per_column * self.frames_per_column
        new = _max_pooled(pending[:full], self.frames_per_column)
        self.complete = new if self.complete is None else torch.cat([self.complete, new])
        self.pending = pending[full:].clone()
        while len(self.complete) > self.max_columns:
            even = len(self.complete) // 2 * 2
            odd = self.complete[even:].repeat_interleave(self.frames_per_column, 0)
            self.pending = torch.cat([odd, self.pending])
            self.complete = _max_pooled(self.complete[:even], 2)
            self.frames_per_column *= 2

    @property
    def columns(self) -> Tensor:
        """The columns (C, D) of all frames so far."""
        if self.complete is None or self.pending is None:
            return torch.zeros(0, 1)
        last = self.pending.amax(0, keepdim=True) if len(self.pending) else self.pending
        return torch.cat([self.complete, last])


def sound_figure(
    features: Tensor,
    seconds: float,
    *,
    curve: Tensor | None = None,
    curve_seconds: float = 0.0,
    threshold: float | None = None,
    marks: Sequence[Mark] = (),
    start: float = 0.0,
    title: str = "",
) -> Any:
    """A matplotlib figure of a sound.

    Args:
        features: (T, D), such as log-mel features.
        seconds: time from one frame to the next.
        curve: (T',) probabilities over the same time; None: no curve.
        curve_seconds: time from one probability to the next.
        threshold: drawn as a dashed line across the curve.
        marks: words above the spectrogram, events as lines across both axes.
        start: time of the first frame, in seconds.
    """
    rows = 1 if curve is None else 2
    figure, axes = new_figure(rows, 1, width=9, height=1.2 + 1.6 * rows)
    top, below = (axes, axes) if rows == 1 else axes
    end = start + max(len(features) * seconds, seconds)
    _bands(top, features, (start, end))
    if curve is not None:
        _probability(below, curve, curve_seconds, threshold, start)
        below.set(xlim=(start, end))
    for mark in marks:
        _draw(top, below, mark)
    below.set_xlabel("seconds")
    if title:
        figure.suptitle(title, fontsize=9)
    return figure


def _bands(axis: Any, features: Tensor, extent: tuple[float, float]) -> None:
    if features.numel():
        overview = Overview()
        overview.add(features)
        image = overview.columns.t().float().numpy()
        box = (*extent, 0, len(image))
        axis.imshow(image, origin="lower", aspect="auto", extent=box, cmap="magma")
    axis.set(ylabel="mel band", xlim=extent)


def _probability(
    axis: Any, curve: Tensor, seconds: float, threshold: float | None, start: float
) -> None:
    curve = curve.detach().cpu().double()
    size = max(1, math.ceil(len(curve) / COLUMNS))
    peaks = _max_pooled(curve[:, None], size)[:, 0]
    times = start + (torch.arange(len(peaks)) + 1).double() * size * seconds
    axis.plot(times.numpy(), peaks.numpy(), "C0", lw=1)
    if threshold is not None:
        axis.axhline(threshold, color="0.4", ls="--", lw=1)
    axis.set(ylabel="probability", ylim=(0, 1.02))


def _draw(top: Any, below: Any, mark: Mark) -> None:
    if mark.end is None:
        for axis in {top, below}:
            axis.axvline(mark.start, color="C1", lw=1)
    else:
        top.axvspan(mark.start, mark.end, ymin=0.97, color="C1", lw=0)
    middle = mark.start if mark.end is None else (mark.start + mark.end) / 2
    if mark.text:
        transform = top.get_xaxis_transform()  # x in seconds, y as a fraction of the axis
        top.text(middle, 1.02, mark.text, transform=transform, ha="center", fontsize=7)


def _max_pooled(rows: Tensor, size: int) -> Tensor:
    """Maxima over groups of ``size`` rows, the last one perhaps smaller: (ceil(T / size), D)."""
    if size == 1 or not len(rows):
        return rows
    missing = -len(rows) % size
    rows = torch.cat([rows, rows[-1:].expand(missing, -1)])
    return rows.view(-1, size, rows.shape[1]).amax(1)
