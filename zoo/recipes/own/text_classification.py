"""A recipe for the user's sentences: ``zoo train sentiment --data X.csv``, ``zoo finetune``.

The file is a CSV of text and label (zoo/data/own/text_classification.py). The defaults need no
tuning: the number of steps follows from the number of rows, the run stops when the score on dev no
longer improves, and the best weights on dev are kept.
Proof: tests/recipes/own/test_text_classification.py.
"""

from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from torch import nn

from zoo import cards
from zoo.data.front_end import needed
from zoo.data.own import LICENCE
from zoo.data.own.text_classification import encoded, kinds_of, own_data, to_measure
from zoo.data.text.sentences import SentenceFrontEnd, SentenceSplits, words_digest
from zoo.data.vectors.vectors import Vectors
from zoo.engine.schedule import one_cycle
from zoo.nn.embedding import grow
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.start_from_vectors import start_from_vectors
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import (
    loop_options,
    model_and_vocabulary,
    published_rate,
    run_length,
    run_name,
    skipping,
)
from zoo.recipes.own.find import Load
from zoo.recipes.own.gradual import with_gradual_unfreezing
from zoo.tasks.text_classification import TextClassificationTask

BATCH, EPOCHS = 32, 20
LARGEST = 50_000  # words of a vocabulary made from the user's data
RATE = 0.002  # learning rate of an architecture without a recipe
NEW = 3  # occurrences of a word unknown to the weights from which it is added to the vocabulary


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a CSV.

    Args:
        texts: fields to change; ``vectors=FILE`` initialises the embedding with word vectors (any
            format that ``Vectors.load`` reads).

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
        UnknownName: for a field that does not exist.
    """
    skip_bad, texts = skipping(texts)
    file = texts.pop("vectors", None)
    vectors = Vectors.load(file) if file else None
    if vectors and "embedding_dim" not in texts:
        texts["embedding_dim"] = str(vectors.dim)
    read = cache(partial(own_data, data, most=LARGEST, skip_bad=skip_bad))
    recipe = _recipe(arch, data, read, {}, texts).override(**texts)
    return start_from_vectors(Path(str(file)), vectors, recipe) if vectors else recipe


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights on a CSV.

    New words that occur three times are added to the vocabulary with newly initialised vectors. If
    the classes are not those of the weights there is a new head, and only the head is trained in
    the first tenth of the run; otherwise the old head is kept.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
        UnknownName: for a field that does not exist.
    """
    card = cards.card(weights)
    model, vocabulary = model_and_vocabulary(card)
    skip_bad, texts = skipping(texts)
    words = partial(own_data, data, vocabulary.words, least=NEW, most=LARGEST)
    read = cache(partial(words, skip_bad=skip_bad))
    recipe = _recipe(card.arch, data, read, card.arguments, texts)
    same = read().train.classes == tuple(card.classes)
    make_model = partial(_with_larger_vocabulary, model, same)
    recipe = replace(recipe, start=weights, make_model=make_model, lr=recipe.lr / 2)
    return with_gradual_unfreezing(
        recipe, texts, head_only=0.0 if same else 0.1, unfreeze_by=0.0 if same else 1 / 3
    )


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on a CSV with the card's classes."""
    parts, notices = to_measure(data, tuple(card.classes), wanted.needed, skip_bad=wanted.skip_bad)
    stated = {name: [(words_digest(row.content),) for row in part] for name, part in parts.items()}
    choice = wanted.choose(data, stated)
    rows = [row for part in parts.values() for row in part]
    rows = [rows[i] for i in choice.chosen]
    model, vocabulary = load()
    front_end = SentenceFrontEnd.from_card(card.front_end, needed(vocabulary, card.name))
    part = encoded(rows, tuple(card.classes), front_end)
    notices = (choice.read(kinds_of(rows)), *notices)
    splits = SentenceSplits(
        data.stem, LICENCE, part, part, part, front_end, notices=notices, only=choice.split
    )
    return Measurable(TextClassificationTask(model, splits), choice)


def _with_larger_vocabulary(trained: nn.Module, same_classes: bool, recipe: FitRecipe) -> nn.Module:
    """A copy of ``trained`` with a vector for each word of the recipe's vocabulary."""
    model: Any = grow(deepcopy(trained), recipe.arguments["vocab_size"])
    if not same_classes:
        model.reset_classifier(recipe.arguments["num_classes"])
    return model


def _recipe(
    arch: str, data: Path, read: Any, arguments: dict[str, Any], texts: dict[str, str]
) -> FitRecipe:
    splits = read()
    sizes = {"vocab_size": len(splits.vocabulary), "num_classes": len(splits.train.classes)}
    steps = run_length(EPOCHS * len(splits.train) // BATCH, texts, minimum=500, maximum=10_000)
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
