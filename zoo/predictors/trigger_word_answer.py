"""The result of trigger word detection: the times of the word in a recording.

Proof: tests/predictors/test_trigger_word.py.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from zoo.predictors.answer import Answer
from zoo.viz.sound import Mark, sound_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Detection(Answer):
    """One detection of the word."""

    word: str
    time: float  # seconds from the first sample to the end of the step that detected it
    probability: float  # of that step

    @property
    def when(self) -> str:
        """The time in minutes and seconds, and the probability."""
        return f"{clock(self.time)} ({100 * self.probability:.0f} %)"

    def __str__(self) -> str:
        return f"{self.word} at {self.when}"

    def to_json(self) -> dict[str, Any]:
        """Time and probability, rounded."""
        return {"time": round(self.time, 4), "probability": round(self.probability, 6)}


@dataclass(frozen=True, eq=False)
class Detections(Answer):
    """All detections of the word in a recording, or in a part of it."""

    word: str
    detections: tuple[Detection, ...]
    probabilities: Tensor  # (T,), of every step
    step: float  # seconds between steps
    seconds: float  # duration of the whole recording
    threshold: float
    spectrogram: Tensor = field(repr=False)  # (C, D), of the recording
    column: float = field(repr=False)  # seconds per column
    start: float = 0.0  # seconds from the first sample to the first step and column
    notice: str = ""  # that it is too quiet to be heard, or to be heard well

    @property
    def times(self) -> tuple[float, ...]:
        """The times of the detections, in seconds."""
        return tuple(one.time for one in self.detections)

    def __str__(self) -> str:
        more = f" ({self.notice})" if self.notice else ""
        if not self.detections:
            return f"no {self.word} in {clock(self.seconds)}{more}"
        return f"{self.word} at {', '.join(one.when for one in self.detections)}{more}"

    def to_json(self) -> dict[str, Any]:
        """Word, detections, duration and threshold."""
        return {
            "word": self.word,
            "detections": [one.to_json() for one in self.detections],
            "seconds": round(self.seconds, 4),
            "threshold": self.threshold,
            **({"notice": self.notice} if self.notice else {}),
        }

    def plot(self) -> "Figure":
        """Spectrogram, probability and detections, as a matplotlib figure."""
        figure: Figure = sound_figure(
            self.spectrogram,
            self.column,
            curve=self.probabilities,
            curve_seconds=self.step,
            threshold=self.threshold,
            marks=[Mark(one.time, text=self.word) for one in self.detections],
            start=self.start,
        )
        return figure


def clock(seconds: float) -> str:
    """A time in minutes, seconds and hundredths.

    >>> clock(3.417), clock(3725)
    ('0:03.42', '1:02:05.00')
    """
    hundredths = round(100 * seconds)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest / 100:05.2f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
