"""Word vectors: ``Vectors`` with a predictor: a word or an analogy in, the nearest words out.

>>> vectors = WordVectors(["man", "king", "woman", "queen"], [[1, 0], [1, 2], [-1, 0], [-1, 2]])
>>> vectors("man king woman").words[0][0]
'queen'

Proof: tests/predictors/test_word_vectors.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.data.text.word_front_end import WordFrontEnd
from zoo.data.vectors import word_counts
from zoo.data.vectors.search import Matrix, nearest_rows_of_each
from zoo.data.vectors.vectors import Neighbours, Vectors
from zoo.errors import BadFile, BadInput
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.predictor import Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWN = 15  # neighbours of each word in a figure
PROBED = 3  # words of the test vector


@dataclass(frozen=True)
class Options:
    """Options of a search for nearest words."""

    top_k: int = option(10, "number of nearest words", metavar="K")


@dataclass(frozen=True)
class NearestWords(Answer):
    """The words nearest to a word or to the solution of an analogy, with their cosines."""

    question: tuple[str, ...]  # one word, or three
    words: tuple[tuple[str, float], ...]
    vectors: "WordVectors" = field(repr=False, compare=False)

    def __str__(self) -> str:
        return ", ".join(f"{word} {cosine:.3f}" for word, cosine in self.words)

    def to_json(self) -> dict[str, Any]:
        """Question and words."""
        return {"question": list(self.question), "nearest": [list(pair) for pair in self.words]}

    def plot(self) -> "Figure":
        """The words of the question and their neighbours, as a matplotlib figure."""
        return self.vectors.plot(self.question, also=[word for word, _ in self.words])


class WordVectors(Vectors, Predictor[Options]):
    """Word vectors as a predictor: neighbours for ``"king"``, queen for ``"man king woman"``.

    ``WordVectors.load`` reads a file as ``Vectors.load`` does.
    """

    FILE = "a file of word vectors"
    reads_text = draws = True

    model: nn.Module  # of a card; vectors that were read from a file have none
    device = torch.device("cpu")  # NumPy searches them
    top_k = Options().top_k

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "WordVectors":
        """The vectors of a card: the only parameter of its model, a row for each word.

        Raises:
            BadFile: if the number of words is not that of the rows.
            BadInput: for ``top_k`` below 1.
        """
        table = next(model.parameters()).detach().float().cpu()
        words = WordFrontEnd.from_card(card.front_end, vocabulary).vocabulary.words
        if table.shape[:1] != (len(words),):
            got = f"{len(words)} words for {len(table)} vectors"
            raise BadFile(f"{card.name} holds {got}; do not use it")
        _check(options)
        vectors = cls(words, table.numpy())
        if card.folder:
            vectors.counts = word_counts.read(card.folder / word_counts.file_name(card.name), words)
        vectors.model, vectors.top_k = model.eval(), options.top_k
        return vectors

    @classmethod
    def from_file(cls, path: Path, options: Options) -> "WordVectors":
        """The vectors of a file of word2vec, GloVe, fastText or safetensors.

        Raises:
            Missing, BadFile: as ``Vectors.load``.
            BadInput: for ``top_k`` below 1.
        """
        _check(options)
        vectors = cls.load(path)
        vectors.top_k = options.top_k
        return vectors

    def __call__(self, raw: Any) -> Any:
        """The nearest words for a text of one word or of three, or for each of a list of texts.

        Raises:
            UnknownName: for an unknown word; near ones are given.
            BadInput: for another number of words.
        """
        if not isinstance(raw, list | tuple):
            return self([raw])[0]
        questions = [self._question(one) for one in raw]
        if not questions:
            return []
        directions = np.stack([self._direction(words) for words in questions])
        rows = [[self.row(word) for word in words] for words in questions]
        found = nearest_rows_of_each(self.matrix, self.norms, directions, self.top_k, rows)
        return [
            NearestWords(words, tuple((self.words[row], cosine) for row, cosine in near), self)
            for words, near in zip(questions, found, strict=True)
        ]

    def _question(self, raw: Any) -> tuple[str, ...]:
        """One word or three."""
        if not isinstance(raw, str):
            raise BadInput(f"expected a word or three as a text, got {type(raw).__name__}")
        words = (raw,) if raw in self else tuple(raw.split())  # a word may hold spaces
        if len(words) not in (1, 3):
            raise BadInput(f"expected a word, or three (a is to b as c is to ?), got {raw!r}")
        return words

    def _direction(self, words: tuple[str, ...]) -> Matrix:
        """That of a word, or of the solution of an analogy: (D,)."""
        one, *others = self._unit(words)
        return others[0] - one + others[1] if others else one

    def plot(self, words: Sequence[str], *, also: Sequence[str] = (), seed: int = 0) -> "Figure":
        """A t-SNE figure of words and their neighbours.

        Args:
            also: further words to draw.

        Raises:
            UnknownName: for an unknown word; near ones are given.
            BadInput: if there are fewer than three words to draw.
        """
        from zoo.viz.embedding import embedding_figure

        words = [words] if isinstance(words, str) else list(words)
        neighbourhoods: list[Neighbours] = [self.most_similar(word, topn=DRAWN) for word in words]
        groups = {word: number for number, word in enumerate(words)}  # a word is drawn once
        for number, neighbours in enumerate(neighbourhoods):
            for word, _ in neighbours:
                groups.setdefault(word, number)
        for word in also:
            groups.setdefault(word, len(words))
        rows = [self.row(word) for word in groups]
        numbers = list(groups.values())
        figure: Figure = embedding_figure(list(groups), self.unit[rows], numbers, seed=seed)
        return figure

    def vector_input(self) -> str:
        """The first words without a space in them."""
        return " ".join([word for word in self.words if word.split() == [word]][:PROBED])

    def output_of(self, text: str) -> Tensor:
        """The mean vector (D,) of the words.

        Raises:
            BadFile: if a word is unknown.
        """
        words = text.split()
        if not words or not all(word in self for word in words):
            raise BadFile("the card's test vector is of words that the file does not hold")
        return torch.from_numpy(self.matrix[[self.row(word) for word in words]]).mean(0)


def _check(options: Options) -> None:
    if options.top_k < 1:
        raise BadInput(f"top_k must be at least 1, got {options.top_k}")


PREDICTOR = WordVectors
