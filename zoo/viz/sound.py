"""A sound: its spectrogram over time, a curve of probability beneath it, words and events.

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

COLUMNS = 2000  # of a picture: more would not be seen


@dataclass(frozen=True)
class Mark:
    """An event (``end`` is None) or a word, in seconds from the first sample."""

    start: float
    end: float | None = None
    text: str = ""


class Overview:
    """Columns of a sound of any length, in memory that stays the same: pairs are joined.

    ``add`` takes features (T, D) as they come; ``columns`` (C, D) are maxima of ``each`` frames, at
    most ``most`` of them.

    >>> overview = Overview(most=4)
    >>> for n in range(6):
    ...     overview.add(torch.full((1, 2), float(n)))
    >>> overview.each, overview.columns[:, 0].tolist()
    (2, [1.0, 3.0, 5.0])
    """

    def __init__(self, most: int = COLUMNS) -> None:
        self.most, self.each = most, 1
        self.done: Tensor | None = None
        self.rest: Tensor | None = None

    def add(self, features: Tensor) -> None:
        """The next frames (T, D)."""
        features = features.detach().cpu()
        rest = features if self.rest is None else torch.cat([self.rest, features])
        whole = len(rest) // self.each * self.each
        new = _pooled(rest[:whole], self.each)
        self.done = new if self.done is None else torch.cat([self.done, new])
        self.rest = rest[whole:].clone()
        while len(self.done) > self.most:
            even = len(self.done) // 2 * 2
            odd = self.done[even:].repeat_interleave(self.each, 0)
            self.rest = torch.cat([odd, self.rest])
            self.done, self.each = _pooled(self.done[:even], 2), 2 * self.each

    @property
    def columns(self) -> Tensor:
        """What there is until now: (C, D)."""
        if self.done is None or self.rest is None:
            return torch.zeros(0, 1)
        last = self.rest.amax(0, keepdim=True) if len(self.rest) else self.rest
        return torch.cat([self.done, last])


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
    """Draw a sound; a matplotlib figure.

    Args:
        features: (T, D), such as log-mel bands.
        seconds: from one frame to the next.
        curve: (T',), probabilities from 0 to 1 over the same time; None leaves them out.
        curve_seconds: from one of them to the next.
        threshold: of the curve, a dashed line.
        marks: words above the spectrogram, events as lines across both.
        start: the time of the first frame.
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
        picture = overview.columns.t().float().numpy()
        place = (*extent, 0, len(picture))
        axis.imshow(picture, origin="lower", aspect="auto", extent=place, cmap="magma")
    axis.set(ylabel="mel band", xlim=extent)


def _probability(
    axis: Any, curve: Tensor, seconds: float, threshold: float | None, start: float
) -> None:
    curve = curve.detach().cpu().double()
    each = max(1, math.ceil(len(curve) / COLUMNS))
    peaks = _pooled(curve[:, None], each)[:, 0]
    times = start + (torch.arange(len(peaks)) + 1).double() * each * seconds
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
        place = top.get_xaxis_transform()  # x in seconds, y from 0 to 1 of the axis
        top.text(middle, 1.02, mark.text, transform=place, ha="center", fontsize=7)


def _pooled(rows: Tensor, each: int) -> Tensor:
    """Maxima of ``each`` rows, the last of those that are left: (T, D) -> (ceil(T / each), D)."""
    if each == 1 or not len(rows):
        return rows
    left = -len(rows) % each
    rows = torch.cat([rows, rows[-1:].expand(left, -1)])
    return rows.view(-1, each, rows.shape[1]).amax(1)
