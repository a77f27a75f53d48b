"""Mikolov et al. 2013: word2vec vectors learned from a text.

Settings are those of the published program for skip-gram (sample = 1e-3 too), but for ten epochs
where it has five, and for negatives that are shared by a window.
Proof: tests/recipes/test_word2vec.py.
"""

from dataclasses import dataclass
from typing import Any

import torch

from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.novels import novels
from zoo.engine.seed import seed_everything
from zoo.errors import BadInput
from zoo.models.word2vec import Word2Vec
from zoo.nn.word_vector_table import WordTable
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.common.vectors_recipe import VectorsRecipe
from zoo.trainers.pieces import Watch
from zoo.trainers.word2vec import Word2VecSettings, train_word2vec


@dataclass(frozen=True)
class Start:
    """Vectors to go on from: a row (D,) for each word."""

    vocabulary: Vocabulary
    table: WordTable


def word2vec_vectors(
    corpus: Corpus,
    settings: Word2VecSettings,
    device: Any = "cpu",
    watch: Watch | None = None,
    *,
    start: Start | None = None,
) -> tuple[WordTable, Vocabulary, list[float]]:
    """The vectors learned from a text, their vocabulary, and the loss of each epoch.

    Args:
        device: of the returned vectors; ``settings.backend`` determines where they are trained.
        start: vectors of another text to go on from. Its words that the text has begin with these,
            those that it has not keep them, and the text's other words join behind. The second
            table begins with zeros, for it is no part of trained weights.

    Raises:
        BadInput, BadFile, NotFinite, Missing: as ``Corpus`` and ``train_word2vec``; BadInput for a
            start of another dimension, or without a word of the text.
    """
    vocabulary, counts = corpus.frequent(settings.min_count, settings.max_vocab_size)
    text = corpus.encode(vocabulary)
    seed_everything(settings.seed)
    model = Word2Vec(len(vocabulary), settings.embedding_dim, settings.cbow_grad)
    if start:
        _begin_with(start, vocabulary, model.table)
    model.to("cpu" if settings.compiled(device) else device)
    losses = train_word2vec(model, text, counts, settings, watch)
    table = model.table.to(device)
    if start:
        table, vocabulary = _joined(start, vocabulary, table)
    return table, vocabulary, losses


@torch.no_grad()
def _begin_with(start: Start, vocabulary: Vocabulary, table: WordTable) -> None:
    """Give the words that both know the start's vectors."""
    old, new = start.table.vectors.weight, table.vectors.weight
    if old.shape[1] != new.shape[1]:
        got = f"{old.shape[1]} numbers, the fields ask for {new.shape[1]}"
        raise BadInput(f"the vectors to go on from have {got}; leave embedding_dim out")
    rows = [(row, at) for row, word in enumerate(vocabulary.words)
            if (at := start.vocabulary.index.get(word)) is not None]  # fmt: skip
    if not rows:
        raise BadInput(
            f"none of the {len(vocabulary):,} words of the text has a vector to go on from; are "
            "they cut as those of the weights? tokens=blanks, lower or words"
        )
    ours, theirs = torch.tensor(rows).T
    new[ours] = old[theirs].to(new)


@torch.no_grad()
def _joined(start: Start, vocabulary: Vocabulary, table: WordTable) -> tuple[WordTable, Vocabulary]:
    """The start's words in their order, as far as the text has them with its vectors, then new."""
    words = Vocabulary(dict.fromkeys((*start.vocabulary.words, *vocabulary.words)))
    joined = WordTable(len(words), table.vectors.embedding_dim).to(table.vectors.weight)
    weight = joined.vectors.weight
    weight[: len(start.vocabulary)] = start.table.vectors.weight.to(weight)
    weight[[words.index[word] for word in vocabulary.words]] = table.vectors.weight
    return joined, words


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
