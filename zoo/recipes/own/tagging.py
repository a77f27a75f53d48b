"""A recipe for the user's tagged sentences: ``zoo train tagger --data FILE``, ``zoo finetune``.

The defaults need no tuning: the number of steps follows from the number of sentences, the run stops
when the score on dev no longer improves, and the best weights on dev are kept.
Proof: tests/recipes/own/test_tagging.py.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from zoo import cards
from zoo.cards import Card
from zoo.data.front_end import needed
from zoo.data.own import LICENCE
from zoo.data.own.tagging import own_data, to_measure
from zoo.data.text.conll_columns import Asked
from zoo.data.text.tagged import Sentences, TagFrontEnd, TaggedSplits, classes_of
from zoo.engine.schedule import one_cycle
from zoo.engine.unfreezing import Tuning
from zoo.errors import BadInput
from zoo.options import convert
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import (
    loop_options,
    refuse_skipping,
    run_length,
    run_name,
    vocabulary_of,
)
from zoo.recipes.own.find import Load
from zoo.tasks.tagging import TaggingTask

BATCH, EPOCHS = 16, 20


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train a tagger from scratch on a CoNLL file, or a folder of train, dev and test.

    Args:
        texts: fields to change; ``word_column=2 tag_column=4`` name the columns of the file, from
            1, where they cannot be found out.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    refuse_skipping("a file of tagged words", texts)
    asked, texts = _asked(texts)
    read = cache(partial(own_data, data, asked=asked))
    front_end = read().front_end
    sizes = {
        "vocab_size": len(front_end.vocabulary),
        "char_vocab_size": front_end.character_rows,
    }
    return _recipe(arch, data, read, sizes, texts).override(**texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune a tagger's weights with a new head for the tags of a CoNLL file.

    Only the head is trained in the first tenth of the run; the embeddings are too after a third.
    Words that the weights do not know stay unknown, but their characters are used.

    Args:
        texts: fields to change; ``word_column`` and ``tag_column`` as of ``own_recipe``.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    refuse_skipping("a file of tagged words", texts)
    asked, texts = _asked(texts)
    card = cards.card(weights)
    front_end = TagFrontEnd.from_card(card.front_end, vocabulary_of(card))
    read = cache(partial(own_data, data, front_end, asked))
    recipe = _recipe(card.arch, data, read, dict(card.arguments), texts)
    gradual = Tuning(head_only=0.1, unfreeze_by=1 / 3)
    return replace(recipe, start=weights, lr=0.001, tuning=gradual).override(**texts)


def evaluation(card: Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates a tagger on a CoNLL file, or on a file of a folder.

    Raises:
        BadInput: for a tag that the tagger does not have.
    """
    wanted.refuse_skipping("a file of tagged words")
    classes = tuple(card.classes)
    parts, notes = to_measure(data, wanted.needed)
    for tag in classes_of(*parts.values()):
        if tag not in classes:
            raise BadInput(f"{data}: {card.name} has no tag {tag!r}; it has {', '.join(classes)}")
    sentences = {name: Sentences(tuple(items), classes) for name, items in parts.items()}
    choice = wanted.choose(data, {name: part.digests() for name, part in sentences.items()})
    items = [item for part in parts.values() for item in part]
    part = Sentences(tuple(items[i] for i in choice.chosen), classes)
    model, vocabulary = load()
    front_end = TagFrontEnd.from_card(card.front_end, needed(vocabulary, card.name))
    splits = TaggedSplits(data.stem, LICENCE, part, part, part, front_end, notes, choice.split)
    return Measurable(TaggingTask(model, splits), choice)


def _asked(texts: dict[str, str]) -> tuple[Asked | None, dict[str, str]]:
    """The columns that the user names, and the other fields."""
    asked = {k: convert(k, v, int) for k, v in texts.items() if k in vars(Asked())}
    return Asked(**asked) if asked else None, {k: v for k, v in texts.items() if k not in asked}


def _recipe(
    arch: str,
    data: Path,
    read: Callable[[], TaggedSplits],
    arguments: dict[str, Any],
    texts: dict[str, str],
) -> FitRecipe:
    train = read().train
    steps = run_length(EPOCHS * len(train) // BATCH, texts, minimum=400, maximum=20_000)
    return FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments={**arguments, "num_classes": len(train.classes)},
        data=read,
        task=TaggingTask,
        optimizer=ADAMW,
        lr=0.003,
        schedule=one_cycle(rise=0.2),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "f1", "higher", clip=5.0),
        claim=Claim("f1", paper=None, within=0.0, source="your data", better="higher"),
    )
