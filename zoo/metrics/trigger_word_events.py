"""Misses and false alarms per hour of a wake word: events are counted, not frames.

A detection is an upward crossing of the threshold; within the refractory time after one there is
no second, and a burst above the threshold is one event however long it is. An output that is always
on therefore crosses once and misses the words; one that is always zero misses them all.
A word is hit by at most one detection and a detection hits at most one word: a second trigger on
the same word is a false alarm and hides no miss.

Frame t of an output stands for the sound up to (t + 1) * ``seconds``; that is a detection's time.
Notes: course 5, week 3, "Trigger word detection". Martin et al. 1997, "The DET curve in assessment
of detection task performance". Deviations: none.
Proof: tests/metrics/test_trigger_word_events.py (a slow count frame by frame; maximum matching).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.errors import BadInput
from zoo.metrics.intervals import poisson, wilson

REFRACTORY = 1.0  # seconds
WINDOW = (0.5, 1.0)  # a hit comes at most so many seconds before the word's end and after it
LOGITS = (
    -8.0,
    8.0,
    161,
)  # thresholds of a sweep: even in log-odds, since most probabilities are near 0 or 1


@dataclass(frozen=True)
class Point:
    """Misses and false alarms at one threshold."""

    threshold: float
    words: int
    missed: int
    alarms: int  # false ones
    hours: float  # of sound, words and all

    @property
    def misses(self) -> float:
        """Percent of the words; NaN where there are none."""
        return 100 * self.missed / self.words if self.words else math.nan

    @property
    def per_hour(self) -> float:
        """False alarms per hour."""
        return self.alarms / self.hours

    def misses_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Percent (Wilson)."""
        low, high = wilson(self.missed, self.words, level)
        return 100 * low, 100 * high

    def per_hour_interval(self, level: float = 0.95) -> tuple[float, float]:
        """False alarms per hour (Poisson, exact)."""
        low, high = poisson(self.alarms, level)
        return low / self.hours, high / self.hours

    def __str__(self) -> str:
        """One line with both intervals.

        >>> print(Point(0.5, words=50, missed=3, alarms=1, hours=2.0))
        threshold 0.5000: missed 3 of 50, 6.0 % (2.1-16.2); 0.50 false alarms per hour (0.01-2.79)
        """
        low, high = self.misses_interval()
        fewest, most = self.per_hour_interval()
        missed = f"missed {self.missed} of {self.words}, {self.misses:.1f} % ({low:.1f}-{high:.1f})"
        alarms = f"{self.per_hour:.2f} false alarms per hour ({fewest:.2f}-{most:.2f})"
        return f"threshold {self.threshold:.4f}: {missed if self.words else 'no words'}; {alarms}"

    def to_json(self) -> dict[str, Any]:
        """Counts, rates and intervals, for machines."""
        return {
            **self.__dict__,
            "misses": self.misses if self.words else None,
            "misses_interval": self.misses_interval(),
            "per_hour": self.per_hour,
            "per_hour_interval": self.per_hour_interval(),
        }


Curve = tuple[Point, ...]  # thresholds rising


def events(
    probability: Tensor, seconds: float, threshold: float, refractory: float = REFRACTORY
) -> Tensor:
    """Times (M,) in seconds, float64, at which the word is detected.

    Args:
        probability: (T,), one for each step of the output.
        seconds: from one step to the next.
        threshold: a step at or above it is "on".
        refractory: from a detection to the next one there is at least so long.

    >>> events(torch.tensor([0.1, 0.9, 0.8, 0.2, 0.1, 0.7]), 0.5, threshold=0.6).tolist()
    [1.0, 3.0]

    Raises:
        BadInput: for probabilities that are not (T,) and finite.
    """
    levels = torch.tensor([threshold], dtype=torch.float64)
    _, frames = crossings([probability], levels, quiet_frames(refractory, seconds))
    return (frames + 1).double() * seconds


def quiet_frames(refractory: float, seconds: float) -> int:
    """The refractory time in steps, at least 1."""
    if not (seconds > 0 and refractory >= 0):
        raise BadInput(
            f"seconds must be above 0 and refractory at least 0, got {seconds}, {refractory}"
        )
    return max(1, math.ceil(refractory / seconds - 1e-9))  # 1 s of 0.1 s steps is 10, not 11


def crossings(
    probabilities: Sequence[Tensor], thresholds: Tensor, quiet: int
) -> tuple[Tensor, Tensor]:
    """All detections in all recordings at all thresholds at once.

    Args:
        probabilities: (T_n,) for each of N recordings.
        thresholds: (K,), rising.
        quiet: least number of steps from one detection to the next.

    Returns:
        Rows (M,), ``k * N + n``, sorted, and frames (M,), rising within a row.
    """
    levels, starts = thresholds.double(), []
    for index, one in enumerate(probabilities):
        if one.dim() != 1 or not bool(torch.isfinite(one).all()):
            raise BadInput(f"probabilities {index} must be (T,) and finite, got {tuple(one.shape)}")
        starts.append(torch.arange(len(one)))
    if not probabilities:
        return torch.zeros(0, dtype=torch.long), torch.zeros(0, dtype=torch.long)
    now = torch.cat([one.detach().cpu().double() for one in probabilities])
    frame = torch.cat(starts)
    which = torch.repeat_interleave(
        torch.arange(len(probabilities)), torch.tensor([len(one) for one in probabilities])
    )
    before = now.roll(1).masked_fill(frame == 0, -math.inf)  # nothing is on before a recording
    first = torch.searchsorted(levels, before, right=True)  # thresholds above the step before ...
    last = torch.searchsorted(levels, now, right=True)  # ... and not above this one
    many = (last - first).clamp(min=0)
    place = torch.repeat_interleave(torch.arange(len(now)), many)
    level = torch.arange(len(place)) - (many.cumsum(0) - many)[place] + first[place]
    rows = level * len(probabilities) + which[place]
    order = torch.argsort(rows, stable=True)  # the frames of a row are in order already
    rows, frames = rows[order], frame[place][order]
    kept = _apart(rows, frames, quiet)
    return rows[kept], frames[kept]


def _apart(rows: Tensor, frames: Tensor, quiet: int) -> Tensor:
    """Which crossings (M,) are detections: the first of a row, then the first far enough from it.

    That is a chain from crossing to crossing; all chains are followed at once, and in step n
    2^n links of each (pointer doubling), so that the steps are few however many detections.
    """
    many = len(rows)
    wide = int(frames.max()) + quiet + 1 if many else 1
    keys = rows * wide + frames
    after = torch.searchsorted(keys, keys + quiet)
    same = after < many
    same[same.clone()] = rows[after[same]] == rows[same]
    after = torch.where(same, after, many)  # the end of a row: a place behind the last
    after = torch.cat([after, torch.tensor([many])])
    kept = torch.ones(many + 1, dtype=torch.bool)
    kept[1:many] = rows[1:] != rows[:-1]
    while bool((after < many).any()):
        kept[after[kept]] = True
        after = after[after]
    return kept[:many]


def match(
    detected: Sequence[float], word_ends: Sequence[float], window: tuple[float, float] = WINDOW
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Match detections with words: a maximum matching.

    Args:
        detected: times in seconds.
        word_ends: when the words were over, in seconds.
        window: seconds before and after a word's end in which a detection hits it.

    Returns:
        Hits (word, detection), missed words, and false alarms, as indices into the arguments.

    >>> match([1.1, 1.4, 9.0], [1.0, 5.0])
    ([(0, 0)], [1], [1, 2])
    """
    early, late = window
    times = sorted(range(len(detected)), key=lambda n: detected[n])
    ends = sorted(range(len(word_ends)), key=lambda n: word_ends[n])
    hits, at = [], 0
    for word in ends:  # windows are equally wide: greedy matching is maximum
        while at < len(times) and detected[times[at]] < word_ends[word] - early:
            at += 1
        if at < len(times) and detected[times[at]] <= word_ends[word] + late:
            hits.append((word, times[at]))
            at += 1
    hit, used = {word for word, _ in hits}, {time for _, time in hits}
    missed = [n for n in range(len(word_ends)) if n not in hit]
    return sorted(hits), missed, [n for n in range(len(detected)) if n not in used]


def sweep(
    probabilities: Sequence[Tensor],
    word_ends: Sequence[Sequence[float]],
    seconds: float,
    *,
    hours: float | None = None,
    thresholds: Tensor | Sequence[float] | None = None,
    refractory: float = REFRACTORY,
    window: tuple[float, float] = WINDOW,
) -> Curve:
    """Misses and false alarms at each threshold, rising; all are counted at once.

    Args:
        probabilities: (T_n,) for each recording; with words, without, or both.
        word_ends: for each recording, when the words in it were over, in seconds.
        seconds: from one step of the output to the next.
        hours: of sound; None takes the length of all recordings together.
        thresholds: None takes 161 of them from 0.0003 to 0.9997, even in log-odds.

    Raises:
        BadInput: if probabilities are not finite, or recordings and words do not match.
    """
    if len(probabilities) != len(word_ends):
        raise BadInput(f"{len(probabilities)} recordings, but words for {len(word_ends)}")
    if thresholds is None:
        thresholds = torch.linspace(*LOGITS, dtype=torch.float64).sigmoid()
    levels = torch.as_tensor(thresholds, dtype=torch.float64).unique()  # sorts them
    rows, frames = crossings(probabilities, levels, quiet_frames(refractory, seconds))
    steps = [len(one) for one in probabilities]
    hours = sum(steps) * seconds / 3600 if hours is None else hours
    if not hours > 0:
        raise BadInput(f"false alarms per hour need some sound, got {hours} hours")
    times = (torch.arange(max(steps, default=0)) + 1).double() * seconds
    hits = _hits(rows, frames, len(levels), times, word_ends, window)
    detections = torch.bincount(rows // max(len(steps), 1), minlength=len(levels))
    words = sum(map(len, word_ends))
    return tuple(
        Point(level, words, words - hit, count - hit, hours)
        for level, hit, count in zip(
            levels.tolist(), hits.tolist(), detections.tolist(), strict=True
        )
    )


def _hits(
    rows: Tensor,
    frames: Tensor,
    levels: int,
    times: Tensor,
    word_ends: Sequence[Sequence[float]],
    window: tuple[float, float],
) -> Tensor:
    """How many words are hit at each threshold (K,): ``match``, word after word of all rows."""
    wide, many = len(times) + 2, len(word_ends)
    keys = torch.cat([rows * wide + frames, torch.tensor([levels * many * wide])])
    hits = torch.zeros(levels, many, dtype=torch.long)
    at = torch.zeros(levels, many, dtype=torch.long)  # the first detection not yet used
    base = torch.arange(levels * many).view(levels, many) * wide
    ends = [sorted(each) for each in word_ends]
    for rank in range(max(map(len, ends), default=0)):
        here = [n for n in range(many) if rank < len(ends[n])]
        end = torch.tensor([ends[n][rank] for n in here], dtype=torch.float64)
        start = torch.searchsorted(times, end - window[0])
        stop = torch.searchsorted(times, end + window[1], right=True)
        first = torch.searchsorted(keys, base[:, here] + start)
        first = torch.maximum(first, at[:, here])
        hit = keys[first] < base[:, here] + stop
        hits[:, here] += hit
        at[:, here] = first + hit
    return hits.sum(1)


def at_rate(curve: Curve, per_hour: float) -> Point:
    """The threshold that misses least with at most so many false alarms per hour.

    Of those that miss as little, the one with the fewest false alarms, then the highest.

    Raises:
        BadInput: if every threshold gives more.
    """
    allowed = [point for point in curve if point.per_hour <= per_hour]
    if not allowed:
        least = min((point.per_hour for point in curve), default=math.inf)
        raise BadInput(
            f"no threshold gives at most {per_hour:g} false alarms per hour; the least is {least:g}"
        )
    return min(allowed, key=lambda point: (point.missed, point.alarms, -point.threshold))
