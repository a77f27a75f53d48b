"""Mikolov et al. 2013: word2vec vectors learned from a text.

Settings are those of the published program for skip-gram, with weaker subsampling, which would
discard too much of a small text. Proof: tests/recipes/test_word2vec.py.
"""

from typing import Any

from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.novels import novels
from zoo.engine.seed import seed_everything
from zoo.models.word2vec import Word2Vec
from zoo.nn.word_vector_table import WordTable
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.common.vectors_recipe import VectorsRecipe
from zoo.trainers.pieces import Watch
from zoo.trainers.word2vec import Word2VecSettings, train_word2vec


def word2vec_vectors(
    corpus: Corpus, settings: Word2VecSettings, device: Any = "cpu", watch: Watch | None = None
) -> tuple[WordTable, Vocabulary, list[float]]:
    """The vectors learned from a text, their vocabulary, and the loss of each epoch.

    Args:
        device: of the returned vectors; ``settings.backend`` determines where they are trained.

    Raises:
        BadInput, BadFile, NotFinite, Missing: as ``Corpus`` and ``train_word2vec``.
    """
    vocabulary, counts = corpus.frequent(settings.min_count, settings.max_vocab_size)
    text = corpus.encode(vocabulary)
    seed_everything(settings.seed)
    model = Word2Vec(len(vocabulary), settings.embedding_dim, settings.cbow_grad)
    model.to("cpu" if settings.compiled(device) else device)
    losses = train_word2vec(model, text, counts, settings, watch)
    return model.table.to(device), vocabulary, losses


PEER = "gensim 4.4.0, same text and settings, 3 seeds from 45.32 (zoo bench word2vec_quality)"
NOVELS = Word2VecSettings(epochs=10, max_vocab_size=30_000)


@recipe("word2vec.novels")
def word2vec_novels() -> VectorsRecipe:
    """Ten epochs of skip-gram over 15 novels; the 30,000 most frequent words ship."""
    return VectorsRecipe(
        name="word2vec.novels",
        arch="word2vec",
        data=novels,
        learn=word2vec_vectors,
        hyperparameters=NOVELS,
        claim=Claim(
            "spearman", paper=46.16, within=0.84, source=PEER, unit="x 100", better="higher"
        ),
    )
