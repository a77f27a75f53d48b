"""A recipe for the user's trigger word: ``zoo train trigger_word --data DIR``, ``zoo finetune``.

DIR holds ``word/``, ``other/`` and ``background/``. Proof: tests/recipes/own/test_trigger_word.py.
"""

from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from zoo import cards
from zoo.cards import Card
from zoo.data.audio.operating_point import from_card as from_front_end
from zoo.data.audio.trigger_recordings import joined
from zoo.data.own.told import what_was_read
from zoo.data.own.trigger_word import own_data
from zoo.errors import BadInput
from zoo.pretrained.create import from_card
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import ALL, Measurable, Wanted
from zoo.recipes.own.common import run_length, run_name, skipping
from zoo.recipes.own.find import Load
from zoo.recipes.trigger_word import ARCH, STEPS, trigger_loop_options, trigger_word_alexa
from zoo.tasks.trigger_word import FRONT_END, TriggerWordTask


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train from scratch on a folder with ``word/``, ``other/`` and ``background/``.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``; BadInput for another architecture.
    """
    skip_bad, texts = skipping(texts)
    return _recipe(arch, data, texts, skip_bad).override(**texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune the weights of a detector on the user's folder, for another word or the same.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    card = cards.card(weights)
    skip_bad, texts = skipping(texts)
    front_end, _ = from_front_end(card.front_end, card.name)
    recipe = _recipe(card.arch, data, texts, skip_bad)
    recipe = replace(recipe, start=weights, lr=0.002, make_model=_trained_network)
    if front_end != FRONT_END:  # of weights from before sound was levelled
        recipe = replace(recipe, task=partial(TriggerWordTask, front_end=front_end))
    return replace(recipe, arguments=dict(card.arguments)).override(**texts)


def evaluation(card: Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates a detector on a folder, at the card's threshold.

    That is the test part of the folder that it was trained on, and all clips of another one.
    """
    splits = own_data(data, skip_bad=wanted.skip_bad)
    front_end, point = from_front_end(card.front_end, card.name)
    parts = splits.parts()
    choice = wanted.choose_part(data, splits.examples(), "clips")
    part = joined(list(parts.values())) if choice.split == ALL else parts[choice.split]
    told = (what_was_read("clips of the word", {choice.split: len(part)}), *splits.notices[1:])
    splits = replace(splits, train=part, dev=part, test=part, only=choice.split, notices=told)
    model, _ = load()
    task = TriggerWordTask(model, splits, front_end=front_end, threshold=point.threshold)
    return Measurable(task, choice)


def _trained_network(recipe: FitRecipe) -> Any:
    """The network of ``recipe.start``, including its output layer."""
    return from_card(cards.card(str(recipe.start)), **recipe.arguments)


def _recipe(arch: str, data: Path, texts: dict[str, str], skip_bad: bool) -> FitRecipe:
    if arch != ARCH:
        raise BadInput(f"{arch} takes no data of yours; zoo train {ARCH} --data {data} does")
    read = cache(partial(own_data, data, skip_bad=skip_bad))
    read()  # data that cannot be used are refused now
    steps = run_length(STEPS, texts, minimum=STEPS, maximum=STEPS)
    return replace(
        trigger_word_alexa(),
        name=run_name(arch, data),
        data=read,
        steps=steps,
        seeds=1,
        options=trigger_loop_options(steps),
        claim=Claim("miss_rate", paper=None, within=0.0, source="your data"),
    )
