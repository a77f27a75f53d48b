"""A trigger word: "alexa" of Picovoice's benchmark, and words of one's own.

The number to reach is a goal of this zoo, for nobody has published one on these clips alone: at
most 10 % of the held-out words missed at 10 dB of signal-to-noise ratio, at one false alarm per
hour. Notes: course 5, week 3, "Trigger word detection".
Proof: tests/recipes/test_trigger_word.py.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from zoo import cards
from zoo.cards import Card
from zoo.data.audio.log_mel import LogMel
from zoo.data.own.trigger_word import own_data
from zoo.datasets.alexa import alexa
from zoo.engine.loop import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.pretrained.create import from_card
from zoo.recipes.override import convert
from zoo.recipes.recipe import Claim, FitRecipe, recipe
from zoo.tasks.trigger_word import TriggerWordTask

ADAMW = partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01)
STEPS = 1200
ROUNDS = 6  # evaluations on dev in a run
EMA = 0.99  # of the weights: a step more or less moves the few false alarms that count
ARCH = "trigger_word"  # the course's network reads another spectrum, at another rate


@recipe("trigger_word.alexa")
def trigger_word_alexa() -> FitRecipe:
    """A small GRU on log-mel, on streams made on the fly; what was best on dev is kept."""
    return FitRecipe(
        name="trigger_word.alexa",
        arch=ARCH,
        data=alexa,
        task=TriggerWordTask,
        optimizer=ADAMW,
        lr=0.005,
        schedule=one_cycle(rise=0.2),
        batch_size=16,
        steps=STEPS,
        half=True,
        extras=_extras(STEPS),
        claim=Claim("missed", paper=10.0, within=0.0, source="the goal set for this zoo"),
    )


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train from fresh weights on a folder with ``word/``, ``other/`` and ``background/``.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``; BadInput for another network.
    """
    return _own(arch, data, texts).override(**texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Go on from a listener's weights on a folder of one's own, with another word or the same.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    card = cards.card(weights)
    made = replace(_own(card.arch, data, texts), start=weights, lr=0.002, begin=_continued)
    return replace(made, arguments=dict(card.arguments)).override(**texts)


def evaluation(card: Card, model: Any, data: Path) -> TriggerWordTask:
    """The task that measures a listener on the test part of a folder, with the card's threshold."""
    record = {k: v for k, v in card.front_end.items() if k not in ("threshold", "refractory")}
    threshold = float(card.front_end["threshold"])
    return TriggerWordTask(
        model, own_data(data), front_end=LogMel.from_card(record), threshold=threshold
    )


def _continued(recipe: FitRecipe) -> Any:
    """The network of ``recipe.start``, its output layer too."""
    return from_card(cards.card(str(recipe.start)), **recipe.arguments)


def _extras(steps: int) -> Extras:
    return Extras(
        clip=1.0,
        ema=EMA,
        evaluate_every=max(steps // ROUNDS, 1),
        log_every=max(steps // (2 * ROUNDS), 1),
        patience=ROUNDS,  # all of them: it never stops early, and the best is kept
    )


def _own(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    if arch != ARCH:
        raise BadInput(f"{arch} takes no data of your own; zoo train {ARCH} --data {data} does")
    own_data(data)  # what is wrong with it is said now
    steps = convert("steps", texts["steps"], int) if "steps" in texts else STEPS
    name = data.resolve().name
    tag = "".join(c if c.isalnum() else "-" for c in name) or "own"
    return replace(
        trigger_word_alexa(),
        name=f"{arch}.{tag}",
        data=partial(own_data, data),
        steps=steps,
        seeds=1,
        extras=_extras(steps),
        claim=Claim("missed", paper=None, within=0.0, source="your own data"),
    )
