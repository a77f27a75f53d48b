"""A recipe for the user's sentences: ``zoo train sentiment --data X.csv``, ``zoo finetune``.

The file is a CSV of text and label (zoo/data/own/text_classification.py). As for pictures, nothing
has to be set: the run is as long as the table is large, it stops when dev no longer gains, and what
is kept is what was best there. Proof: tests/recipes/own/test_text_classification.py.
"""

from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from torch import nn

from zoo import cards
from zoo.data.own import LICENCE
from zoo.data.own.text_classification import own_data, own_test
from zoo.data.text.sentences import SentenceFrontEnd, SentenceSplits
from zoo.data.text.vectors import Vectors
from zoo.engine.schedule import one_cycle
from zoo.nn.embedding import grow
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.start_from_vectors import start_from_vectors
from zoo.recipes.own.common import (
    known_words,
    loop_options,
    published_rate,
    run_length,
    run_name,
    with_words,
)
from zoo.recipes.own.find import Load
from zoo.recipes.own.gradual import gradually
from zoo.recipes.sentiment import ADAMW
from zoo.tasks.text_classification import TextClassificationTask

BATCH, PASSES = 32, 20
LARGEST = 50_000  # words of a vocabulary of the user's data
RATE = 0.002  # of an architecture without a published run
NEW = 3  # how often a word must occur that the weights do not know, to get a vector


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from fresh weights on a CSV.

    Args:
        texts: fields to change; ``vectors=FILE`` begins with word vectors (any format that
            ``Vectors.load`` reads).

    Raises:
        Missing, BadFile, BadInput: as ``own_data``; UnknownName for a field that is none.
    """
    texts = dict(texts)
    file = texts.pop("vectors", None)
    vectors = Vectors.load(file) if file else None
    if vectors and "embedding_dim" not in texts:
        texts["embedding_dim"] = str(vectors.dim)
    read = cache(partial(own_data, data, most=LARGEST))
    recipe = _recipe(arch, data, read, {}, texts).override(**texts)
    return start_from_vectors(vectors, recipe) if vectors else recipe


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Go on from weights on a CSV.

    The vocabulary stays, and words of the table that occur three times are added to it with fresh
    vectors. For other classes than the weights' there is a new head, which learns alone for a tenth
    of the run; for the same ones the old head learns on.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``; UnknownName for a field that is none.
    """
    card = cards.card(weights)
    model, vocabulary = with_words(card)
    read = cache(partial(own_data, data, vocabulary.words, least=NEW, most=LARGEST))
    recipe = _recipe(card.arch, data, read, card.arguments, texts)
    same = read().train.classes == tuple(card.classes)
    begin = partial(_continued, model, same)
    recipe = replace(recipe, start=weights, begin=begin, lr=recipe.lr / 2)
    return gradually(
        recipe, texts, head_only=0.0 if same else 0.1, unfreeze_by=0.0 if same else 1 / 3
    )


def evaluation(card: cards.Card, load: Load, data: Path) -> TextClassificationTask:
    """The task that measures ``model`` on a CSV with the card's classes."""
    model, vocabulary = load()
    front_end = SentenceFrontEnd.from_card(card.front_end, known_words(card, vocabulary))
    whole = own_test(data, tuple(card.classes), front_end)
    splits = SentenceSplits(data.stem, LICENCE, whole, whole, whole, front_end)
    return TextClassificationTask(model, splits)


def _continued(trained: nn.Module, same: bool, recipe: FitRecipe) -> nn.Module:
    """A copy of ``trained`` with a vector for each word of the recipe's vocabulary."""
    model: Any = grow(deepcopy(trained), recipe.arguments["vocab_size"])
    if not same:
        model.reset_classifier(recipe.arguments["num_classes"])
    return model


def _recipe(
    arch: str, data: Path, read: Any, arguments: dict[str, Any], texts: dict[str, str]
) -> FitRecipe:
    splits = read()
    sizes = {"vocab_size": len(splits.vocabulary), "num_classes": len(splits.train.classes)}
    passes = PASSES * len(splits.train) // BATCH
    steps = run_length(passes, texts, fewest=500, most=10_000)
    return FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments={**arguments, **sizes},
        data=read,
        task=partial(TextClassificationTask, balance=True),
        optimizer=ADAMW,
        lr=published_rate(arch, RATE),
        schedule=one_cycle(rise=0.1),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "balanced_error"),
        claim=Claim("error", paper=None, within=0.0, source="your data"),
    )
