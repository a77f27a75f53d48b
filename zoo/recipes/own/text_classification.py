"""A recipe for sentences of your own: ``zoo train sentiment --data X.csv``, ``zoo finetune``.

The file is a CSV of text and label (zoo/data/own/text_classification.py). As for pictures, nothing
has to be set: the run is as long as the table is large, it stops when dev no longer gains, and what
is kept is what was best there. Proof: tests/recipes/own/test_text_classification.py.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from zoo import cards
from zoo.data.own import LICENCE
from zoo.data.own.text_classification import own_data, own_test
from zoo.data.text.sentences import SentenceFrontEnd, SentenceSplits
from zoo.data.text.vectors import Vectors
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.finetune import Tuning
from zoo.engine.loop import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadFile
from zoo.nn.embedding import grow
from zoo.pretrained.create import assemble
from zoo.recipes.override import convert
from zoo.recipes.own.classification import (
    FEWEST,
    LOWEST,
    MOST,
    PASSES,
    PATIENCE,
    ROUNDS,
    count_blocks,
)
from zoo.recipes.recipe import Claim, FitRecipe
from zoo.recipes.sentiment import ADAMW, RATES, start_from
from zoo.tasks.text_classification import TextClassificationTask

BATCH = 32
LARGEST = 50_000  # words of a vocabulary of one's own
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
    recipe = _recipe(arch, data, partial(_fresh, data), {}, texts).override(**texts)
    return start_from(vectors, recipe) if vectors else recipe


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
    recipe = _recipe(card.arch, data, partial(_known, data, weights), card.arguments, texts)
    same = recipe.data().train.classes == tuple(card.classes)
    gradual = Tuning(alone=0.0 if same else 0.1, unfreeze=0.0 if same else 1 / 3)
    begin = partial(_continued, same)
    rate = RATES[card.arch] / 2
    recipe = replace(recipe, start=weights, begin=begin, lr=rate, tuning=gradual)
    recipe = recipe.override(**texts)
    blocks, tuning = count_blocks(recipe), recipe.tuning or gradual
    if "decay" not in texts:
        tuning = replace(tuning, decay=round(LOWEST ** (1 / max(blocks - 1, 1)), 6))
    tuning.check(blocks)
    return replace(recipe, tuning=tuning)


def evaluation(card: cards.Card, model: nn.Module, data: Path) -> TextClassificationTask:
    """The task that measures ``model`` on a CSV with the card's classes."""
    front_end = SentenceFrontEnd.from_card(card.front_end, _words(card))
    test = own_test(data, tuple(card.classes), front_end)
    splits = SentenceSplits(data.stem, LICENCE, test, test, test, front_end)
    return TextClassificationTask(model, splits)


def _fresh(data: Path) -> SentenceSplits:
    return own_data(data, most=LARGEST)


def _known(data: Path, weights: str) -> SentenceSplits:
    """The table in the words of the weights, and its own frequent ones after them."""
    return own_data(data, _words(cards.card(weights)).words, least=NEW, most=LARGEST)


def _words(card: cards.Card) -> Vocabulary:
    words = assemble(card)[1]
    if words is None:
        raise BadFile(f"the weights of {card.name} have no vocabulary")
    return Vocabulary.unpack(words)


def _continued(same: bool, recipe: FitRecipe) -> nn.Module:
    """The network of ``recipe.start`` with a vector for each word of the recipe's vocabulary."""
    model: Any = grow(assemble(cards.card(str(recipe.start)))[0], recipe.arguments["vocab_size"])
    if not same:
        model.reset_classifier(recipe.arguments["num_classes"])
    return model


def _recipe(
    arch: str, data: Path, read: Any, arguments: dict[str, Any], texts: dict[str, str]
) -> FitRecipe:
    splits = read()
    sizes = {"vocab_size": len(splits.vocabulary), "num_classes": len(splits.train.classes)}
    steps = min(max(PASSES * len(splits.train) // BATCH, FEWEST), MOST)
    if "steps" in texts:  # the rounds follow
        steps = convert("steps", texts["steps"], int)
    tag = "".join(c if c.isalnum() else "-" for c in data.stem) or "own"
    return FitRecipe(
        name=f"{arch}.{tag}",
        arch=arch,
        arguments={**arguments, **sizes},
        data=read,
        task=partial(TextClassificationTask, balance=True),
        optimizer=ADAMW,
        lr=RATES[arch],
        schedule=one_cycle(rise=0.1),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        extras=Extras(
            evaluate_every=max(steps // ROUNDS, 1),
            log_every=max(steps // (3 * ROUNDS), 1),
            patience=PATIENCE,
            watch="balanced_error",
        ),
        claim=Claim("error", paper=None, within=0.0, source="your own data"),
    )
