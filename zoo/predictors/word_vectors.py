"""Word vectors: all of ``Vectors``, and a word or an analogy in, the nearest words out.

>>> from zoo.data.text.vectors import Vectors
>>> vectors = WordVectors(["man", "king", "woman", "queen"], [[1, 0], [1, 2], [-1, 0], [-1, 2]])
>>> vectors("man king woman").words[0][0]
'queen'

Proof: tests/predictors/test_word_vectors.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.vectors import Neighbours, Vectors, WordFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.options import option
from zoo.predictors.predictor import Answer, Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWN = 15  # of each word in a picture
PROBED = 3  # words of the test vector


@dataclass(frozen=True)
class Options:
    """How words are looked up."""

    top_k: int = option(10, "how many words an answer has", metavar="K")


@dataclass(frozen=True)
class NearestWords(Answer):
    """The words nearest to a word, or to what completes an analogy, with their cosines."""

    question: tuple[str, ...]  # one word, or three
    words: tuple[tuple[str, float], ...]
    vectors: "WordVectors" = field(repr=False, compare=False)

    def __str__(self) -> str:
        return ", ".join(f"{word} {cosine:.3f}" for word, cosine in self.words)

    def to_json(self) -> dict[str, Any]:
        """Question and words."""
        return {"question": list(self.question), "nearest": [list(pair) for pair in self.words]}

    def plot(self) -> "Figure":
        """The question's words and their neighbourhoods, as a matplotlib figure."""
        return self.vectors.plot(self.question, also=[word for word, _ in self.words])


class WordVectors(Vectors, Predictor[Options]):
    """Word vectors that answer: ``"king"`` with its neighbours, ``"man king woman"`` with a queen.

    ``WordVectors.load`` reads a file as ``Vectors.load`` does.
    """

    model: nn.Module  # of a card; vectors that were read from a file have none
    device = torch.device("cpu")  # where NumPy looks them up
    top_k = Options().top_k

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "WordVectors":
        """The vectors of a card: its model's only parameter, a row for each word.

        Raises:
            BadFile: if there are no words, or not as many as rows.
            BadInput: for ``top_k`` below 1.
        """
        table = next(model.parameters()).detach().float().cpu()
        words = WordFrontEnd.from_card(card.front_end, vocabulary).vocabulary.words
        if table.shape[:1] != (len(words),):
            had = f"{len(words)} words for {len(table)} vectors"
            raise BadFile(f"{card.name} holds {had}; do not use it")
        if options.top_k < 1:
            raise BadInput(f"top_k must be at least 1, got {options.top_k}")
        vectors = cls(words, table.numpy())
        vectors.model, vectors.top_k = model.eval(), options.top_k
        return vectors

    def __call__(self, raw: Any) -> Any:
        """Answer a text of one word or of three, or each of a list or tuple of texts.

        Raises:
            UnknownName: for an unknown word, with the near ones.
            BadInput: for another number of words.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        words = (raw,) if raw in self else tuple(str(raw).split())  # a word may hold spaces
        if len(words) == 1:
            nearest = self.most_similar(words[0], self.top_k)
        elif len(words) == 3:
            nearest = self.analogy(*words, n=self.top_k)
        else:
            raise BadInput(f"expected a word, or three (a is to b as c is to ?), got {raw!r}")
        return NearestWords(words, tuple(nearest), self)

    def plot(self, words: Sequence[str], *, also: Sequence[str] = (), seed: int = 0) -> "Figure":
        """A t-SNE picture of words and the neighbourhood of each, as a matplotlib figure.

        Args:
            also: words to draw besides them.

        Raises:
            UnknownName: for an unknown word, with the near ones.
            BadInput: if there are fewer than three words to draw.
        """
        from zoo.viz.embedding import embedding

        words = [words] if isinstance(words, str) else list(words)
        circles: list[Neighbours] = [self.most_similar(word, DRAWN) for word in words]
        groups = {word: number for number, word in enumerate(words)}  # a word is drawn once
        for number, circle in enumerate(circles):
            for word, _ in circle:
                groups.setdefault(word, number)
        for word in also:
            groups.setdefault(word, len(words))
        rows = [self.row(word) for word in groups]
        figure: Figure = embedding(list(groups), self.unit[rows], list(groups.values()), seed=seed)
        return figure

    def vector_input(self) -> str:
        """The first words that hold no space."""
        return " ".join([word for word in self.words if word.split() == [word]][:PROBED])

    def output_of(self, text: str) -> Tensor:
        """The mean (D,) of the words' vectors.

        Raises:
            BadFile: if one is unknown: the card's test vector is not of these words.
        """
        words = text.split()
        if not words or not all(word in self for word in words):
            raise BadFile("the card's test vector is of words that the file does not hold")
        return torch.from_numpy(self.matrix[[self.row(word) for word in words]]).mean(0)


PREDICTOR = WordVectors
