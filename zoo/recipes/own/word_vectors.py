"""Word vectors of the user's text: ``zoo train glove --data CORPUS.txt``, ``word2vec`` the same.

``zoo finetune word2vec.novels --data MORE.txt`` goes on with vectors of another text.

The text is UTF-8, plain or gzip, a file or a folder of them; ``tokens=words`` splits prose into
lower-case words, ``paragraphs=true`` ends a sentence at an empty line, ``phrases=1`` (or 2 passes)
joins words to phrases such as "new_york". Proof: tests/recipes/common/test_vectors_recipe.py.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from zoo import cards, registry
from zoo.cards import Card
from zoo.data.own.word_vectors import own_data
from zoo.data.text.tokenizers import prose_words
from zoo.errors import BadInput, unknown
from zoo.nn.word_vector_table import WordTable
from zoo.recipes.common.override import convert
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.vectors_recipe import VectorsRecipe
from zoo.recipes.glove import glove_vectors
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import model_and_vocabulary, refuse_skipping, run_name
from zoo.recipes.own.find import Load
from zoo.recipes.word2vec import Start, word2vec_vectors
from zoo.trainers.glove import GloVeSettings
from zoo.trainers.word2vec import Word2VecSettings

LEARNERS: dict[str, Any] = {
    "glove": (glove_vectors, GloVeSettings()),
    "word2vec": (word2vec_vectors, Word2VecSettings()),
}
CORPUS_FIELDS = {
    "tokens": str,
    "paragraphs": bool,
    "phrases": int,
}  # fields that determine how the text is read


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> VectorsRecipe:
    """Learn word vectors from a text with the algorithm ``arch``.

    Args:
        texts: fields to change: the algorithm's settings, ``tokens`` and ``paragraphs`` of
            ``Corpus``, and ``phrases``, the number of passes that join words.

    Raises:
        UnknownName, BadInput, Missing: for fields or a file that cannot be used.
    """
    registry.entry(arch)
    if arch not in LEARNERS:
        raise unknown("kind of word vectors", arch, LEARNERS)
    learn, defaults = LEARNERS[arch]
    return _recipe(arch, data, learn, defaults, texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> VectorsRecipe:
    """Go on with the vectors of word2vec on more text: see ``word2vec_vectors``.

    Args:
        texts: fields to change, as of ``own_recipe``. The text is cut into words as the weights'
            was, as far as their words show it: ``tokens=words`` if all are of lower-case letters.

    Raises:
        BadInput: for GloVe, which learns from the counts of all of its text.
    """
    card = cards.card(weights)
    if card.arch != "word2vec":
        raise BadInput(
            f"{weights}: {card.arch} learns from the counts of all of a text and cannot go on with "
            f"more; join the texts: zoo train {card.arch} --data FOLDER"
        )
    model, vocabulary = model_and_vocabulary(card)
    if all(prose_words(word) == [word] for word in vocabulary.words):
        texts = {"tokens": "words", **texts}
    learn = partial(word2vec_vectors, start=Start(vocabulary, cast(WordTable, model)))
    dim = int(card.arguments["embedding_dim"])
    defaults = Word2VecSettings(embedding_dim=dim)
    return replace(_recipe(card.arch, data, learn, defaults, texts), start=weights)


def _recipe(
    arch: str, data: Path, learn: Any, defaults: Any, texts: dict[str, str]
) -> VectorsRecipe:
    refuse_skipping("a text", texts)
    of_corpus = {k: convert(k, v, CORPUS_FIELDS[k]) for k, v in texts.items() if k in CORPUS_FIELDS}
    own_data(data, **of_corpus)  # a text that cannot be read is refused now
    recipe = VectorsRecipe(
        name=run_name(arch, data),
        arch=arch,
        data=partial(own_data, data, **of_corpus),
        learn=learn,
        hyperparameters=defaults,
        claim=Claim("loss", paper=None, within=0.0, source="your data", unit=""),
        scored=False,
        seeds=1,
        half=False,
    )
    return recipe.override(**{k: v for k, v in texts.items() if k not in CORPUS_FIELDS})


def evaluation(card: Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """Not offered: word vectors have no score on a text."""
    raise BadInput(
        f"{card.name} has no score on a text: word vectors are scored by published word tests, as "
        "zoo evaluate word2vec.novels does"
    )
