"""A book as a predictor: photos, folders and videos in, ``Identification`` out.

So ``zoo faces identify`` takes and writes what ``zoo predict`` does.
Proof: tests/faces/test_identifier.py.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, ZooError
from zoo.faces.book import Book
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import images, video_frames
from zoo.predictors.inputs.frame import Frame
from zoo.predictors.predictor import Predictor


class Identifier(Predictor[None]):
    """The faces of photos, with their names in a book."""

    draws = True

    def __init__(self, book: Book) -> None:
        self.book, self.verifier = book, book.verifier()
        self.model, self.device = self.verifier.model, self.verifier.device

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: None
    ) -> "Identifier":
        """A card has no book.

        Raises:
            BadFile: always.
        """
        raise BadFile(f"{card.name} is no book of faces")

    def vector_input(self) -> str:
        """As that of the book's weights."""
        return self.verifier.vector_input()

    def output_of(self, text: str) -> Tensor:
        """As that of the book's weights."""
        return self.verifier.output_of(text)

    def __call__(self, raw: Any) -> Any:
        """As ``Book.identify``."""
        return self.book.identify(raw)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Book.each``."""
        return self.book.each(inputs)

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words, each folder replaced by the images in it."""
        return images.spread(inputs)

    def frames(self, word: str) -> Iterator[Frame] | None:
        """As ``Predictor.frames``."""
        return video_frames.frames(word) if video_frames.is_video(word) else None

    def in_pairs(self) -> Predictor[Any]:
        """Whether two photos show the same, by the book's threshold."""
        return self.verifier.in_pairs()
