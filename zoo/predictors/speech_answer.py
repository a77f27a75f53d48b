"""The result of speech recognition: a text with the times of its words.

Proof: tests/predictors/test_speech_recognition.py.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from zoo.errors import BadInput
from zoo.predictors.answer import Answer
from zoo.viz.sound import Mark, sound_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Word:
    """A word and its times in the recording.

    The network predicts words and their frames; start and end of a word are refined with the level
    of the sound (``zoo.data.audio.endpoints.word_ends``).
    """

    text: str
    start: float  # seconds from the first sample
    end: float
    confidence: float  # mean probability of its characters at their frames

    def __str__(self) -> str:
        percent = f"{100 * self.confidence:.0f} %"
        return f"{self.start:9.2f} {self.end:8.2f}  {self.text}  ({percent})"

    def to_json(self) -> dict[str, Any]:
        """All fields, rounded."""
        return {
            "text": self.text,
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True)
class Alternative:
    """A hypothesis of the beam search."""

    text: str
    score: float  # of the beam search: log_p plus language model and hotword scores
    log_p: float  # ln p(text | sound), summed over the paths in the beam

    def to_json(self) -> dict[str, Any]:
        """All fields, rounded."""
        return {"text": self.text, "score": round(self.score, 4), "log_p": round(self.log_p, 4)}


@dataclass(frozen=True, eq=False)
class Transcript(Answer):
    """The transcript of a recording.

    Attributes:
        seconds: duration of the recording.
        alternatives: hypotheses, best first, including the text itself; only with ``beam``, and
            only for recordings that were recognized in one piece.
        notice: that it is too quiet to be heard, or to be heard well; "" if it is not.
    """

    text: str
    words: tuple[Word, ...]
    seconds: float
    alternatives: tuple[Alternative, ...] = ()
    spectrogram: Tensor | None = field(default=None, repr=False)  # (C, D), of the recording
    column: float = field(default=0.0, repr=False)  # seconds per column
    notice: str = ""

    def __str__(self) -> str:
        nothing = f"(nothing: {self.notice})" if self.notice else "(nothing)"
        lines = [self.text or nothing, *map(str, self.words)]
        for one in self.alternatives[1:]:
            lines.append(f"  or: {one.text or '(nothing)'}  (score {one.score:.2f})")
        if self.notice and self.text:
            lines.append(f"  note: {self.notice}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """All fields but the spectrogram."""
        return {
            "text": self.text,
            "words": [word.to_json() for word in self.words],
            "seconds": round(self.seconds, 3),
            "alternatives": [one.to_json() for one in self.alternatives],
            **({"notice": self.notice} if self.notice else {}),
        }

    def plot(self) -> "Figure":
        """The spectrogram with the words above it, as a matplotlib figure.

        Raises:
            BadInput: for a transcript without a spectrogram.
        """
        if self.spectrogram is None:
            raise BadInput("this transcript has no spectrogram; it cannot be plotted")
        marks = [Mark(word.start, word.end, word.text) for word in self.words]
        figure: Figure = sound_figure(self.spectrogram, self.column, marks=marks)
        return figure
