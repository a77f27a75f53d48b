"""Pennington et al. 2014: from a text to GloVe vectors.

Settings are the paper's (sec. 4.2: 10 words each way, x_max 100, alpha 3/4, rate 0.05, 50 epochs
for vectors below 300 numbers) except ``x_max`` of the novels: 10, as the authors' demonstration and
their vectors of 2024 have it, because 4 million words hold few pairs a hundred times.
Proof: tests/recipes/test_glove.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from zoo.data.text.cooccurrence import Cooccurrence, cooccurrence
from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.novels import novels
from zoo.engine.seed import seed_everything
from zoo.models.glove import GloVe
from zoo.nn.word_table import WordTable
from zoo.recipes.recipe import Claim, recipe
from zoo.recipes.vectors_recipe import VectorsRecipe
from zoo.trainers.glove import AdaGrad, train_glove


@dataclass(frozen=True)
class GloVeRun:
    """Everything that decides the vectors, besides the text.

    Attributes:
        embedding_dim: numbers in a vector.
        window: words on each side; distances are counted without the unknown ones.
        min_count, max_vocab_size: which words get a vector, the most frequent ones.
        epochs: passes over the non-zero cells.
        memory: MiB for counting; the rest goes through the folder of temporary files.
        eta, x_max, alpha, update, threads, seed: see ``AdaGrad``.
    """

    embedding_dim: int = 100
    window: int = 10
    min_count: int = 5
    max_vocab_size: int | None = None
    epochs: int = 25
    memory: int = 1024
    eta: float = 0.05
    x_max: float = 100.0
    alpha: float = 0.75
    update: Literal["authors", "textbook"] = "authors"
    threads: int = 1
    seed: int = 0

    def count(self, corpus: Corpus) -> tuple[Vocabulary, Cooccurrence]:
        """The words and the non-zero cells. ``<unk>`` in a text is a word like any other.

        Raises:
            BadInput, BadFile: as ``Corpus.frequent`` and ``cooccurrence``.
        """
        vocabulary, _ = corpus.frequent(self.min_count, self.max_vocab_size)
        text = corpus.encode(vocabulary)
        block = (np.asarray(text.tokens), np.asarray(text.offsets))
        pairs = cooccurrence([block], len(vocabulary), window=self.window, memory=self.memory << 20)
        return vocabulary, pairs

    def learn(
        self,
        pairs: Cooccurrence,
        device: Any = "cpu",
        say: Callable[[int, float], None] = lambda epoch, cost: None,
    ) -> tuple[GloVe, list[float]]:
        """A model from fresh weights and the cost of each epoch. Depends on the fields only.

        Raises:
            BadInput: if no two words stand near each other.
        """
        seed_everything(self.seed)
        model = GloVe(pairs.words, self.embedding_dim).to(device)
        how = AdaGrad(self.eta, self.x_max, self.alpha, self.update, self.threads, self.seed)
        return model, train_glove(model, pairs, self.epochs, how, say)

    def run(
        self,
        corpus: Corpus,
        device: Any = "cpu",
        say: Callable[[int, float], None] = lambda epoch, cost: None,
    ) -> tuple[WordTable, Vocabulary, list[float]]:
        """The vectors, their words, and the cost of each epoch."""
        vocabulary, pairs = self.count(corpus)
        model, costs = self.learn(pairs, device, say)
        return model.kept(), vocabulary, costs


NOVELS = GloVeRun(x_max=10.0, max_vocab_size=30_000)


@recipe("glove.novels")
def glove_novels() -> VectorsRecipe:
    """25 epochs over the word pairs of 15 novels; the 30,000 most frequent words ship."""
    return VectorsRecipe(
        name="glove.novels",
        arch="glove",
        data=novels,
        learn=NOVELS,
        seeds=1,
        claim=Claim("spearman", paper=None, within=0.0, source="", unit="x 100", better="higher"),
    )
