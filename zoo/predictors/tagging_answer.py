"""A text and its tagged spans. Proof: tests/predictors/test_tagging.py."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.predictors.answer import Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class TaggedSpan:
    """A span of the text: the characters from ``start`` up to, but not including, ``end``."""

    text: str
    type: str
    start: int
    end: int
    probability: float  # that exactly these words are a span of this type

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {**self.__dict__, "probability": round(self.probability, 6)}


@dataclass(frozen=True)
class TaggedText(Answer):
    """A text and its tagged spans, in order.

    Attributes:
        sentences: lines with words in the text; each was read as a sentence.
        nothing_known: whether none of its words is in the vocabulary.
    """

    text: str
    spans: tuple[TaggedSpan, ...]
    sentences: int = 1
    nothing_known: bool = False

    def __str__(self) -> str:
        """The text with each span in brackets: ``[Paul: person 93 %] sleeps``."""
        at, parts = 0, []
        for span in self.spans:
            parts += [self.text[at : span.start], f"[{span.text}: {span.type} "]
            parts.append(f"{100 * span.probability:.0f} %]")
            at = span.end
        return "".join([*parts, self.text[at:]])

    @property
    def remark(self) -> str:
        """How many sentences there are, if several; that no word is known, if so."""
        parts = [f"{self.sentences} lines, each read as a sentence"] if self.sentences > 1 else []
        if self.nothing_known:
            parts.append("none of its words is known to the model; tags are by letters and shapes")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The spans, the number of sentences, and whether nothing is known."""
        return {
            "spans": [span.to_json() for span in self.spans],
            "sentences": self.sentences,
            "nothing_known": self.nothing_known,
        }

    def plot(self) -> "Figure":
        """The text, its spans on the colours of their types, as a matplotlib figure."""
        from zoo.viz.text import palette, text_figure

        colours = palette(sorted({span.type for span in self.spans}))
        at = 0
        pieces: list[tuple[str, str | None]] = []
        for span in self.spans:
            pieces.append((self.text[at : span.start], None))
            label = f" {span.type} {100 * span.probability:.0f} %"
            pieces += [(span.text, colours[span.type]), (label, "0.9")]
            at = span.end
        pieces.append((self.text[at:], None))
        title = f"spans: {len(self.spans)}"
        figure: Figure = text_figure(pieces, title=title, legend=colours)
        return figure
