"""Pennington et al. 2014: GloVe vectors learned from a text.

Settings are the paper's (sec. 4.2: window of 10 words each way, x_max 100, alpha 3/4, learning rate
0.05), except for 25 epochs, where the paper has 50 below 300 dimensions, and ``x_max`` for the
novels: 10, as in the authors' demonstration and their vectors of 2024, because few pairs occur a
hundred times in 4 million words.
Proof: tests/recipes/test_glove.py.
"""

from typing import Any

import numpy as np

from zoo.data.text.cooccurrence import Cooccurrence, cooccurrence
from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.novels import novels
from zoo.engine.seed import seed_everything
from zoo.models.glove import GloVe
from zoo.nn.word_vector_table import WordTable
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.common.vectors_recipe import VectorsRecipe
from zoo.trainers.glove import GloVeSettings, train_glove
from zoo.trainers.pieces import Watch


def count(corpus: Corpus, settings: GloVeSettings) -> tuple[Vocabulary, Cooccurrence]:
    """The vocabulary and the non-zero co-occurrences; ``<unk>`` in a text is an ordinary word.

    Raises:
        BadInput, BadFile: as ``Corpus.frequent`` and ``cooccurrence``.
    """
    vocabulary, _ = corpus.frequent(settings.min_count, settings.max_vocab_size)
    text = corpus.encode(vocabulary)
    block = (np.asarray(text.tokens), np.asarray(text.offsets))
    memory = settings.memory << 20
    return vocabulary, cooccurrence([block], len(vocabulary), window=settings.window, memory=memory)


def glove_vectors(
    corpus: Corpus, settings: GloVeSettings, device: Any = "cpu", watch: Watch | None = None
) -> tuple[WordTable, Vocabulary, list[float]]:
    """The vectors learned from a text, their vocabulary, and the cost of each epoch.

    Raises:
        BadInput, BadFile, NotFinite: as ``count`` and ``train_glove``.
    """
    vocabulary, pairs = count(corpus, settings)
    seed_everything(settings.seed)
    model = GloVe(pairs.words, settings.embedding_dim).to(device)
    costs = train_glove(model, pairs, settings, watch)
    return model.vectors(), vocabulary, costs


NOVELS = GloVeSettings(x_max=10.0, max_vocab_size=30_000)


@recipe("glove.novels")
def glove_novels() -> VectorsRecipe:
    """25 epochs over the word pairs of 15 novels; the 30,000 most frequent words ship."""
    return VectorsRecipe(
        name="glove.novels",
        arch="glove",
        data=novels,
        learn=glove_vectors,
        hyperparameters=NOVELS,
        seeds=1,
        claim=Claim("spearman", paper=None, within=0.0, source="", unit="x 100", better="higher"),
    )
