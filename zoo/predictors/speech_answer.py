"""What a speech recogniser answers: text, and when each word was said.

Proof: tests/predictors/test_speech_recognition.py.
"""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from zoo.errors import BadInput
from zoo.viz.sound import Mark, heard


@dataclass(frozen=True)
class Word:
    """A word and where it was heard.

    The network says which words there are and roughly where; where they begin and end is where
    their sound does (``zoo.data.audio.endpoints.word_ends``).
    """

    text: str
    start: float  # seconds from the first sample
    end: float
    confidence: float  # mean probability of its characters where they are

    def __str__(self) -> str:
        sure = f"{100 * self.confidence:.0f} %"
        return f"{self.start:9.2f} {self.end:8.2f}  {self.text}  ({sure})"

    def to_json(self) -> dict[str, Any]:
        """For machines."""
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
        """For machines."""
        return {"text": self.text, "score": round(self.score, 4), "log_p": round(self.log_p, 4)}


@dataclass(frozen=True, eq=False)
class Transcript:
    """What was said.

    Attributes:
        seconds: of the recording.
        alternatives: best first, the text itself among them; with ``beam`` only, and only for
            recordings that were heard in one piece.
    """

    text: str
    words: tuple[Word, ...]
    seconds: float
    alternatives: tuple[Alternative, ...] = ()
    columns: Tensor | None = field(default=None, repr=False)  # (C, D), the recording as a picture
    column: float = field(default=0.0, repr=False)  # seconds of each

    def __str__(self) -> str:
        lines = [self.text or "(nothing)", *map(str, self.words)]
        for one in self.alternatives[1:]:
            lines.append(f"  or: {one.text or '(nothing)'}  (score {one.score:.2f})")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """All of it but the picture, for machines."""
        return {
            "text": self.text,
            "words": [word.to_json() for word in self.words],
            "seconds": round(self.seconds, 3),
            "alternatives": [one.to_json() for one in self.alternatives],
        }

    def plot(self) -> Any:
        """Spectrogram with the words over it; a matplotlib figure."""
        if self.columns is None:
            raise BadInput("this transcript came without its sound, which the picture shows")
        marks = [Mark(word.start, word.end, word.text) for word in self.words]
        return heard(self.columns, self.column, marks=marks)
