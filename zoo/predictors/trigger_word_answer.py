"""What a listener answers: when a word was said, for people, machines and the eye.

Proof: tests/predictors/test_trigger_word.py.
"""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from zoo.viz.sound import Mark, heard


@dataclass(frozen=True)
class Detection:
    """The word was said."""

    time: float  # seconds from the first sample to the end of the step that said so
    probability: float  # of that step

    def __str__(self) -> str:
        return f"{clock(self.time)} ({100 * self.probability:.0f} %)"

    def to_json(self) -> dict[str, float]:
        """For machines."""
        return {"time": round(self.time, 4), "probability": round(self.probability, 6)}


@dataclass(frozen=True, eq=False)
class Detections:
    """When the word was said in a recording."""

    word: str
    found: tuple[Detection, ...]
    probabilities: Tensor  # (T,), of every step
    step: float  # seconds from one to the next
    seconds: float  # of the whole recording
    threshold: float
    columns: Tensor = field(repr=False)  # (C, D), the recording as a picture
    column: float = field(repr=False)  # seconds of each
    start: float = 0.0  # the time of the first step and column, in seconds

    @property
    def times(self) -> tuple[float, ...]:
        """Of the detections, in seconds."""
        return tuple(one.time for one in self.found)

    def __str__(self) -> str:
        if not self.found:
            return f"no {self.word} in {clock(self.seconds)}"
        return f"{self.word} at {', '.join(map(str, self.found))}"

    def to_json(self) -> dict[str, Any]:
        """The detections, for machines."""
        return {
            "word": self.word,
            "detections": [one.to_json() for one in self.found],
            "seconds": round(self.seconds, 4),
            "threshold": self.threshold,
        }

    def plot(self) -> Any:
        """Spectrogram, probability and detections; a matplotlib figure."""
        return heard(
            self.columns,
            self.column,
            curve=self.probabilities,
            curve_seconds=self.step,
            threshold=self.threshold,
            marks=[Mark(one.time, text=self.word) for one in self.found],
            start=self.start,
        )


def clock(seconds: float) -> str:
    """Minutes, seconds and hundredths.

    >>> clock(3.417), clock(3725)
    ('0:03.42', '1:02:05.00')
    """
    hundredths = round(100 * seconds)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest / 100:05.2f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
