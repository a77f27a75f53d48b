"""The answer of a speech recognizer: a text, and when each of its words was spoken.

Proof: tests/predictors/test_speech_recognition.py.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from zoo.errors import BadInput
from zoo.predictors.predictor import Answer
from zoo.viz.sound import Mark, sound_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Word:
    """A word and its place in the recording.

    The network gives the words and their frames; where a word begins and ends is where its sound
    does (``zoo.data.audio.endpoints.word_ends``).
    """

    text: str
    start: float  # seconds from the first sample
    end: float
    confidence: float  # mean probability of its characters where they are

    def __str__(self) -> str:
        sure = f"{100 * self.confidence:.0f} %"
        return f"{self.start:9.2f} {self.end:8.2f}  {self.text}  ({sure})"

    def to_json(self) -> dict[str, Any]:
        """All of it, rounded."""
        return {
            "text": self.text,
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True)
class Alternative:
    """Another text that the sound may be."""

    text: str
    score: float  # what the beam ranks by: log_p and the shares of language model and hotwords
    log_p: float  # ln p(text | sound), as far as the beam has summed it

    def to_json(self) -> dict[str, Any]:
        """All of it, rounded."""
        return {"text": self.text, "score": round(self.score, 4), "log_p": round(self.log_p, 4)}


@dataclass(frozen=True, eq=False)
class Transcript(Answer):
    """The text that was spoken in a recording.

    Attributes:
        seconds: of the recording.
        alternatives: best first, the text itself among them; with ``beam`` only, and only for
            recordings that were recognized in one piece.
    """

    text: str
    words: tuple[Word, ...]
    seconds: float
    alternatives: tuple[Alternative, ...] = ()
    spectrogram: Tensor | None = field(default=None, repr=False)  # (C, D), of the recording
    column: float = field(default=0.0, repr=False)  # seconds of each of its columns

    def __str__(self) -> str:
        lines = [self.text or "(nothing)", *map(str, self.words)]
        for one in self.alternatives[1:]:
            lines.append(f"  or: {one.text or '(nothing)'}  (score {one.score:.2f})")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """All of it but the spectrogram."""
        return {
            "text": self.text,
            "words": [word.to_json() for word in self.words],
            "seconds": round(self.seconds, 3),
            "alternatives": [one.to_json() for one in self.alternatives],
        }

    def plot(self) -> "Figure":
        """Spectrogram with the words over it, as a matplotlib figure.

        Raises:
            BadInput: for a transcript that was made without a recording.
        """
        if self.spectrogram is None:
            raise BadInput("this transcript came without its sound, which the figure shows")
        marks = [Mark(word.start, word.end, word.text) for word in self.words]
        figure: Figure = sound_figure(self.spectrogram, self.column, marks=marks)
        return figure
