"""A recipe for the user's text: ``zoo train lstm --data FILE.txt``, ``zoo finetune WEIGHTS``.

By characters, or with ``level=words`` by words. The numbers here are chosen so that nothing has to
be set: the run is as long as the text, it stops when the dev part no longer gains, and what is kept
is what was best there. Proof: tests/recipes/own/test_language_model.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, registry
from zoo.data.own.language_model import own_data, own_test
from zoo.data.text.token_stream import TextSplits
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.common import known_words, loop_options, run_length, run_name, with_words
from zoo.recipes.own.find import Load
from zoo.tasks.language_model import LanguageModelTask

STREAMS = 32  # read side by side at most
LENGTH = {"characters": 100, "words": 35}  # of a chunk
PASSES = 20
NETWORK: dict[str, dict[str, Any]] = {
    "characters": {"embedding_dim": 64, "hidden_size": 512, "num_layers": 1, "dropout": 0.3},
    "words": {
        "embedding_dim": 256,
        "hidden_size": 256,
        "num_layers": 2,
        "dropout": 0.5,
        "tie_weights": True,
    },
}


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from fresh weights on a text.

    Args:
        texts: fields to change; ``level=words`` reads words instead of characters.

    Raises:
        Missing, BadFile, BadInput: for a text that cannot be read or is too short.
    """
    level = texts.get("level", "characters")
    if level not in NETWORK:
        raise BadInput(f"level must be characters or words, got {level!r}")
    read = cache(partial(own_data, data, level))
    recipe = _recipe(arch, data, level, read, NETWORK[level], texts)
    return recipe.override(**{k: v for k, v in texts.items() if k != "level"})


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Go on from weights; what they have not seen joins their vocabulary with fresh rows.

    An adaptive softmax keeps the vocabulary it has: its clusters are by frequency.

    Args:
        texts: fields to change; the level is the weights' own.
    """
    card = cards.card(weights)
    level = str(card.front_end["level"])
    if texts.get("level", level) != level:
        raise BadInput(f"{weights} reads {level}, got level={texts['level']}")
    model, known = with_words(card)
    grow = not card.arguments.get("cutoffs")
    read = cache(partial(own_data, data, level, known, grow=grow))
    recipe = _recipe(card.arch, data, level, read, card.arguments, texts)
    recipe = replace(recipe, start=weights, begin=partial(grown, model), lr=0.001)
    return recipe.override(**{k: v for k, v in texts.items() if k != "level"})


def evaluation(card: cards.Card, load: Load, data: Path) -> LanguageModelTask:
    """The task that measures ``model`` on all of a text."""
    model, vocabulary = load()
    level, words = str(card.front_end["level"]), known_words(card, vocabulary)
    return LanguageModelTask(model, own_test(data, level, words))


def grown(old: nn.Module, run: FitRecipe) -> nn.Module:
    """A network like ``old`` with room for more words; the rows of new ones are fresh."""
    new = registry.build(run.arch, **run.arguments)
    mine = new.state_dict()
    with torch.no_grad():
        for name, tensor in old.state_dict().items():
            have, want = tuple(tensor.shape), tuple(mine[name].shape)
            grows = name.startswith(("embedding.", "output.")) and want[0] > have[0]
            if have[1:] != want[1:] or not (grows or have == want):
                raise BadInput(f"{name} of {run.start} is {have}; the fields ask for {want}")
            mine[name][: len(tensor)] = tensor
    return new


def _recipe(
    arch: str,
    data: Path,
    level: str,
    read: Callable[[], TextSplits],
    arguments: Mapping[str, Any],
    texts: dict[str, str],
) -> FitRecipe:
    found = read()
    length = min(LENGTH[level], max(1, found.train.targets // 4))
    streams = max(1, min(STREAMS, found.train.targets // (4 * length)))
    passes = PASSES * found.train.targets // (streams * length)
    steps = run_length(passes, texts, fewest=200, most=20_000)
    return FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments={**arguments, "vocab_size": len(found.vocabulary)},
        data=read,
        task=partial(LanguageModelTask, sequence_length=length),
        optimizer=partial(torch.optim.AdamW, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01),
        lr=0.004,
        schedule=one_cycle(rise=0.1),
        batch_size=streams,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "cross_entropy", clip=1.0),
        claim=Claim("cross_entropy", paper=None, within=0.0, source="your data", unit="nats"),
    )
